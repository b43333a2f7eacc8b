"""What the environment alone cannot promise."""

import json
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from notifications.gateways import templates
from notifications.models import Kind
from notifications.texts import TEXTS

HTTP_GATEWAY = "notifications.gateways.http.HttpGateway"
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


@register()
def http_gateway_is_complete(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuse an HTTP gateway whose settings cannot make a request, now rather than at the first message."""
    if settings.SMS_GATEWAY != HTTP_GATEWAY:
        return []
    faults = {
        "SMS_HTTP_URL must be an http or https address.": not settings.SMS_HTTP_URL.startswith(("http://", "https://")),
        "SMS_HTTP_FORMAT must be json or form.": settings.SMS_HTTP_FORMAT not in {"json", "form"},
        "SMS_HTTP_BODY must be a JSON object that contains {text}, {content} or {template} and a number.": not _carries(
            settings.SMS_HTTP_BODY
        ),
        "SMS_HTTP_TEMPLATES must be a JSON object of template numbers by kinds of messages.": templates.malformed(),
        "SMS_HTTP_SUCCESS must be path=value.": bool(settings.SMS_HTTP_SUCCESS)
        and "=" not in settings.SMS_HTTP_SUCCESS,
        "SMS_HTTP_IDEMPOTENT needs {key} in SMS_HTTP_BODY or SMS_HTTP_HEADERS.": settings.SMS_HTTP_IDEMPOTENT
        and "{key}" not in json.dumps([settings.SMS_HTTP_BODY, settings.SMS_HTTP_HEADERS]),
    }
    return [Error(fault, id="notifications.E003") for fault, found in faults.items() if found]


def _carries(body: Any) -> bool:
    written = json.dumps(body)
    says = any(place in written for place in ("{text}", "{content}", "{template}"))
    return isinstance(body, dict) and says and ("{to}" in written or "{national}" in written)


@register()
def every_message_has_a_template(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Where the provider wants template numbers: refuse codes without one, name the notices without one."""
    if settings.SMS_GATEWAY != HTTP_GATEWAY or not templates.wanted() or templates.malformed():
        return []
    found: list[CheckMessage] = []
    codes = [kind for kind in templates.CODES if templates.template_for(kind) is None]
    if codes:
        fault = f"SMS_HTTP_TEMPLATES has no number for {', '.join(codes)}: no code can be sent."
        found.append(Error(fault, id="notifications.E004"))
    notices = [kind.value for kind in TEXTS if TEXTS[kind].sms and templates.template_for(kind) is None]
    if notices:
        fault = f"SMS_HTTP_TEMPLATES has no number for {', '.join(notices)}: these go by the next way."
        found.append(Warning(fault, id="notifications.W001"))
    return found
