from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from audit import subjects


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = _("案件")

    def ready(self) -> None:
        from accounts.models import Centre
        from cases.models import Case  # models are not loaded before
        from notifications.senders import speaks_for

        subjects.expect("case", Case.objects.values_list("pk", flat=True).iterator)
        speaks_for("case", lambda pk: Centre.objects.filter(cases=pk).select_related("parent").first())
