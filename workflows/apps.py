from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkflowsConfig(AppConfig):
    name = "workflows"
    verbose_name = _("流程")

    def ready(self) -> None:
        from cases.changes import settle_with
        from workflows.turns.settle import settle  # models are not loaded before

        settle_with(settle)
