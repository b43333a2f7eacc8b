"""What a check is: something that holds of every case at any moment, asked of many cases in a few queries."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from calendars.services import load_calendar
from calendars.today import local_date
from calendars.working_days import WorkCalendar
from cases.models import Case

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.utils.functional import _StrOrPromise


@dataclass(frozen=True)
class Batch:
    """The cases that are looked at together, and the moment at which."""

    ids: tuple[int, ...]
    at: datetime
    read: dict[str, Any] = field(default_factory=dict, compare=False)  # what several checks of one file need

    @cached_property
    def today(self) -> date:
        return local_date(self.at)

    @cached_property
    def calendar(self) -> WorkCalendar:
        return load_calendar()

    @property
    def cases(self) -> "QuerySet[Case]":
        return Case.objects.filter(pk__in=self.ids).order_by()


@dataclass(frozen=True)
class Check:
    """One thing that holds: what it is, how those are found of which it does not hold, and what is to be done then."""

    name: str
    holds: "_StrOrPromise"
    breach: "_StrOrPromise"
    remedy: "_StrOrPromise"
    find: Callable[[Batch], Iterable[int | None]]
    page: str = ""  # below the page of the case, or from the root where it begins with a slash
    by_clock: bool = False  # whether time alone may break it


@dataclass(frozen=True)
class Breach:
    """One case of which one thing does not hold."""

    check: str
    case_id: int


def differing(pairs: Iterable[tuple[int, bool]]) -> set[int]:
    """Return the cases of which something does not hold."""
    return {case for case, holds in pairs if not holds}
