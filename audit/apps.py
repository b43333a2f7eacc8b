from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = _("审计日志")

    def ready(self) -> None:
        # The receivers need the models, so not before the apps are ready.
        from audit import sign_in_log

        sign_in_log.connect()
