"""Change which days people work, and count every open deadline again: never earlier, and everybody is told."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import record
from calendars.late_changes import read_change
from calendars.selectors import provisional_years
from calendars.services import DayChange, change_days, import_notice, load_calendar
from cases.changes import holding, journal, lock_rows, touch
from cases.clocks import ClockKey
from cases.deadlines import OPEN, recompute
from cases.entries import CaseEntry
from cases.models import Case, Deadline, DeadlineMove
from cases.responsibility import responsible
from cases.serving import open_services
from notifications.models import Kind
from workflows.tasks import sync_timers
from workflows.telling import people_for, present, tell_all

Moved = list[tuple[Deadline, DeadlineMove]]
# Clocks of the desk alone: the parties never saw these dates.
OF_THE_DESK = (ClockKey.K5, ClockKey.K10, ClockKey.K11, ClockKey.K13, ClockKey.K14, ClockKey.K15)


@dataclass(frozen=True)
class Outcome:
    """What became of a change: the days that changed, the deadlines that moved."""

    changes: tuple[DayChange, ...]
    moved: Moved
    finals: tuple[int, ...] = ()  # years that were an estimate until now


def import_holidays(notice: str, *, year: int, by: User | None, at: datetime, dry: bool = False) -> Outcome:
    """Store the notice of a whole year and move every deadline that it moves; all of it or nothing.

    `dry` only says what would change. Raises NoticeError and CalendarUnknownError.
    """
    return _recounted(lambda: import_notice(notice, year=year, by=by, at=at, record=record), by=by, at=at, dry=dry)


def change_holidays(text: str, *, year: int, reason: str, by: User | None, at: datetime, dry: bool = False) -> Outcome:
    """Store a late change of a year whose notice is in, as `import_holidays` does; `reason` names the document."""

    def change() -> tuple[DayChange, ...]:
        rows = read_change(text, load_calendar(), year=year)
        return change_days(rows, reason=reason, by=by, at=at, record=record)

    return _recounted(change, by=by, at=at, dry=dry)


def _recounted(change: Callable[[], Iterable[DayChange]], *, by: User | None, at: datetime, dry: bool) -> Outcome:
    with transaction.atomic():
        # The cases come first, as in every other change: whoever acts on one of them waits, and then counts anew.
        waiting = Deadline.objects.filter(state__in=OPEN).values("case")
        lock_rows(Case.objects.filter(pk__in=waiting))
        estimated = provisional_years()
        changes = tuple(change())
        finals = tuple(sorted(estimated - provisional_years()))
        moved = recompute(load_calendar(), at=at, by=None)
        by_case: dict[int, Moved] = defaultdict(list)
        for deadline, move in moved:
            by_case[deadline.case_id].append((deadline, move))
        for case_id, rows in by_case.items():
            with holding(case_id, "move_deadlines", by=by, at=at) as case:
                _follow_up(case, rows, at=at)
        transaction.set_rollback(dry)
    return Outcome(changes, moved, finals)


def _follow_up(case: Case, rows: Moved, *, at: datetime) -> None:
    """Order the queue, set the timers, journal and tell those whose dates moved."""
    sync_timers(case)
    moved = {deadline.clock: [move.from_due.isoformat(), move.to_due.isoformat()] for deadline, move in rows}
    journal(case, CaseEntry.MOVE_DEADLINES, by=None, at=at, moved=moved)
    told = {person.pk: person for clock in moved if (person := responsible(case, clock))}
    if set(moved) - set(OF_THE_DESK):
        parties = present(case)
        open_services(case, parties, kind=Kind.DEADLINE_MOVED, by=None, at=at)
        told |= {person.pk: person for person in people_for(parties)}
    tell_all(list(told.values()), case, Kind.DEADLINE_MOVED, at=at)
    touch(case)


def read_text(raw: bytes) -> str | None:
    """Return the text of a file in UTF-8 or GB18030, None where it is no text."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
