"""Deadlines under random pauses, extensions and calendar changes, against a count made day by day."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.services import record
from calendars.notices import DayRow
from calendars.services import change_days, load_calendar
from calendars.working_days import WorkCalendar
from cases.choices import Status
from cases.clocks import CLOCKS, Unit
from cases.deadlines import extend_clock, pause_clocks, recompute, resume_clocks, start_clock, why
from cases.ledger import ledger
from cases.models import Case, Deadline
from tests.cast import NOW, TODAY, World
from tests.moves import ready

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SETTINGS: dict[str, Any] = {
    "deadline": None, "suppress_health_check": list(HealthCheck), "max_examples": 30, "database": None,
}  # fmt: skip
ONE_DAY = timedelta(days=1)
KEYS = st.sampled_from(["K1", "K3", "K3B", "K4", "K6", "K8B", "K9", "K12", "K13"])
STARTS = st.integers(0, 300).map(lambda n: date(2026, 1, 2) + timedelta(days=n))
ADDING = st.one_of(
    st.tuples(st.just("extend"), st.integers(1, 30)),
    st.tuples(st.just("pause"), st.integers(0, 45)),
)
CHANGING = st.one_of(ADDING, st.tuples(st.just("calendar"), st.integers(0, 90)))


def filed(world: World) -> Case:
    case = Case.objects.filter(status=Status.CLOSED).first()
    if case is None:
        case = ready("void", Status.SUBMITTED, world).take("void")
        case.deadlines.update(state="STOPPED", ended_on=TODAY)
    return case


def counted(calendar: WorkCalendar, key: str, start: date, added: int) -> date:
    """Count as a person with a wall calendar does: day by day, the first day not, a last day of rest not."""
    clock, day, left = CLOCKS[key], start, CLOCKS[key].count
    while left:
        day += ONE_DAY
        if clock.unit == Unit.DAYS or calendar.is_working_day(day):
            left -= 1
    for _each in range(added):
        day += ONE_DAY
    while not calendar.is_working_day(day):
        day += ONE_DAY
    return day


def take(case: Case, key: str, start: date, what: str, amount: int, by: Any) -> int:
    """Carry out one step and return by how many days the party's time grew."""
    if what == "extend":
        extend_clock(case, key, days=amount, at=NOW, by=by)
        return amount
    if what == "pause":
        pause_clocks(case, [key], on=start + ONE_DAY, reason="中止")
        resume_clocks(case, [key], on=start + ONE_DAY + timedelta(days=amount), at=NOW, by=by)
        return amount
    day = start + timedelta(days=amount)
    works = load_calendar().is_working_day(day)
    change_days([DayRow(day, not works, "测试")], reason="测试", by=by, at=NOW, record=record)
    recompute(load_calendar(), at=NOW, by=by)
    return 0


@settings(**SETTINGS)
@given(key=KEYS, start=STARTS, steps=st.lists(ADDING, max_size=5))
def test_the_date_is_the_count_plus_what_was_paused_plus_what_was_agreed(
    world: World, key: str, start: date, steps: list[tuple[str, int]]
) -> None:
    with transaction.atomic():
        case, added = filed(world), 0
        deadline = start_clock(case, key, on=start, event="测试")
        assert deadline.due == counted(load_calendar(), key, start, 0)
        for what, amount in steps:
            added += take(case, key, start, what, amount, None)
        deadline.refresh_from_db()
        assert deadline.due == counted(load_calendar(), key, start, added)
        [entry] = [one for one in ledger(case, today=start) if one.deadline.pk == deadline.pk]
        assert entry.paused_days + entry.extended_days == added
        assert deadline.first_due == counted(load_calendar(), key, start, 0)
        transaction.set_rollback(True)


@settings(**SETTINGS)
@given(key=KEYS, start=STARTS, steps=st.lists(ADDING, min_size=2, max_size=5), turned=st.randoms())
def test_the_order_of_pauses_and_extensions_does_not_matter(
    world: World, key: str, start: date, steps: list[tuple[str, int]], turned: Any
) -> None:
    found = []
    other = list(steps)
    turned.shuffle(other)
    for one in (steps, other):
        with transaction.atomic():
            case = filed(world)
            deadline = start_clock(case, key, on=start, event="测试")
            for what, amount in one:
                take(case, key, start, what, amount, None)
            deadline.refresh_from_db()
            found.append(deadline.due)
            transaction.set_rollback(True)
    assert found[0] == found[1]


@settings(**SETTINGS)
@given(key=KEYS, start=STARTS, steps=st.lists(CHANGING, min_size=1, max_size=6))
def test_a_calendar_only_ever_gives_and_the_latest_date_stands(
    world: World, key: str, start: date, steps: list[tuple[str, int]]
) -> None:
    with transaction.atomic():
        case, added = filed(world), 0
        deadline = start_clock(case, key, on=start, event="测试")
        latest = deadline.due
        for what, amount in steps:
            added += take(case, key, start, what, amount, world.intake)
            deadline.refresh_from_db()
            latest = max(latest, counted(load_calendar(), key, start, added))
            assert deadline.due == latest
            assert deadline.provisional == _touches_unpublished(deadline, added)
        moves = list(deadline.moves.all())
        assert all(move.to_due >= move.from_due for move in moves)
        chain = [deadline.first_due, *(move.to_due for move in moves)]
        assert [move.from_due for move in moves] == chain[:-1]
        assert chain[-1] == deadline.due
        assert why(deadline)
        transaction.set_rollback(True)


def _touches_unpublished(deadline: Deadline, added: int) -> bool:
    """A count that reaches into a year whose notice is not out is provisional; here only its end can reach it."""
    calendar = load_calendar()
    if deadline.unit == Unit.WORKING_DAYS and not added:
        first = deadline.start
    elif deadline.unit == Unit.WORKING_DAYS:
        base = counted(calendar, deadline.clock, deadline.start, 0)
        first = base + timedelta(days=added)
    else:
        first = deadline.start + timedelta(days=CLOCKS[deadline.clock].count + added)
    last = counted(calendar, deadline.clock, deadline.start, added)
    return any(first.year <= year <= last.year for year in calendar.provisional_years)
