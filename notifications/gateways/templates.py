"""The provider's template numbers, where it takes no free text: one for each kind of message (SMS_HTTP_TEMPLATES).

    {"sign_in_code": "SMS_1", "signing_code": {"template": "SMS_2", "params": ["{code}", "{minutes}"]}, "*": "SMS_9"}

A text of the provider's has its own variables: `params` says how ours become theirs. Without `params` all of ours are
sent by their own names. "*" stands for every kind that is not named.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from notifications.models import Kind

SIGN_IN_CODE, SIGNING_CODE, TEST = "sign_in_code", "signing_code", "test"
NEWS = "news"  # to a number that nobody has confirmed: only that there is news, and whom to call
CODES = (SIGN_IN_CODE, SIGNING_CODE)
EVERY_OTHER = "*"


@dataclass(frozen=True)
class Template:
    """One text that the provider keeps: its number there, and how our values become its variables."""

    number: str
    params: Any = None


def wanted() -> bool:
    """Say whether the provider takes template numbers: whether its request has a place for one."""
    return "{template}" in json.dumps([settings.SMS_HTTP_BODY, settings.SMS_HTTP_HEADERS])


def template_for(kind: str) -> Template | None:
    """Return the template for a kind of message, or None where no number is set for it."""
    known = settings.SMS_HTTP_TEMPLATES
    entry = known.get(kind, known.get(EVERY_OTHER))
    if isinstance(entry, dict):
        return Template(str(entry["template"]), entry.get("params"))
    return Template(str(entry)) if entry else None


def malformed() -> bool:
    """Say whether the setting is anything but an object of numbers or {"template": …, "params": …} by known kinds."""
    known = settings.SMS_HTTP_TEMPLATES
    return not isinstance(known, dict) or any(
        name not in {*Kind.values, *CODES, TEST, NEWS, EVERY_OTHER}
        or not (isinstance(entry, str) and entry or isinstance(entry, dict) and entry.get("template"))
        for name, entry in known.items()
    )
