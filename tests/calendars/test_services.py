"""Loading and changing the calendar, journalled and seen by every process."""

from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from audit.models import Entry
from audit.services import record
from calendars.models import CalendarDay, CalendarVersion
from calendars.notices import DayRow, NoticeError
from calendars.selectors import loaded_years, provisional_years
from calendars.services import change_days, import_notice, load_calendar, load_year
from calendars.working_days import CalendarUnknownError, add_working_days
from tests.calendars.published import CALENDAR, NOTICE_2019, NOTICE_2026, NOTICE_2027, NOTICES, SEEDS

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


@pytest.fixture
def clerk() -> User:
    return User.objects.create_user(username="clerk")


def everything() -> list[tuple[Any, ...]]:
    return [*CalendarDay.objects.values_list(), *CalendarVersion.objects.values_list(), *Entry.objects.values_list()]


def test_a_new_database_holds_2015_to_2027() -> None:
    assert load_calendar() == CALENDAR
    assert loaded_years() == frozenset(range(2015, 2028))
    assert provisional_years() == {2027}


def test_the_estimate_of_2027_gives_statutory_days_and_days_in_lieu_but_no_working_weekend() -> None:
    calendar = load_calendar()
    off = [
        f"{day.date:%m-%d}" for day in SEEDS[2027] if day.date.weekday() < 5 and not calendar.is_working_day(day.date)
    ]
    assert off == [
        *("01-01", "02-05", "02-08", "02-09", "02-10", "04-05", "05-03", "05-04"),
        *("06-09", "09-15", "10-01", "10-04", "10-05"),
    ]
    assert not any(calendar.is_working_day(day.date) for day in SEEDS[2027] if day.date.weekday() >= 5)
    assert calendar.notes[date(2027, 2, 10)] == "春节"


def test_a_loaded_calendar_costs_one_small_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    first = load_calendar()
    with django_assert_num_queries(1):
        assert load_calendar() is first


def test_a_change_elsewhere_is_seen_and_a_rolled_back_one_forgotten(clerk: User) -> None:
    before = load_calendar()
    with transaction.atomic():
        import_notice(NOTICE_2027, year=2027, by=clerk, at=NOW, record=record)
        assert load_calendar() != before
        transaction.set_rollback(True)
    assert load_calendar() == before
    # As another process would do it.
    CalendarDay.objects.filter(date=date(2027, 1, 31)).update(is_workday=True)
    CalendarVersion.objects.update(token="00000000-0000-4000-8000-000000000001")
    assert load_calendar().is_working_day(date(2027, 1, 31))


def test_an_emptied_calendar_says_so_and_can_be_filled_again(clerk: User) -> None:
    CalendarDay.objects.all().delete()
    CalendarVersion.objects.all().delete()
    with pytest.raises(CalendarUnknownError):
        load_calendar().is_working_day(date(2026, 1, 5))
    load_year(2026, by=clerk, at=NOW, record=record)
    assert load_calendar().is_working_day(date(2026, 1, 4))


def test_a_notice_makes_a_provisional_year_final(clerk: User) -> None:
    changes = import_notice(NOTICE_2027, year=2027, by=clerk, at=NOW, record=record)
    assert [(f"{change.date:%m-%d}", change.was, change.is_workday) for change in changes] == [
        ("01-31", False, True),
        ("02-11", True, False),
        ("02-12", True, False),
        ("02-14", False, True),
        ("05-05", True, False),
        ("05-08", False, True),
        ("09-26", False, True),
        ("10-06", True, False),
        ("10-07", True, False),
        ("10-09", False, True),
    ]
    assert provisional_years() == frozenset()
    assert not add_working_days(load_calendar(), date(2026, 11, 20), 30).provisional
    assert set(CalendarDay.objects.filter(date__year=2027).values_list("source", "provisional")) == {("notice", False)}


def test_a_notice_is_journalled_once(clerk: User) -> None:
    import_notice(NOTICE_2027, year=2027, by=clerk, at=NOW, record=record)
    entry = Entry.objects.get()
    assert (entry.action, entry.actor_id, entry.at) == ("import_notice", clerk.pk, NOW)
    assert (entry.before["provisional"], entry.after["provisional"]) == (True, False)
    assert entry.before["days"]["2027-01-31"] == [False, ""]
    assert entry.after["days"]["2027-01-31"] == [True, "春节"]
    assert import_notice(NOTICE_2027, year=2027, by=clerk, at=NOW, record=record) == ()
    assert Entry.objects.get() == entry


@pytest.mark.parametrize("form", ["text", "rows"])
def test_the_real_notice_of_2026_changes_nothing_known(clerk: User, form: str) -> None:
    CalendarDay.objects.filter(date__year=2026).delete()
    rows = [DayRow(day.date, day.is_workday, day.note) for day in SEEDS[2026] if day.note]
    notice = NOTICE_2026 if form == "text" else rows
    changes = import_notice(notice, year=2026, by=clerk, at=NOW, record=record)
    assert len(changes) == 365
    known = dict(CalendarDay.objects.filter(date__year=2026).values_list("date", "is_workday"))
    assert known == {day.date: day.is_workday for day in SEEDS[2026]}
    assert load_calendar() == CALENDAR


