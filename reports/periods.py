"""The days that a figure covers. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Span(StrEnum):
    """The periods that a regulator asks for."""

    MONTH = "month"
    LAST_MONTH = "last_month"
    QUARTER = "quarter"
    YEAR = "year"
    CUSTOM = "custom"


@dataclass(frozen=True)
class Period:
    """From the first to the last day, both included."""

    first: date
    last: date

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.first, time.min, SHANGHAI)

    @property
    def ends(self) -> datetime:
        """The first moment after the period."""
        return datetime.combine(self.last + timedelta(days=1), time.min, SHANGHAI)


def period(span: Span, today: date) -> Period:
    """Return the period in which today lies, or the month before; CUSTOM is this month until days are given."""
    if span == Span.LAST_MONTH:
        last = today.replace(day=1) - timedelta(days=1)
        return Period(last.replace(day=1), last)
    if span == Span.QUARTER:
        return Period(date(today.year, today.month - (today.month - 1) % 3, 1), today)
    if span == Span.YEAR:
        return Period(date(today.year, 1, 1), today)
    return Period(today.replace(day=1), today)
