"""A holiday called at short notice: entered through the page or the command, and no open date becomes earlier."""

from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from calendars.late_changes import basis_of, read_change, year_of
from calendars.notices import DayRow, NoticeError
from calendars.services import load_calendar
from cases.choices import Status
from cases.deadlines import start_clock
from cases.models import Deadline
from notifications.models import Kind, Notice
from tests.calendars.published import NOTICE_2027
from tests.cast import World
from tests.fingerprint import fingerprint
from tests.journeys import case_in
from tests.web.pages import browser
from workflows.holidays import change_holidays

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 28, 8, 0, tzinfo=UTC)
LONGER = """国务院办公厅关于延长2026年国庆节假期的通知
国办发明电〔2026〕7号
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将有关安排通知如下。
一、延长2026年国庆节假期至10月9日（星期五），10月10日（星期六）起正常上班。
国务院办公厅
2026年9月28日
"""
ONE_DAY = "date,is_workday,note\n2026-12-30,0,临时放假\n"


def test_an_extended_holiday_is_read_from_where_it_ended() -> None:
    rows = read_change(LONGER, load_calendar(), year=2026)
    assert sorted(rows) == [
        DayRow(date(2026, 10, 8), False, "国庆节"),
        DayRow(date(2026, 10, 9), False, "国庆节"),
        DayRow(date(2026, 10, 10), True, "国庆节"),
    ]
    assert (year_of(LONGER), basis_of(LONGER)) == (2026, "国办发明电〔2026〕7号")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("延长2026年劳动节假期至5月7日（星期四），5月8日（星期五）起正常上班。",
         {date(2026, 5, 6): False, date(2026, 5, 7): False, date(2026, 5, 8): True}),
        ("2015年9月3日（星期四）放假1天，9月6日（星期日）上班。", {date(2015, 9, 3): False, date(2015, 9, 6): True}),
        (ONE_DAY, {date(2026, 12, 30): False}),
        ("date, is_workday, note\n2026-12-30,放假,\n2026-12-26,上班,补班",
         {date(2026, 12, 30): False, date(2026, 12, 26): True}),
    ],
)  # fmt: skip
def test_late_changes_as_they_were_published(text: str, days: dict[date, bool]) -> None:
    year = year_of(text) or 2026
    assert {row.date: row.is_workday for row in read_change(text, load_calendar(), year=year)} == days


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("明天放假。", "没有读到哪一天"),
        ("延长2026年国庆节假期至10月7日（星期三）。", "已经放假到 2026-10-07"),
        ("延长2026年国庆节假期至10月9日（星期四）。", "是星期五，不是星期四"),
        ("延长2026年国庆节假期至13月9日。", "没有 13月9日 这一天"),
        ("延长2025年国庆节假期至10月9日。", "这是 2025 年的通知，不是 2026 年的"),
        ("date,is_workday,note\n2026-13-01,0,", "不是日期"),
        ("10月8日放假，10月8日上班。", "前后矛盾"),
    ],
)
def test_what_is_not_understood_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(NoticeError, match=sentence):
        read_change(text, load_calendar(), year=2026)


def test_open_deadlines_move_later_never_earlier_and_everybody_is_told(world: World) -> None:
    case = case_in(Status.SUBMITTED, world)
    case.deadlines.filter(state="RUNNING").update(state="MET", ended_on=date(2026, 9, 28))
    over = start_clock(case, "K1", on=date(2026, 9, 28), event="提交")
    before = over.due
    outcome = change_holidays(LONGER, year=2026, reason="国办发明电〔2026〕7号", by=world.director, at=AT)
    assert {change.date for change in outcome.changes} == {date(2026, 10, 8), date(2026, 10, 9)}
    over = Deadline.objects.get(pk=over.pk)
    assert (over.due > before, over.first_due) == (True, before)
    assert {n.recipient for n in Notice.objects.filter(kind=Kind.DEADLINE_MOVED)} == {world.resident, world.intake}
    entry = Entry.objects.get(head__subject_kind="calendar", head__subject_id="2026", action="change_days")
    assert (entry.actor, entry.reason) == (world.director, "国办发明电〔2026〕7号")
    later = over.due
    change_holidays("date,is_workday,note\n2026-10-08,1,\n2026-10-09,1,", year=2026, reason="更正", by=None, at=AT)
    assert Deadline.objects.get(pk=over.pk).due == later


def test_the_command_tells_what_it_would_do_and_then_does_it(world: World, tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text(ONE_DAY, encoding="utf-8")
    with pytest.raises(CommandError, match="请写明调整的依据"):
        call_command("change_holidays", str(path), stdout=StringIO())
    out, before = StringIO(), fingerprint()
    call_command("change_holidays", str(path), reason="县府办通知", dry_run=True, stdout=out)
    assert ("2026-12-30\t休息\t临时放假" in out.getvalue(), fingerprint() == before) == (True, True)
    call_command("change_holidays", str(path), reason="县府办通知", stdout=StringIO())
    assert not load_calendar().is_working_day(date(2026, 12, 30))


def test_the_page_shows_first_and_stores_what_was_looked_at(world: World) -> None:
    page, before = browser(world.sysadmin), fingerprint()
    assert "2026" in page.get("/desk/holidays/").content.decode()
    given = {"kind": "change", "notice": ONE_DAY, "basis": "合肥市政府通知"}
    looked = page.post("/desk/holidays/", given)
    assert (looked.status_code, "2026-12-30" in looked.content.decode()) == (200, True)
    assert (fingerprint() == before, load_calendar().is_working_day(date(2026, 12, 30))) == (True, True)
    stored = page.post("/desk/holidays/", given | {"looked_at": looked.context["looked_at"]})
    assert (stored.status_code, load_calendar().is_working_day(date(2026, 12, 30))) == (302, False)
    entry = Entry.objects.get(head__subject_kind="calendar", action="change_days")
    assert (entry.actor, entry.reason) == (world.sysadmin, "合肥市政府通知")
    again = page.post("/desk/holidays/", given)
    assert (again.status_code, "没有要改的" in again.content.decode()) == (422, True)


def test_a_whole_year_comes_in_by_page(world: World) -> None:
    page = browser(world.director)
    given = {"kind": "year", "notice": NOTICE_2027, "year": "2027"}
    looked = page.post("/desk/holidays/", given)
    assert looked.status_code == 200
    assert page.post("/desk/holidays/", given | {"looked_at": looked.context["looked_at"]}).status_code == 302
    assert "已按通知确定" in page.get("/desk/holidays/").content.decode()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"kind": "change", "notice": ""}, "请贴通知全文"),
        ({"notice": ONE_DAY, "basis": "x"}, "是哪一种"),
        ({"kind": "change", "notice": ONE_DAY}, "请写明调整的依据"),
        ({"kind": "change", "notice": "明天放假", "year": "2026", "basis": "口头"}, "没有读到哪一天"),
        ({"kind": "year", "notice": LONGER}, "没有读到"),
    ],
)
def test_the_page_says_what_is_wrong_and_keeps_what_was_typed(
    world: World, given: dict[str, str], sentence: str
) -> None:
    answer = browser(world.sysadmin).post("/desk/holidays/", given)
    shown = answer.content.decode()
    assert (answer.status_code, sentence in shown) == (422, True)
    assert given["notice"].split("\n")[0] in shown


def test_only_who_keeps_the_calendar_finds_the_page(world: World) -> None:
    for user in (world.intake, world.mediator, world.regulator, world.resident, world.company_user):
        assert browser(user).get("/desk/holidays/").status_code == 404