def test_a_notice_rules_the_december_before_and_a_later_import_keeps_it(clerk: User) -> None:
    CalendarDay.objects.filter(date__year=2018, date__month=12).update(note="", source="notice")
    CalendarDay.objects.filter(date=date(2018, 12, 29)).update(is_workday=False)
    changes = import_notice(NOTICE_2019, year=2019, by=clerk, at=NOW, record=record)
    assert changes[0][:3] == (date(2018, 12, 29), False, True)
    import_notice(NOTICES[2018], year=2018, by=clerk, at=NOW, record=record)
    assert load_calendar().is_working_day(date(2018, 12, 29))
    assert not load_calendar().is_working_day(date(2018, 12, 31))


def test_a_notice_reaching_into_a_year_not_loaded_is_refused(clerk: User) -> None:
    CalendarDay.objects.filter(date__year__lte=2018).delete()
    before = everything()
    with pytest.raises(CalendarUnknownError):
        import_notice(NOTICE_2019, year=2019, by=clerk, at=NOW, record=record)
    assert everything() == before


@pytest.mark.parametrize(
    ("notice", "year"),
    [
        (NOTICE_2027.replace("5月8日（周六）", "5月8日（周日）"), 2027),
        (NOTICE_2027, 2028),
        (NOTICE_2027, 1999),
        (NOTICE_2027, 10**9),
        ([DayRow(date(2027, 1, 1), False), DayRow(date(2027, 1, 1), True)], 2027),
        ([DayRow(date(2027, 1, 31), True, "春节")], 2026),
        ([], 2027),
    ],
)
def test_a_refused_notice_leaves_nothing_behind(clerk: User, notice: str | list[DayRow], year: int) -> None:
    before = everything()
    with pytest.raises(NoticeError):
        import_notice(notice, year=year, by=clerk, at=NOW, record=record)
    assert everything() == before


def test_a_failing_journal_undoes_the_import(clerk: User) -> None:
    before = everything()

    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError), transaction.atomic():
        import_notice(NOTICE_2027, year=2027, by=clerk, at=NOW, record=fail)
    assert everything() == before


def test_single_days_change_with_a_reason(clerk: User) -> None:
    changes = change_days(
        [DayRow(date(2026, 12, 24), False, "临时放假"), DayRow(date(2027, 3, 1), False)],
        reason="国办发明电〔2026〕9号",
        by=clerk,
        at=NOW,
        record=record,
    )
    assert [(change.date, change.was, change.is_workday) for change in changes] == [
        (date(2026, 12, 24), True, False),
        (date(2027, 3, 1), True, False),
    ]
    assert not load_calendar().is_working_day(date(2026, 12, 24))
    assert CalendarDay.objects.get(date=date(2027, 3, 1)).provisional
    assert [entry.reason for entry in Entry.objects.all()] == ["国办发明电〔2026〕9号"] * 2


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([DayRow(date(2026, 12, 24), False)], " "),
        ([DayRow(date(2026, 12, 24), False, "x" * 61)], "依据"),
        ([DayRow(date(2026, 12, 24), False), DayRow(date(2029, 1, 2), False)], "依据"),
    ],
)
def test_a_refused_change_leaves_nothing_behind(clerk: User, rows: list[DayRow], reason: str) -> None:
    before = everything()
    with pytest.raises((NoticeError, CalendarUnknownError)):
        change_days(rows, reason=reason, by=clerk, at=NOW, record=record)
    assert everything() == before


def test_the_next_year_can_be_added_provisionally_once(clerk: User) -> None:
    assert len(load_year(2028, by=None, at=NOW, record=record)) == 366
    assert provisional_years() == {2027, 2028}
    assert load_year(2028, by=None, at=NOW, record=record) == ()
    assert Entry.objects.count() == 1


def test_a_database_refuses_nonsense() -> None:
    for nonsense in (
        {"source": "guess"},
        {"source": "notice", "provisional": True},
        {"source": "holidays", "provisional": False},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            CalendarDay.objects.create(**{"date": date(2030, 1, 1), "is_workday": True, **nonsense})
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarVersion.objects.create(id=2)


def test_the_data_migration_goes_both_ways() -> None:
    migration = import_module("calendars.migrations.0002_known_years")
    days = list(CalendarDay.objects.values_list())
    migration.empty(apps, None)
    assert not CalendarDay.objects.exists()
    migration.fill(apps, None)
    assert list(CalendarDay.objects.values_list()) == days


def test_reading_the_whole_calendar_takes_two_queries() -> None:
    CalendarVersion.objects.update(token="00000000-0000-4000-8000-000000000002")
    with CaptureQueriesContext(connection) as queries:
        load_calendar()
    assert len(queries) == 2
