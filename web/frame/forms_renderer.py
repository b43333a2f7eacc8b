"""How forms are drawn: label, hint, error, then the answer; choices as cards."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    form_template_name = "web/forms/_form.html"
    field_template_name = "web/forms/_field.html"
