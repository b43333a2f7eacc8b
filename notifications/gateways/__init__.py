"""Ways out of the house: `send(message)`, or GatewayError."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Message:
    """A text to one number or address; its repr shows neither, because reprs end up in logs."""

    to: str = field(repr=False)
    text: str = field(repr=False)
    subject: str = field(default="", repr=False)


class GatewayError(Exception):
    """The message did not go out. `code` is a word for the ledger and holds no personal data."""

    def __init__(self, code: str, *, permanent: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent


class Gateway(Protocol):
    """Anything that takes a message away."""

    def send(self, message: Message) -> None: ...


def sms_gateway() -> Gateway:
    """Return the gateway that the setting SMS_GATEWAY names."""
    return _gateway(settings.SMS_GATEWAY)


def email_gateway() -> Gateway:
    """Return the e-mail gateway: Django's, with its own settings."""
    return _gateway("notifications.gateways.email.EmailGateway")


@lru_cache(maxsize=8)
def _gateway(path: str) -> Gateway:
    gateway: Gateway = import_string(path)()
    return gateway
