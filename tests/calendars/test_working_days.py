"""The counting rules of the Civil Code on real calendars."""

import json
from calendar import monthrange
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendars.working_days import (
    CalendarUnknownError,
    Count,
    Step,
    StepKind,
    WorkCalendar,
    add_days,
    add_months,
    add_working_days,
    working_days_between,
)
from tests.calendars.published import CALENDAR

Rule = Callable[[WorkCalendar, date, int], Count]

VECTORS: list[tuple[Rule, int, str, str, bool]] = [
    (add_working_days, 5, "2026-09-18", "2026-09-24", False),
    (add_working_days, 3, "2026-02-13", "2026-02-25", False),
    (add_working_days, 3, "2026-02-14", "2026-02-26", False),
    (add_working_days, 5, "2026-09-30", "2026-10-13", False),
    (add_working_days, 5, "2026-04-30", "2026-05-11", False),
    (add_working_days, 1, "2026-05-08", "2026-05-09", False),
    (add_working_days, 2, "2026-10-09", "2026-10-12", False),
    (add_working_days, 29, "2026-11-20", "2026-12-31", False),
    (add_working_days, 30, "2026-11-20", "2027-01-04", True),
    (add_months, 1, "2026-01-31", "2026-02-28", False),
    (add_months, 1, "2026-08-31", "2026-09-30", False),
    (add_months, 1, "2026-09-01", "2026-10-08", False),
    (add_months, 1, "2026-08-26", "2026-09-28", False),
    (add_months, 1, "2026-01-16", "2026-02-24", False),
    (add_months, 1, "2025-12-31", "2026-02-02", False),
    (add_days, 30, "2026-08-28", "2026-09-28", False),
    (add_days, 30, "2026-09-04", "2026-10-08", False),
]


@pytest.mark.parametrize(("rule", "n", "start", "due", "provisional"), VECTORS)
def test_a_period_ends_on_its_day(rule: Rule, n: int, start: str, due: str, provisional: bool) -> None:
    count = rule(CALENDAR, date.fromisoformat(start), n)
    assert (count.due.isoformat(), count.provisional) == (due, provisional)


@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        ("2026-03-07", 5, "2026-03-13"),  # a Saturday; the library's own counting answers 03-16
        ("2026-03-07", 1, "2026-03-09"),
        ("2026-02-18", 2, "2026-02-25"),  # within Spring Festival
        ("2026-10-10", 1, "2026-10-12"),  # a working Saturday
        ("2025-12-31", 1, "2026-01-04"),  # over the year's end, on to a working Sunday
    ],
)
def test_working_days_are_counted_right_from_any_start(start: str, n: int, due: str) -> None:
    assert add_working_days(CALENDAR, date.fromisoformat(start), n).due.isoformat() == due


def test_four_hundred_working_days_cross_the_year() -> None:
    count = add_working_days(CALENDAR, date(2025, 3, 3), 400)
    days = [date(2025, 3, 3) + timedelta(days=i) for i in range(1, (count.due - date(2025, 3, 3)).days + 1)]
    assert sum(CALENDAR.is_working_day(day) for day in days) == 400
    assert CALENDAR.is_working_day(count.due)


@pytest.mark.parametrize("rule", [add_working_days, add_days, add_months])
@pytest.mark.parametrize(("start", "due"), [("2026-09-18", "2026-09-18"), ("2026-10-02", "2026-10-08")])
def test_a_period_of_nothing_is_the_start_or_the_next_working_day(rule: Rule, start: str, due: str) -> None:
    assert rule(CALENDAR, date.fromisoformat(start), 0).due.isoformat() == due


@pytest.mark.parametrize("rule", [add_working_days, add_days, add_months])
def test_a_negative_period_is_a_mistake(rule: Rule) -> None:
    with pytest.raises(ValueError, match="negative"):
        rule(CALENDAR, date(2026, 9, 18), -1)


@pytest.mark.parametrize(
    ("rule", "start", "n", "year"),
    [
        (add_working_days, date(2027, 12, 31), 1, 2028),
        (add_working_days, date(2027, 1, 1), 10_000, 2028),
        (add_working_days, date(2010, 1, 1), 1, 2010),
        (add_days, date(2026, 1, 1), 1_000, 2028),
        (add_days, date(2026, 1, 1), 10**12, 9999),
        (add_months, date(2026, 1, 1), 36, 2029),
        (add_months, date(2026, 1, 1), 12 * 10**9, 2026 + 10**9),
    ],
)
def test_a_year_not_loaded_is_said_never_guessed(rule: Rule, start: date, n: int, year: int) -> None:
    with pytest.raises(CalendarUnknownError) as refusal:
        rule(CALENDAR, start, n)
    assert refusal.value.year == year
    assert str(year) in str(refusal.value)


def test_between_refuses_a_year_not_loaded() -> None:
    with pytest.raises(CalendarUnknownError):
        working_days_between(CALENDAR, date(2026, 1, 5), date(2028, 1, 5))


