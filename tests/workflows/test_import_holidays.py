"""A State Council notice makes a year final: every open date is counted again, never earlier, and everybody is told."""

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from calendars.notices import DayRow, read_notice
from calendars.selectors import provisional_years
from calendars.services import load_calendar
from calendars.today import end_of_day
from cases.choices import Status
from cases.deadlines import start_clock, why
from cases.models import Case, Deadline
from notifications.models import Kind, Notice
from tests.calendars.published import NOTICE_2027
from tests.cast import World
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in
from tests.moves import answering
from workflows.tasks import active_tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    path = tmp_path / "2027.txt"
    path.write_text(NOTICE_2027, encoding="utf-8")
    return path


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("import_holidays", *map(str, arguments), stdout=out)
    return out.getvalue()


def february(case: Case, key: str = "K1", start: date = date(2027, 2, 3)) -> Deadline:
    """A deadline that runs over the Spring Festival of the provisional year."""
    case.deadlines.filter(clock=key, state="RUNNING").update(state="MET", ended_on=start)
    return start_clock(case, key, on=start, event="提交")


def test_a_date_moves_later_with_its_reason_and_everybody_is_told(world: World, notice: Path) -> None:
    case = case_in(Status.SUBMITTED, world)
    deadline = february(case)
    assert (deadline.due, deadline.provisional) == (date(2027, 2, 16), True)
    printed = run(notice, "--year", 2027)
    fresh = Deadline.objects.get(pk=deadline.pk)
    assert (fresh.due, fresh.provisional, fresh.first_due) == (date(2027, 2, 17), False, date(2027, 2, 16))
    [move] = fresh.moves.all()
    assert (move.cause, move.from_due, move.to_due) == ("CALENDAR", date(2027, 2, 16), date(2027, 2, 17))
    assert "放假安排公布后重新计算" in why(fresh)[-1]
    case.refresh_from_db()
    assert (case.next_due, case.next_clock) == (date(2027, 2, 17), "K1")
    assert {n.recipient for n in Notice.objects.filter(kind=Kind.DEADLINE_MOVED)} == {world.resident, world.intake}
    assert provisional_years() == frozenset()
    assert f"{case.number}\t决定是否受理\t2027-02-16 → 2027-02-17" in printed
    assert printed.strip().endswith("1 deadlines moved")


def test_a_date_that_would_come_earlier_stays(world: World, notice: Path) -> None:
    case = case_in(Status.SUBMITTED, world)
    # 2027-01-31, a Sunday, becomes a working day: counted anew this would be earlier.
    deadline = february(case, start=date(2027, 1, 27))
    old = deadline.due
    run(notice, "--year", 2027)
    deadline.refresh_from_db()
    assert (deadline.due, deadline.provisional, deadline.moves.count()) == (old, False, 0)
    assert not Notice.objects.filter(kind=Kind.DEADLINE_MOVED).exists()


def test_a_second_run_changes_nothing(world: World, notice: Path) -> None:
    february(case_in(Status.SUBMITTED, world))
    run(notice, "--year", 2027)
    before = fingerprint()
    assert run(notice, "--year", 2027).strip() == "0 days changed, 0 deadlines moved"
    assert changed(before) == []


def test_a_dry_run_shows_and_keeps_nothing(world: World, notice: Path) -> None:
    february(case_in(Status.SUBMITTED, world))
    before, calendar = fingerprint(), load_calendar()
    printed = run(notice, "--year", 2027, "--dry-run")
    assert "2027-02-16 → 2027-02-17" in printed
    assert changed(before) == []
    assert load_calendar() == calendar


def test_the_timer_of_a_moved_date_moves_with_it(world: World, notice: Path) -> None:
    case = answering(world)
    case.deadlines.filter(clock="K3").update(state="MET", ended_on=date(2027, 2, 1))
    deadline = start_clock(case, "K3", on=date(2027, 2, 1), event="转办")  # ends on 11 February: a holiday now
    run(notice, "--year", 2027)
    deadline.refresh_from_db()
    assert deadline.due == date(2027, 2, 14)
    [timer] = [task for task in active_tasks(case) if task.flow_task.name == "answer_expires"]
    assert timer.scheduled == end_of_day(deadline.due)
    told = {n.recipient for n in Notice.objects.filter(kind=Kind.DEADLINE_MOVED)}
    assert {world.resident, world.company_user} <= told


def test_a_date_in_the_december_before_is_counted_again_too(world: World, tmp_path: Path) -> None:
    named = read_notice(NOTICE_2027, 2027) | {date(2026, 12, 31): DayRow(date(2026, 12, 31), False, "元旦")}
    lines = [f"{row.date},{int(row.is_workday)},{row.note}" for row in named.values()]
    path = tmp_path / "reaches-back.csv"
    path.write_text("\n".join(["date,is_workday,note", *lines]), encoding="utf-8")
    deadline = february(case_in(Status.SUBMITTED, world), start=date(2026, 12, 24))
    assert deadline.due == date(2026, 12, 31)
    run(path, "--year", 2027)
    deadline.refresh_from_db()
    assert deadline.due == date(2027, 1, 4)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "。"),
        (b"\xff\xfe\x00\x01\x02", "。"),
        ("一、元旦：1月1日放假。".encode(), "。"),
        (NOTICE_2027.replace("5月8日（周六）", "5月8日（周日）").encode(), "。"),
    ],
)
def test_a_bad_notice_is_refused_with_a_sentence_and_nothing_is_kept(
    world: World, tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "bad"
    path.write_bytes(content)
    before = fingerprint()
    with pytest.raises(CommandError, match=sentence):
        run(path, "--year", 2027)
    assert changed(before) == []


@pytest.mark.parametrize("arguments", [("/nowhere/2027.txt", "--year", "2027"), ("x", "--year", "next"), ("x",)])
def test_a_wrong_call_says_what_is_wrong(arguments: tuple[str, ...], db: None) -> None:
    with pytest.raises(CommandError):
        run(*arguments)


def test_a_notice_in_the_old_encoding_is_read(world: World, tmp_path: Path) -> None:
    path = tmp_path / "gb.txt"
    path.write_bytes(NOTICE_2027.encode("gb18030"))
    assert "10 days changed" in run(path, "--year", 2027)
