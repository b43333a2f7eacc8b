"""Load the calendar and change it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID, uuid4

from django.db import models, transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from calendars.models import CalendarDay, CalendarVersion
from calendars.notices import DayRow, NoticeError, check_rows, read_notice
from calendars.seeds import days_of_year, seed_year
from calendars.working_days import CalendarUnknownError, WorkCalendar

YEARS = range(2000, 2100)
_loaded: tuple[UUID | None, WorkCalendar] = (None, WorkCalendar({}))


class CalendarAction(models.TextChoices):
    """What the journal says happened to a year of the calendar."""

    IMPORT_NOTICE = "import_notice", _("导入放假通知")
    CHANGE_DAYS = "change_days", _("调整个别日期")
    LOAD_YEAR = "load_year", _("加入新的年份")


class Recorder(Protocol):
    """`audit.services.record`: the journal is a floor above, so the caller hands it in."""

    def __call__(
        self,
        subject: tuple[str, str | int],
        action: str,
        *,
        by: User | None,
        before: dict[str, Any],
        after: dict[str, Any],
        reason: str = "",
        at: datetime,
    ) -> object: ...


class DayChange(NamedTuple):
    """A day that became, or stopped being, a working day; `was` is None for a day new to the calendar."""

    date: date
    was: bool | None
    is_workday: bool
    note: str


def load_calendar() -> WorkCalendar:
    """Return the calendar of this process, read anew when another process changed it: one small query."""
    global _loaded
    token = CalendarVersion.objects.values_list("token", flat=True).first()
    known_token, calendar = _loaded
    if token is None or token != known_token:
        calendar = _read_calendar()
        _loaded = (token, calendar)
    return calendar


@transaction.atomic
def import_notice(
    text_or_rows: str | Iterable[DayRow], *, year: int, by: User | None, at: datetime, record: Recorder
) -> tuple[DayChange, ...]:
    """
    Make a year final from its State Council notice and return the days that changed; raises NoticeError.

    Takes the published wording, a table (date,is_workday,note) or rows. Days not named follow the week.
    """
    _require_year(year)
    named = read_notice(text_or_rows, year)
    _lock()
    whole = sorted({*days_of_year(year), *named})
    known = _known_days(whole)
    for day in named:
        if day.year != year and day not in known:
            raise CalendarUnknownError(day.year)
    return _store(
        [_final_day(day, named, known) for day in whole],
        known,
        year=year,
        action=CalendarAction.IMPORT_NOTICE,
        by=by,
        at=at,
        record=record,
    )


@transaction.atomic
def change_days(
    rows: Iterable[DayRow], *, reason: str, by: User | None, at: datetime, record: Recorder
) -> tuple[DayChange, ...]:
    """Change single days of loaded years, as for a holiday called at short notice; raises NoticeError."""
    rows = list(check_rows(rows).values())
    if not reason.strip():
        raise NoticeError(_("请写明调整的依据。"))
    _lock()
    known = _known_days([row.date for row in rows])
    changes: list[DayChange] = []
    for year in sorted({row.date.year for row in rows}):
        days = [_adjusted_day(row, known) for row in rows if row.date.year == year]
        changes += _store(
            days, known, year=year, action=CalendarAction.CHANGE_DAYS, by=by, at=at, record=record, reason=reason
        )
    return tuple(changes)


@transaction.atomic
def load_year(year: int, *, by: User | None, at: datetime, record: Recorder) -> tuple[DayChange, ...]:
    """Add a year as the shipped library has it, else as a provisional estimate; a year already loaded stays."""
    _require_year(year)
    _lock()
    if CalendarDay.objects.filter(date__year=year).exists():
        return ()
    days = [CalendarDay(**day._asdict()) for day in seed_year(year)]
    return _store(days, {}, year=year, action=CalendarAction.LOAD_YEAR, by=by, at=at, record=record)


def _read_calendar() -> WorkCalendar:
    rows = list(CalendarDay.objects.values_list("date", "is_workday", "note", "provisional"))
    return WorkCalendar(
        days={day: works for day, works, _note, _provisional in rows},
        provisional_years=frozenset(day.year for day, _works, _note, provisional in rows if provisional),
        notes={day: note for day, _works, note, _provisional in rows if note},
    )


def _require_year(year: int) -> None:
    if year not in YEARS:
        raise NoticeError(format_lazy(_("年份应在 {first} 到 {last} 之间。"), first=YEARS[0], last=YEARS[-1]))


def _lock() -> None:
    """Let one change of the calendar at a time go on."""
    CalendarVersion.objects.get_or_create(id=1)
    CalendarVersion.objects.select_for_update().get(id=1)


def _known_days(days: Iterable[date]) -> dict[date, CalendarDay]:
    return CalendarDay.objects.in_bulk(list(days))


def _final_day(day: date, named: dict[date, DayRow], known: dict[date, CalendarDay]) -> CalendarDay:
    if row := named.get(day):
        return CalendarDay(date=day, is_workday=row.is_workday, note=row.note, source=CalendarDay.Source.NOTICE)
    old = known.get(day)
    # The last days of December may already be ruled by the next year's notice.
    if old and day.month == 12 and old.note == "元旦":
        return old
    return CalendarDay(date=day, is_workday=_week_works(day), source=CalendarDay.Source.NOTICE)


def _adjusted_day(row: DayRow, known: dict[date, CalendarDay]) -> CalendarDay:
    if row.date not in known:
        raise CalendarUnknownError(row.date.year)
    return CalendarDay(
        date=row.date,
        is_workday=row.is_workday,
        note=row.note,
        source=CalendarDay.Source.STAFF,
        provisional=known[row.date].provisional,
    )


def _store(
    days: Sequence[CalendarDay],
    known: dict[date, CalendarDay],
    *,
    year: int,
    action: str,
    by: User | None,
    at: datetime,
    record: Recorder,
    reason: str = "",
) -> tuple[DayChange, ...]:
    """Write the days that differ, journal them and let every process know."""
    differing = [day for day in days if _facts(known.get(day.date)) != _facts(day)]
    if not differing:
        return ()
    CalendarDay.objects.bulk_create(
        differing,
        update_conflicts=True,
        unique_fields=["date"],
        update_fields=["is_workday", "source", "note", "provisional"],
    )
    CalendarVersion.objects.filter(id=1).update(token=uuid4())
    changes = tuple(
        DayChange(day.date, known[day.date].is_workday if day.date in known else None, day.is_workday, day.note)
        for day in differing
        if day.date not in known or known[day.date].is_workday != day.is_workday
    )
    telling = [day for day in differing if _is_telling(day, known.get(day.date))]
    record(
        ("calendar", year),
        action,
        by=by,
        before={
            "provisional": _provisional(known.values()),
            "days": _rulings(known[d.date] for d in telling if d.date in known),
        },
        after={"provisional": _provisional(days), "days": _rulings(telling)},
        reason=reason,
        at=at,
    )
    return changes


def _facts(day: CalendarDay | None) -> tuple[bool, str, bool] | None:
    return None if day is None else (day.is_workday, day.note, day.provisional)


def _is_telling(day: CalendarDay, old: CalendarDay | None) -> bool:
    """Leave out of the journal what only follows the week, or only became final."""
    if old is None:
        return bool(day.note) or day.is_workday != _week_works(day.date)
    return (day.is_workday, day.note) != (old.is_workday, old.note)


def _week_works(day: date) -> bool:
    return day.weekday() < 5


def _rulings(days: Iterable[CalendarDay]) -> dict[str, list[bool | str]]:
    return {day.date.isoformat(): [day.is_workday, day.note] for day in days}


def _provisional(days: Collection[CalendarDay]) -> bool | None:
    return any(day.provisional for day in days) if days else None
