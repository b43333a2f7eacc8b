"""What the writing of several actions shares."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.roles import Role
from accounts.words import within
from cases.choices import Outcome
from cases.models import Case, Ending, Party
from cases.move import Move
from cases.services import add_consent
from mediation import services as mediation


class InputError(DomainError):
    """What was filled in for this action cannot be taken as it is."""


def side_of(case: Case, side: str) -> list[Party]:
    """Return the parties of one side that are still in the case."""
    return [party for party in present(case) if party.side == side]


def present(case: Case) -> list[Party]:
    """Return everybody who is still in the case."""
    return [party for party in case.parties.all() if party.left_at is None]


def all_agree(case: Case, move: Move, matter: str, agreed: Sequence[Party], how: str) -> None:
    """Record the yes of each of these parties, as whoever acts heard or read it."""
    for party in agreed:
        add_consent(case, party, matter=matter, given=True, how=how, by=move.by, at=move.at)


def drop_text(case: Case, move: Move, reason: str) -> None:
    """Let the text that nobody is bound by yet stand no longer; an agreement in force stays."""
    mediation.void_draft(case, at=move.at, reason=reason)


def handle(case: Case, move: Move) -> None:
    """Make whoever first acts for the centre responsible (首接负责制)."""
    if case.handler_id is None and move.by is not None and move.by.centre_ids(Role.INTAKE):
        case.handler = move.by


def end(
    case: Case,
    move: Move,
    outcome: Outcome,
    code: str,
    text: str,
    routes: str,
    served_how: str,
    served_on: date | None,
) -> None:
    """Write how a case ended without an agreement, with its reason, the other ways, and how it was served."""
    served_on = served_on or move.today
    if served_on > move.today:
        raise InputError(_("送达日期不能晚于今天。"))
    Ending.objects.create(
        case=case,
        outcome=outcome,
        round=case.round,
        reason_code=code,
        reason_text=within(text, 1000),
        routes=routes,
        served_on=served_on,
        served_how=one_of(Ending.Served, served_how),
        by=move.by,
        at=move.at,
    )


def one_of(closed_set: Any, value: str) -> str:
    """Return the value where it belongs to the set; raises InputError."""
    if value not in closed_set.values:
        raise InputError(_("请从列表中选择一项。"))
    return str(closed_set(value).value)


def require_reason(reason: str) -> None:
    """Refuse what has no reason; raises InputError."""
    if not reason.strip():
        raise InputError(_("请写明原因。"))
