"""Texts that change while people sign, or come back from the lawyers: everybody told in the same transaction."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from cases.choices import Status
from cases.models import Case
from cases.responsibility import staff_of
from mediation import services as mediation
from mediation.models import Agreement
from notifications.models import Kind
from workflows.telling import present, tell_all, tell_parties


@transaction.atomic
def save_text(case: Case, *, by: User, at: datetime, **text: Any) -> Agreement:
    """Save a new version of the agreement: while talks go on quietly, while people sign for everybody to hear.

    A version that the legal consultation office must see is told to it. Raises DomainError.
    """
    if case.status == Status.SIGNING:
        agreement = mediation.replace_text(case, by=by, at=at, **text)
        tell_parties(case, present(case), Kind.AGREEMENT_CHANGED, by=by, at=at)
    else:
        agreement = mediation.draft_text(case, by=by, at=at, **text)
    if case.needs_legal_check(agreement.total_amount()):
        tell_all(staff_of(case, Role.LEGAL), case, Kind.TASK_ASSIGNED, at=at)
    return agreement


@transaction.atomic
def return_text(agreement: Agreement, *, reason: str, by: User, at: datetime) -> None:
    """Send a text back with what must be changed, and tell the mediator. Raises DomainError."""
    mediation.return_text(agreement, reason=reason, by=by, at=at)
    case = agreement.case
    writer = case.mediator or agreement.drafted_by
    tell_all([writer], case, Kind.TASK_ASSIGNED, at=at, page="agreement/")
