"""How a party signs on its own phone: a plug-in, named by the setting SIGNATURE_PROVIDER.

A provider sends something that only the signer gets (`start`) and judges what comes back (`verify`). It never sees the
case; what it proves goes into the signature's record. A certificate authority is another file of this kind.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Signing:
    """Who signs what: the text by its hash, the party, the person, the phone that is the person's own."""

    agreement_id: int
    text_hash: str
    party_id: int
    user_id: int
    phone: str
    language: str = ""


@dataclass(frozen=True)
class Started:
    """What was sent, and where to, as the page may say it."""

    masked_phone: str
    sent_at: datetime
    minutes: int
    doubtful: bool = False  # nobody knows whether it went out


@dataclass(frozen=True)
class Proof:
    """What a provider found to be true, for the record; without network addresses and full phone numbers."""

    provider: str
    record: dict[str, Any] = field(default_factory=dict)


class SignatureProvider(Protocol):
    """What a way of signing must do; both raise a DomainError with a sentence fit to show."""

    name: str

    def start(self, signing: Signing, *, address: str, at: datetime) -> Started:
        """Send the signer what only the signer gets; `address` is counted against floods and not kept."""

    def sent(self, signing: Signing, *, at: datetime) -> Started | None:
        """Return what was sent last and can still be answered, or None."""

    def verify(self, signing: Signing, answer: str, *, at: datetime) -> Proof:
        """Judge the answer, once."""


def provider() -> SignatureProvider:
    """Return the provider that the setting SIGNATURE_PROVIDER names."""
    return _provider(settings.SIGNATURE_PROVIDER)


@cache
def _provider(path: str) -> SignatureProvider:
    made: SignatureProvider = import_string(path)()
    return made
