"""What the environment alone cannot promise."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from notifications.models import Kind
from notifications.texts import TEXTS

DEVELOPMENT_GATEWAYS = ("notifications.gateways.console.", "notifications.gateways.memory.")


@register(Tags.security, deploy=True)
def sms_gateway_is_real(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a production site whose codes would end in a log or in nothing."""
    if not settings.PRODUCTION or not settings.SMS_GATEWAY.startswith(DEVELOPMENT_GATEWAYS):
        return []
    return [
        Error("SMS_GATEWAY is a gateway for development; text messages would not be sent.", id="notifications.E001")
    ]


@register()
def every_kind_has_a_sentence(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a kind of notice for which there is no sentence."""
    missing = [kind.value for kind in Kind if kind not in TEXTS]
    return [Error(f"No sentence for {', '.join(missing)}.", id="notifications.E002")] if missing else []
