"""Count legal periods on a calendar that is handed in: no clock, no database, no settings."""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import groupby
from typing import Any, Self

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError

ONE_DAY = timedelta(days=1)


class CalendarUnknownError(DomainError):
    """The calendar holds no working days for a year that a period reaches."""

    def __init__(self, year: int) -> None:
        super().__init__(format_lazy(_("工作日历还没有 {year} 年的数据，请先导入该年的放假安排。"), year=year))
        self.year = year


@dataclass(frozen=True)
class WorkCalendar:
    """Whole years of days, each a working day or not, with the holiday's name where there is one."""

    days: Mapping[date, bool]
    provisional_years: frozenset[int] = frozenset()
    notes: Mapping[date, str] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        """Tell whether people work on this day; raises CalendarUnknownError for a year that is not loaded."""
        try:
            return self.days[day]
        except KeyError:
            raise CalendarUnknownError(day.year) from None

    def next_working_day(self, day: date) -> date:
        """Return this day, or the first working day after it."""
        while not self.is_working_day(day):
            day = _later(day, 1)
        return day

    def provisional_between(self, first: date, last: date) -> list[int]:
        """Return the years of the span whose State Council notice is not in yet."""
        return sorted(year for year in self.provisional_years if first.year <= year <= last.year)

    @cached_property
    def years(self) -> frozenset[int]:
        """The years loaded."""
        return frozenset(day.year for day in self.days)

    @cached_property
    def _working_days(self) -> list[date]:
        return sorted(day for day, works in self.days.items() if works)


class StepKind(StrEnum):
    """What happened at one step of a count; stored with deadlines, so never renamed."""

    START = "start"
    WEEKENDS = "weekends"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    WORKING_DAYS = "working_days"
    DAYS = "days"
    MONTHS = "months"
    SHORT_MONTH = "short_month"
    ROLLED = "rolled"
    PROVISIONAL = "provisional"


@dataclass(frozen=True)
class Step:
    """One step of a count: the days it is about, the holiday's name and an amount where they apply."""

    kind: StepKind
    first: date
    last: date
    note: str = ""
    amount: int = 0


@dataclass(frozen=True)
class Count:
    """A due date and how it came about; `explanations.explain` puts it into words."""

    due: date
    provisional: bool
    steps: tuple[Step, ...]

    def as_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column."""
        steps = [
            [step.kind, step.first.isoformat(), step.last.isoformat(), step.note, step.amount] for step in self.steps
        ]
        return {"due": self.due.isoformat(), "provisional": self.provisional, "steps": steps}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read back what `as_json` wrote."""
        steps = tuple(
            Step(StepKind(kind), date.fromisoformat(first), date.fromisoformat(last), note, amount)
            for kind, first, last, note, amount in stored["steps"]
        )
        return cls(date.fromisoformat(stored["due"]), stored["provisional"], steps)


def add_working_days(calendar: WorkCalendar, start: date, n: int) -> Count:
    """Count n working days (工作日) from the day after the start; n=0 is the start, or the next working day."""
    _require_period(n)
    due, left = start, n
    while left:
        due = _later(due, 1)
        left -= calendar.is_working_day(due)
    steps = [
        _start_not_counted(start),
        *_passed(calendar, start, due),
        Step(StepKind.WORKING_DAYS, start, due, amount=n),
    ]
    return _close(calendar, start + ONE_DAY if n else start, due, steps)


def add_days(calendar: WorkCalendar, start: date, n: int) -> Count:
    """Count n calendar days (日) from the day after the start; a last day of rest rolls on."""
    _require_period(n)
    end = _later(start, n)
    return _close(calendar, end, end, [_start_not_counted(start), Step(StepKind.DAYS, start, end, amount=n)])


def add_months(calendar: WorkCalendar, start: date, n: int) -> Count:
    """Count n months (月) to the same day of the month; a last day of rest rolls on."""
    _require_period(n)
    end = _same_day_of_month(start, n)
    steps = [_start_not_counted(start)]
    if end.day != start.day:
        steps.append(Step(StepKind.SHORT_MONTH, start, end))
    return _close(calendar, end, end, [*steps, Step(StepKind.MONTHS, start, end, amount=n)])


def days_left(calendar: WorkCalendar, today: date, due: date | None) -> int | None:
    """Count the working days that are left; where a year is not loaded yet, calendar days say enough."""
    if due is None:
        return None
    try:
        return working_days_between(calendar, today, due)
    except CalendarUnknownError:
        return (due - today).days


def working_days_between(calendar: WorkCalendar, start: date, end: date) -> int:
    """
    Return how many working days are left after the start, up to and with the end; 0 when both are the same day.

    Negative when the end is past: -1 from the first day after it, working day or not.
    """
    first, last = min(start, end), max(start, end)
    for year in range(first.year, last.year + 1):
        if year not in calendar.years:
            raise CalendarUnknownError(year)
    working_days = calendar._working_days
    passed = bisect_right(working_days, last) - bisect_right(working_days, first)
    return passed if start <= end else -max(passed, 1)


def _require_period(n: int) -> None:
    if n < 0:
        raise ValueError("a period cannot be negative")


def _later(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise CalendarUnknownError(date.max.year) from None


def _same_day_of_month(start: date, months: int) -> date:
    # CC 202: the same day of the month; where there is none, the last day of the month.
    years, month0 = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month0 + 1
    if year > date.max.year:
        raise CalendarUnknownError(year)
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def _start_not_counted(start: date) -> Step:
    # CC 201, CPL23 art. 85: the start day is not counted.
    return Step(StepKind.START, start, start)


def _close(calendar: WorkCalendar, consulted_from: date, end: date, steps: list[Step]) -> Count:
    # CC 203, CPL23 art. 85: a last day of rest moves to the day after the rest; with make-up weekends, the next
    # working day.
    due = calendar.next_working_day(end)
    if due != end:
        steps.append(Step(StepKind.ROLLED, end, due, _holidays_in(calendar, _days(end, due - ONE_DAY))))
    touched = calendar.provisional_between(consulted_from, due)
    steps += [Step(StepKind.PROVISIONAL, date(year, 1, 1), date(year, 12, 31), amount=year) for year in touched]
    return Count(due, bool(touched), tuple(steps))


def _passed(calendar: WorkCalendar, start: date, due: date) -> Iterator[Step]:
    """Yield what was left out or taken in on the way, named holidays in order and plain weekends as one sum."""
    weekends: list[date] = []
    for works, run in groupby(_days(start + ONE_DAY, due), key=calendar.is_working_day):
        span = list(run)
        if works:
            yield from (_make_up(calendar, day) for day in span if day.weekday() >= 5)
        elif names := _holidays_in(calendar, iter(span)):
            yield Step(StepKind.HOLIDAY, span[0], span[-1], names, len(span))
        else:
            weekends += span
    if weekends:
        yield Step(StepKind.WEEKENDS, weekends[0], weekends[-1], amount=len(weekends))


def _make_up(calendar: WorkCalendar, day: date) -> Step:
    return Step(StepKind.MAKE_UP, day, day, calendar.notes.get(day, ""), 1)


def _holidays_in(calendar: WorkCalendar, days: Iterator[date]) -> str:
    """Return the names of the holidays among the days, each once: 国庆节、中秋节."""
    names = (name for day in days for name in calendar.notes.get(day, "").split("、") if name)
    return "、".join(dict.fromkeys(names))


def _days(first: date, last: date) -> Iterator[date]:
    """Yield every day from the first to the last; none if the last comes before the first."""
    return (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))
