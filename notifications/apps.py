from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("通知")

    def ready(self) -> None:
        # Registers the checks; they need the models, so not before the apps are ready.
        from notifications import checks  # noqa: F401
