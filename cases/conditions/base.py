"""What a condition is, and what several of them ask."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Protocol, cast

from django.utils import timezone
from django.utils.functional import Promise

from cases.choices import ConsentMatter


class Condition(Protocol):
    """A question about a case with the sentence that answers a no."""

    hint: str | Promise
    awaits_input: bool
    says: Callable[[Any], str] | None

    def __call__(self, case: Any) -> bool: ...


def condition(
    hint: str | Promise, *, awaits_input: bool = False, says: Callable[[Any], str] | None = None
) -> Callable[[Callable[[Any], bool]], Condition]:
    """Give a condition its sentence; `says` puts it more exactly for one case: until when, for what."""

    def mark(question: Callable[[Any], bool]) -> Condition:
        marked = cast(Condition, question)
        marked.hint = hint
        marked.awaits_input = awaits_input
        marked.says = says
        return marked

    return mark


def sentence_of(asked: Condition, case: Any) -> str:
    """Return the sentence with which a condition refuses this case."""
    return (asked.says(case) if asked.says else "") or str(asked.hint)


def moment_of(case: Any) -> datetime:
    """The moment at which the case is being moved, given by `perform`; now, where a page only asks."""
    return getattr(case, "moment", None) or timezone.now()


def today_of(case: Any) -> date:
    return timezone.localtime(moment_of(case)).date()


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
