"""What a condition is, and what several of them ask."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Protocol, cast

from django.utils.functional import Promise

from accounts.errors import DomainError
from cases.choices import ConsentMatter
from cases.move import Move


class GuardError(DomainError):
    """Something that must hold before this action does not hold; the sentence says what."""


class Condition(Protocol):
    """A question about a case that somebody would move, with the sentence that answers a no."""

    hint: str | Promise
    awaits_input: bool
    says: Callable[[Any, Move], str] | None

    def __call__(self, case: Any, move: Move) -> bool: ...


def condition(
    hint: str | Promise, *, awaits_input: bool = False, says: Callable[[Any, Move], str] | None = None
) -> Callable[[Callable[[Any, Move], bool]], Condition]:
    """Give a condition its sentence; `says` puts it more exactly for one case: until when, for what."""

    def mark(question: Callable[[Any, Move], bool]) -> Condition:
        marked = cast(Condition, question)
        marked.hint = hint
        marked.awaits_input = awaits_input
        marked.says = says
        return marked

    return mark


def sentence_of(asked: Condition, case: Any, move: Move) -> str:
    """Return the sentence with which a condition refuses this case."""
    return (asked.says(case, move) if asked.says else "") or str(asked.hint)


def unmet(conditions: Iterable[Condition], case: Any, move: Move, *, except_input: bool = False) -> str:
    """Return the sentence of the first condition that does not hold, or nothing."""
    for asked in conditions:
        if not (except_input and asked.awaits_input) and not asked(case, move):
            return sentence_of(asked, case, move)
    return ""


def parties_of(case: Any, side: str | None = None) -> list[Any]:
    """Return the parties that are still in the case, of one side or of all."""
    return [party for party in case.parties.all() if party.left_at is None and side in (None, party.side)]


def all_consented(case: Any, matter: str) -> bool:
    """Say whether every party there is said yes to a matter."""
    parties = parties_of(case)
    return bool(parties) and all(party.consented(matter) for party in parties)


def consents_afresh(party: Any, matter: str, since: datetime | None) -> bool:
    """Say whether the last answer of a party to a matter is yes, and was given after a moment."""
    rows = party.consents.filter(matter=matter).exclude(request__end="WITHDRAWN").order_by("-pk")
    if matter == ConsentMatter.EXTENSION:
        rows = rows.filter(round=party.case.round)
    if since is not None:
        rows = rows.filter(at__gt=since)
    latest = rows.first()
    return latest is not None and bool(latest.given)
