"""Start, pause, move and end the clocks of a case, always with the reason for the date.

A deadline stores how its date was counted (`Count.as_json`), so that the sentence "why this date" is told in the
reader's language, and so that it can be counted again when the calendar of a year becomes final.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from calendars.explanations import explain
from calendars.services import load_calendar
from calendars.today import local_date
from calendars.working_days import Count, WorkCalendar, add_days, add_working_days
from cases.changes import journal
from cases.choices import DELEGATED, CourtProcedure, Flag
from cases.clocks import CLOCKS, Clock, ClockKey, Unit, clock_for
from cases.entries import CaseEntry
from cases.language import on_file
from cases.models import Case, Deadline, DeadlineMove
from cases.responsibility import responsible

OPEN = (Deadline.State.RUNNING, Deadline.State.PAUSED)


def start_clock(
    case: Case,
    key: str,
    *,
    on: date,
    event: str,
    due: date | None = None,
    about_id: int | None = None,
    count: int | None = None,
) -> Deadline:
    """Start a clock on a local day; `due` is given only where the parties agreed on the date (K8).

    `count` is another number of the clock's unit, for the second of its kind (K8b: the second urging).
    """
    clock = clock_for(
        key,
        source=case.source,
        safety=case.has_flag(Flag.SAFETY),
        summary=case.court_procedure == CourtProcedure.SUMMARY,
        overrides=case.centre.clock_days or None,
    )
    if count is not None:
        clock = replace(clock, count=count)
    calendar = load_calendar()
    counted = _agreed(calendar, due) if due else _count(calendar, clock, on)
    return Deadline.objects.create(
        case=case,
        subject_id=case.pk,
        clock=key,
        about_id=about_id,
        rule=on_file(CLOCKS[key].source)[:80] if clock.unit == Unit.AGREED else rule_text(clock),
        legal_basis=on_file(clock.source),
        start_event=event,
        start=on,
        count=clock.count,
        unit=clock.unit,
        first_due=counted.due,
        due=counted.due,
        why=counted.as_json(),
        provisional=counted.provisional,
    )


def rule_text(clock: Clock) -> str:
    """Return the number and unit of a clock as stored with a deadline."""
    unit = on_file(Unit(clock.unit).label)
    return unit if clock.unit in {Unit.SAME_DAY, Unit.AGREED} else f"{clock.count}{unit}"


def end_clocks(
    case: Case, keys: Iterable[str], *, at: datetime, on: date | None = None, about_id: int | None = None
) -> None:
    """End running or paused clocks, because what they count for was done: on the day of `at`, or on an earlier one."""
    rows = case.deadlines.filter(state__in=OPEN, clock__in=list(keys))
    if about_id is not None:
        rows = rows.filter(about_id=about_id)
    day = on or local_date(at)
    for late in rows.filter(due__lt=day, overdue_at__isnull=True) if keys else ():
        mark_overdue(late, case, at=at)
    rows.update(state=Deadline.State.MET, ended_on=day)


def stop_clocks(case: Case, keys: Iterable[str] | None, *, on: date) -> None:
    """Stop running or paused clocks (or all, where keys is None), because nothing is waited for any more."""
    rows = case.deadlines.filter(state__in=OPEN)
    if keys is not None:
        rows = rows.filter(clock__in=list(keys))
    rows.update(state=Deadline.State.STOPPED, ended_on=on)


def mark_overdue(deadline: Deadline, case: Case, *, at: datetime) -> None:
    """Record once that a deadline passed, and who answered for it then; also where it was met late meanwhile."""
    deadline.overdue_at, deadline.overdue_of = at, responsible(case, deadline.clock)
    deadline.save(update_fields=["overdue_at", "overdue_of"])
    journal(case, CaseEntry.OVERDUE, by=None, at=at, clock=deadline.clock, due=deadline.due.isoformat())


def pause_clocks(case: Case, keys: Iterable[str], *, on: date, reason: str) -> None:
    """Let the days from this one on not count."""
    for deadline in case.deadlines.filter(state=Deadline.State.RUNNING, clock__in=list(keys)):
        deadline.pauses.create(from_date=on, reason=reason[:200])
        deadline.state = Deadline.State.PAUSED
        deadline.save(update_fields=["state"])


def resume_clocks(case: Case, keys: Iterable[str], *, on: date, at: datetime, by: User | None) -> None:
    """Let a paused clock go on; its end moves by the days that did not count."""
    for deadline in case.deadlines.filter(state=Deadline.State.PAUSED, clock__in=list(keys)):
        pause = deadline.pauses.get(until__isnull=True)
        pause.until = on
        pause.save(update_fields=["until"])
        deadline.state = Deadline.State.RUNNING
        deadline.save(update_fields=["state"])
        _recount(
            deadline, load_calendar(), cause=DeadlineMove.Cause.PAUSE, days=(on - pause.from_date).days, at=at, by=by
        )


def extend_clock(case: Case, key: str, *, days: int, at: datetime, by: User | None) -> DeadlineMove | None:
    """Move the end of a running clock by agreed calendar days."""
    deadline = case.deadlines.filter(state=Deadline.State.RUNNING, clock=key).first()
    if deadline is None:
        return None
    return _recount(deadline, load_calendar(), cause=DeadlineMove.Cause.EXTENSION, days=days, at=at, by=by)


def recompute(calendar: WorkCalendar, *, at: datetime, by: User | None) -> list[tuple[Deadline, DeadlineMove]]:
    """Count every open deadline again; a date never becomes earlier for a party (domain.md 7.3).

    All of them: a notice may also rule the last days of the year before. Returns those that moved; those that stay
    only lose their mark of being provisional. The caller holds the cases.
    """
    moved = []
    rows = Deadline.objects.select_for_update(of=("self",)).select_related("case").prefetch_related("moves")
    for deadline in rows.filter(state__in=OPEN).order_by("case", "pk"):
        move = _recount(deadline, calendar, cause=DeadlineMove.Cause.CALENDAR, days=0, at=at, by=by)
        if move is not None:
            moved.append((deadline, move))
    return moved


def _recount(
    deadline: Deadline, calendar: WorkCalendar, *, cause: str, days: int, at: datetime, by: User | None
) -> DeadlineMove | None:
    """Count a deadline again with everything that moved it so far plus `days` more; never earlier than it stands."""
    added = sum(move.days for move in deadline.moves.all()) + days
    clock = Clock(deadline.count, Unit(deadline.unit), deadline.legal_basis)
    if deadline.unit == Unit.AGREED:
        count = _agreed(calendar, deadline.due)
    elif deadline.unit == Unit.WORKING_DAYS:
        base = add_working_days(calendar, deadline.start, deadline.count)
        count = add_days(calendar, base.due, added) if added else base
    else:
        count = _count(calendar, clock, deadline.start, extra=added)
    old, deadline.provisional = deadline.due, count.provisional
    if count.due >= old:  # else the later date stands, and with it why it is that
        deadline.due, deadline.why = count.due, count.as_json()
    deadline.save(update_fields=["due", "why", "provisional"])
    if deadline.due == old and cause == DeadlineMove.Cause.CALENDAR:
        return None
    return DeadlineMove.objects.create(
        deadline=deadline, cause=cause, days=days, from_due=old, to_due=deadline.due, at=at, by=by
    )


def _count(calendar: WorkCalendar, clock: Clock, start: date, *, extra: int = 0) -> Count:
    if clock.unit == Unit.WORKING_DAYS:
        return add_working_days(calendar, start, clock.count + extra)
    if clock.unit == Unit.SAME_DAY:
        return Count(start, False, ())
    return add_days(calendar, start, clock.count + extra)


def _agreed(calendar: WorkCalendar, due: date) -> Count:
    return Count(due, due.year in calendar.provisional_years, ())


def apply_transition(
    case: Case,
    custom: dict[str, Any],
    *,
    event: str,
    at: datetime,
    by: User | None,
    start_days: Mapping[str, date],
) -> None:
    """Move the clocks as the transition declares it; K14 only where somebody delegated the case."""
    on = local_date(at)
    end_clocks(case, tuple(custom["meets"]), at=at)
    if custom["stops_all"]:
        stop_clocks(case, None, on=on)
    pause_clocks(case, tuple(custom["pauses"]), on=on, reason=event)
    resume_clocks(case, tuple(custom["resumes"]), on=on, at=at, by=by)
    for key in custom["starts"]:
        if key == ClockKey.K14 and case.source not in DELEGATED:
            continue
        if key == ClockKey.K13 and case.filed_at is None:
            continue
        start_clock(case, key, on=start_days.get(key, on), event=event)


def rule_of(deadline: Deadline) -> str:
    """Say the stored rule in the reader's language."""
    unit = Unit(deadline.unit)
    return _(deadline.rule) if unit in {Unit.SAME_DAY, Unit.AGREED} else f"{deadline.count}{unit.label}"


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def why(deadline: Deadline) -> list[str]:
    """Return the plain sentences that lead to the due date: the rule, its source, each step, every move."""
    sentences = [
        _("期限：%(clock)s，%(rule)s。依据：%(basis)s。")
        % {
            "clock": deadline.get_clock_display(),
            "rule": rule_of(deadline),
            "basis": _(deadline.legal_basis).rstrip("。"),
        },
        _("从%(event)s之日起算。") % {"event": _(deadline.start_event)},
    ]
    stored = deadline.why
    sentences += explain(Count.from_json(stored)) if stored else []
    for move in deadline.moves.all():
        sentences.append(
            _("%(cause)s，到期日由%(old)s变为%(new)s。")
            % {"cause": move.get_cause_display(), "old": _day(move.from_due), "new": _day(move.to_due)}
        )
    if deadline.provisional:
        sentences.append(_("这个日期按暂定的放假安排计算；国务院公布后会重新核对，只会推后，不会提前。"))
    return sentences
