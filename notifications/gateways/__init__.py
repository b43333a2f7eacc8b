"""Ways out of the house: `send(message)`, or GatewayError.

A gateway is a class without arguments, named by a setting. It says of itself whether it is `idempotent`: whether two
messages with the same key reach the person once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

import structlog
from django.conf import settings
from django.utils.module_loading import import_string

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Message:
    """A text to one number or address; its repr shows neither, because reprs end up in logs.

    The key is the same at every attempt of one delivery and different for everything else; empty: sent once only.
    `sign` is who writes, `content` the text without it; `kind` and `params` are for providers that keep the texts
    themselves and want a template's number and its variables.
    """

    to: str = field(repr=False)
    text: str = field(repr=False)
    subject: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    sign: str = field(default="", repr=False)
    content: str = field(default="", repr=False)
    kind: str = field(default="", repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)


class GatewayError(Exception):
    """The message did not go out, or (uncertain) may have. `code` is a word for the ledger, without personal data."""

    def __init__(self, code: str, *, permanent: bool = False, uncertain: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.uncertain = uncertain


class Gateway(Protocol):
    """Anything that takes a message away."""

    idempotent: bool

    def send(self, message: Message) -> str | None:
        """Hand the message over; return the provider's number for it, if there is one."""


def sms_gateway() -> Gateway:
    """Return the gateway that the setting SMS_GATEWAY names."""
    return _gateway(settings.SMS_GATEWAY)


def email_gateway() -> Gateway:
    """Return the gateway that the setting EMAIL_GATEWAY names."""
    return _gateway(settings.EMAIL_GATEWAY)


def gateway_for(channel: str) -> Gateway:
    """Return the gateway of a channel."""
    return sms_gateway() if channel == "SMS" else email_gateway()


def send_now(message: Message) -> bool:
    """Send a text message while somebody waits for it; return False where nobody knows whether it went out.

    Raises GatewayError where it certainly did not.
    """
    try:
        sms_gateway().send(message)
    except GatewayError as error:
        if not error.uncertain:
            raise
        log.warning("may_not_have_gone_out", error=error.code)
        return False
    except Exception as error:  # a gateway of somebody's own: nobody can tell how far it came
        log.error("gateway_broke", error=type(error).__name__)
        return False
    return True


@lru_cache(maxsize=8)
def _gateway(path: str) -> Gateway:
    gateway: Gateway = import_string(path)()
    return gateway
