"""What the parties hear of the judicial confirmation."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from cases.changes import keeping_still
from cases.models import Case, Party
from mediation import services as mediation
from mediation.models import JudicialConfirmation
from notifications.models import Kind
from workflows.telling import people_for, tell_all


def say(party: Party, *, given: bool, how: str, by: User, at: datetime) -> None:
    """Say for one party whether it wants to apply, and tell the others."""
    with transaction.atomic():
        mediation.say_confirmation(party, given=given, how=how, by=by, at=at)
        _tell(party.case, by=by, at=at, mediator=True)


def apply(case: Case, *, by: User, at: datetime, **given: Any) -> JudicialConfirmation:
    """Record the application to the court, and tell everybody."""
    with transaction.atomic():
        row = mediation.apply_for_confirmation(case, by=by, at=at, **given)
        _tell(case, by=by, at=at)
    return row


def record_court(case: Case, event: str, *, by: User, at: datetime, **given: Any) -> JudicialConfirmation:
    """Record what the court did, and tell everybody."""
    with transaction.atomic():
        row = mediation.record_court(case, event, by=by, at=at, **given)
        _tell(case, by=by, at=at)
    return row


def _tell(case: Case, *, by: User, at: datetime, mediator: bool = False) -> None:
    with keeping_still(case.pk) as locked:
        people = people_for([party for party in locked.parties.all() if party.left_at is None])
        if mediator and locked.mediator is not None:
            people.append(locked.mediator)
        tell_all([one for one in dict.fromkeys(people) if one.pk != by.pk], locked, Kind.CONFIRMATION_MOVED, at=at)