@pytest.mark.parametrize("year", [2025, 2026])
def test_a_year_has_its_known_number_of_working_days(year: int) -> None:
    assert working_days_between(CALENDAR, date(year - 1, 12, 31), date(year, 12, 31)) == 248


@pytest.mark.parametrize(
    ("today", "due", "left"),
    [
        ("2026-09-18", "2026-09-24", 5),
        ("2026-09-24", "2026-09-24", 0),
        ("2026-09-25", "2026-09-24", -1),  # the first day after, though a holiday
        ("2026-09-28", "2026-09-24", -1),
        ("2026-09-29", "2026-09-24", -2),
        ("2026-10-01", "2026-10-08", 1),
    ],
)
def test_the_desk_sees_the_working_days_left(today: str, due: str, left: int) -> None:
    assert working_days_between(CALENDAR, date.fromisoformat(today), date.fromisoformat(due)) == left


def test_only_what_was_consulted_makes_a_date_provisional() -> None:
    assert not add_days(CALENDAR, date(2026, 12, 1), 30).provisional
    assert add_days(CALENDAR, date(2026, 12, 5), 30).provisional
    # From a rest day at the year's end the last day rolls into the unpublished year.
    assert add_days(replace(CALENDAR, provisional_years=frozenset({2023})), date(2022, 12, 1), 30).provisional
    assert add_working_days(CALENDAR, date(2027, 3, 1), 0).provisional
    assert not add_working_days(
        replace(CALENDAR, provisional_years=frozenset({2025})), date(2025, 12, 31), 1
    ).provisional


def test_a_count_keeps_its_steps() -> None:
    count = add_working_days(CALENDAR, date(2026, 9, 30), 5)
    assert count.steps == (
        Step(StepKind.START, date(2026, 9, 30), date(2026, 9, 30)),
        Step(StepKind.HOLIDAY, date(2026, 10, 1), date(2026, 10, 7), "国庆节", 7),
        Step(StepKind.MAKE_UP, date(2026, 10, 10), date(2026, 10, 10), "国庆节", 1),
        Step(StepKind.WEEKENDS, date(2026, 10, 11), date(2026, 10, 11), "", 1),
        Step(StepKind.WORKING_DAYS, date(2026, 9, 30), date(2026, 10, 13), "", 5),
    )


@pytest.mark.parametrize(("rule", "n", "start"), [(rule, n, start) for rule, n, start, _due, _provisional in VECTORS])
def test_a_count_survives_json(rule: Rule, n: int, start: str) -> None:
    count = rule(CALENDAR, date.fromisoformat(start), n)
    assert Count.from_json(json.loads(json.dumps(count.as_json()))) == count


starts = st.dates(date(2015, 1, 1), date(2025, 12, 31))
periods = st.integers(0, 240)
rules = st.sampled_from([add_working_days, add_days])


@given(rules, starts, periods)
def test_no_period_ends_on_a_rest_day_or_before_its_start(rule: Rule, start: date, n: int) -> None:
    due = rule(CALENDAR, start, n).due
    assert CALENDAR.is_working_day(due)
    assert due >= start + timedelta(days=n)


@given(starts, st.integers(0, 12))
def test_months_end_on_the_same_day_or_the_month_s_last_and_roll_to_work(start: date, n: int) -> None:
    due = add_months(CALENDAR, start, n).due
    months = start.year * 12 + start.month - 1 + n
    year, month = months // 12, months % 12 + 1
    end = date(year, month, min(start.day, monthrange(year, month)[1]))
    assert CALENDAR.is_working_day(due)
    assert not any(CALENDAR.is_working_day(end + timedelta(days=i)) for i in range((due - end).days))


@given(rules, starts, periods)
def test_a_longer_period_never_ends_earlier(rule: Rule, start: date, n: int) -> None:
    assert rule(CALENDAR, start, n).due <= rule(CALENDAR, start, n + 1).due


@given(rules, starts, periods)
def test_a_later_start_never_ends_earlier(rule: Rule, start: date, n: int) -> None:
    assert rule(CALENDAR, start, n).due <= rule(CALENDAR, start + timedelta(days=1), n).due


@given(rules, starts, periods, st.integers(1, 400))
def test_one_more_working_day_never_moves_a_date_later(rule: Rule, start: date, n: int, offset: int) -> None:
    worked = replace(CALENDAR, days={**CALENDAR.days, start + timedelta(days=offset): True})
    assert rule(worked, start, n).due <= rule(CALENDAR, start, n).due


@given(starts, st.integers(1, 240))
def test_adding_and_measuring_are_inverse(start: date, n: int) -> None:
    due = add_working_days(CALENDAR, start, n).due
    assert working_days_between(CALENDAR, start, due) == n
    assert working_days_between(CALENDAR, due, start) <= -1


@given(starts, st.integers(1, 300))
def test_measuring_counts_the_days_one_by_one(start: date, length: int) -> None:
    days = [start + timedelta(days=i) for i in range(1, length + 1)]
    assert working_days_between(CALENDAR, start, days[-1]) == sum(map(CALENDAR.is_working_day, days))
