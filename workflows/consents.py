"""Asking for a consent, with the notices that belong to it: that something is asked or answered, never what."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import policy
from accounts.models import User
from cases import asking, services
from cases.models import Case, Consent, ConsentRequest, Party
from notifications.models import Kind
from workflows.telling import tell_all, tell_parties

PAGE = "consents/"


def ask(case: Case, *, parties: Sequence[Party], by: User, at: datetime, **given: Any) -> ConsentRequest:
    """Ask for a consent (see `asking.ask_consent`) and tell everybody who acts for these parties."""
    with transaction.atomic():
        row = asking.ask_consent(case, parties=parties, by=by, at=at, **given)
        tell_parties(case, list(parties), Kind.CONSENT_ASKED, by=by, at=at, page=PAGE)
    return row


def take_back(request: ConsentRequest, *, reason: str, by: User, at: datetime) -> ConsentRequest:
    """Take a question back and tell those who were asked."""
    with transaction.atomic():
        row = asking.withdraw_request(request, reason=reason, by=by, at=at)
        tell_parties(row.case, list(row.parties.all()), Kind.CONSENT_WITHDRAWN, by=by, at=at, page=PAGE)
    return row


def record(party: Party, *, by: User, at: datetime, **given: Any) -> Consent:
    """Record an answer (see `services.record_consent`); whoever asked is told of it, where somebody else wrote it."""
    with transaction.atomic():
        row = services.record_consent(party, by=by, at=at, **given)
        asker = row.request.asked_by if row.request is not None else None
        if asker is not None and asker.pk != by.pk and policy.allows(asker, "case.ask_consent", party.case):
            tell_all([asker], party.case, Kind.CONSENT_ANSWERED, at=at, page=PAGE)
    return row
