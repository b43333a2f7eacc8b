"""What the calendar holds."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from calendars.services import load_calendar


class NamedDays(NamedTuple):
    """Days that follow each other and are free, or worked, for the same reason."""

    first: date
    last: date
    is_workday: bool
    note: str


def loaded_years() -> frozenset[int]:
    """Return the years that periods can be counted in."""
    return load_calendar().years


def provisional_years() -> frozenset[int]:
    """Return the loaded years whose State Council notice is not in yet."""
    return load_calendar().provisional_years


def named_days(year: int) -> list[NamedDays]:
    """Return the holidays of a year and the weekends that people work for them, in order."""
    found: list[NamedDays] = []
    for day in _told(year):
        before = found[-1] if found else None
        follows = before is not None and before.last + timedelta(days=1) == day.first and before[2:] == day[2:]
        if before is not None and follows:
            found[-1] = before._replace(last=day.last)
        else:
            found.append(day)
    return found


def _told(year: int) -> Iterator[NamedDays]:
    calendar = load_calendar()
    for day, works in sorted(calendar.days.items()):
        if day.year == year and (note := calendar.notes.get(day, "")):
            yield NamedDays(day, day, works, note)
