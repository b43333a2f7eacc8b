"""Response, resolution and satisfaction: the three rates made from call-backs and surveys (domain.md 5.3, 9.2 I22).

* response: cases whose applicant was reached within the call-back period ÷ cases whose period ended in these days;
* resolution: "solved" ÷ answers to the question;
* satisfaction: satisfied and basically satisfied ÷ answers to the question, "no comment" among them.

One case counts once for each conclusion, with what was said last. Who could not be reached in three tries is in no
denominator of the last two, and is printed beside them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from calendars.today import local_date
from cases.choices import Satisfaction, Side, Solved
from cases.clocks import ENOUGH_TRIES, ClockKey
from cases.models import Case, Deadline
from mediation.models import FollowUp, Survey
from reports.periods import Period
from reports.rates import percent_words

CONTENT = (Satisfaction.SATISFIED, Satisfaction.BASICALLY)
Conclusion = tuple[int, datetime]  # a case, and when it was concluded


@dataclass(frozen=True)
class Heard:
    """What somebody said on one conclusion; nothing, where the question was not answered."""

    case: int
    concluded_at: datetime
    at: datetime
    solved: str = ""
    satisfaction: str = ""


@dataclass(frozen=True)
class CallBackFigures:
    """The counts of a period and the three rates made from them."""

    due: int = 0
    reached_in_time: int = 0
    solved: int = 0
    partly: int = 0
    not_solved: int = 0
    satisfied: int = 0
    basically: int = 0
    dissatisfied: int = 0
    no_comment: int = 0
    unreachable: int = 0

    @property
    def response(self) -> str:
        return percent_words(self.reached_in_time, self.due)

    @property
    def resolution(self) -> str:
        return percent_words(self.solved, self.solved + self.partly + self.not_solved)

    @property
    def satisfaction(self) -> str:
        answered = self.satisfied + self.basically + self.dissatisfied + self.no_comment
        return percent_words(self.satisfied + self.basically, answered)


def last_words(heard: Iterable[Heard]) -> list[Heard]:
    """Keep for each conclusion the last answer to each of the two questions."""
    found: dict[Conclusion, Heard] = {}
    for one in sorted(heard, key=lambda one: one.at):
        before = found.get((one.case, one.concluded_at), one)
        found[one.case, one.concluded_at] = Heard(
            one.case, one.concluded_at, one.at, one.solved or before.solved, one.satisfaction or before.satisfaction
        )
    return list(found.values())


def figures_of(heard: Iterable[Heard], *, due: int, reached_in_time: int, unreachable: int) -> CallBackFigures:
    """Count what was said. Pure."""
    words = last_words(heard)

    def said(answer: str) -> int:
        return sum(answer in (one.solved, one.satisfaction) for one in words)

    return CallBackFigures(
        due=due,
        reached_in_time=reached_in_time,
        solved=said(Solved.SOLVED),
        partly=said(Solved.PARTLY),
        not_solved=said(Solved.NOT_SOLVED),
        satisfied=said(Satisfaction.SATISFIED),
        basically=said(Satisfaction.BASICALLY),
        dissatisfied=said(Satisfaction.DISSATISFIED),
        no_comment=said(Satisfaction.NO_COMMENT),
        unreachable=unreachable,
    )


def call_back_figures(cases: QuerySet[Case], period: Period) -> CallBackFigures:
    """Return the figures of these cases: answers given in the period, call-back periods that ended in it."""
    keys = cases.order_by().values("pk")
    heard = [*_called(keys, period), *_surveyed(keys, period)]
    due, in_time = _due(keys, period)
    return figures_of(heard, due=due, reached_in_time=in_time, unreachable=_unreachable(keys, period))


def _called(keys: QuerySet[Any, Any], period: Period) -> list[Heard]:
    rows = FollowUp.objects.filter(case__in=keys, reached=True, at__gte=period.begins, at__lt=period.ends)
    return [Heard(*row) for row in rows.values_list("case", "concluded_at", "at", "solved", "satisfaction")]


def _surveyed(keys: QuerySet[Any, Any], period: Period) -> list[Heard]:
    rows = Survey.objects.filter(case__in=keys, party__side=Side.APPLICANT, at__gte=period.begins, at__lt=period.ends)
    return [Heard(*row) for row in rows.values_list("case", "concluded_at", "at", "solved", "satisfaction")]


def _due(keys: QuerySet[Any, Any], period: Period) -> tuple[int, int]:
    """How many call-back periods ended in these days, and in how many of them the applicant was reached."""
    deadlines = Deadline.objects.filter(
        case__in=keys, clock=ClockKey.K12, due__gte=period.first, due__lte=period.last
    ).exclude(state=Deadline.State.STOPPED)
    spans = list(deadlines.values_list("case", "start", "due"))
    contacts = _contacts({case for case, _start, _due in spans})
    in_time = sum(any(start <= local_date(at) <= due for at in contacts.get(case, [])) for case, start, due in spans)
    return len(spans), in_time


def _contacts(cases: set[int]) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = {}
    called = FollowUp.objects.filter(case__in=cases, reached=True).values_list("case", "at")
    surveyed = Survey.objects.filter(case__in=cases, party__side=Side.APPLICANT).values_list("case", "at")
    for case, at in [*called, *surveyed]:
        found.setdefault(case, []).append(at)
    return found


def _unreachable(keys: QuerySet[Any, Any], period: Period) -> int:
    """Conclusions that were tried often enough in vain, the last time in these days, and of which nobody spoke."""
    tried = (
        FollowUp.objects.filter(case__in=keys)
        .order_by()
        .values("case", "concluded_at")
        .annotate(vain=Count("pk", filter=Q(reached=False)), heard=Count("pk", filter=Q(reached=True)), last=Max("at"))
        .filter(vain__gte=ENOUGH_TRIES, heard=0, last__gte=period.begins, last__lt=period.ends)
    )
    found = {(row["case"], row["concluded_at"]) for row in tried}
    said = Survey.objects.filter(case__in={case for case, _at in found}, party__side=Side.APPLICANT)
    return len(found - set(said.values_list("case", "concluded_at")))
