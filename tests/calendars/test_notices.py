"""Notices are read exactly or refused, never guessed."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendars.notices import DayRow, NoticeError, read_notice
from tests.calendars.published import NOTICE_2019, NOTICE_2026, NOTICE_2027, NOTICES, SEEDS


def working_days_of(text: str, year: int) -> dict[date, bool]:
    named = read_notice(text, year)
    days = [date(year, 1, 1) + timedelta(days=i) for i in range((date(year, 12, 31) - date(year, 1, 1)).days + 1)]
    return {day: named[day].is_workday if day in named else day.weekday() < 5 for day in days}


def seeded(year: int) -> dict[date, bool]:
    return {day.date: day.is_workday for day in SEEDS[year]}


# Days that another notice, or the next year's, decided.
LATER_RULINGS = {
    2018: {date(2018, 12, 29), date(2018, 12, 31)},
    2019: {date(2019, 5, day) for day in (2, 3, 5)} | {date(2019, 4, 28)},
}


@pytest.mark.parametrize(("year", "text"), [*NOTICES.items(), (2019, NOTICE_2019)])
def test_a_published_notice_gives_the_known_year(year: int, text: str) -> None:
    read, known = working_days_of(text, year), seeded(year)
    assert {day for day in known if read[day] != known[day]} == LATER_RULINGS.get(year, set())


def test_the_notice_of_2026_gives_names_and_make_up_days() -> None:
    named = read_notice(NOTICE_2026, 2026)
    made_up = sorted(day for day, row in named.items() if row.is_workday)
    assert [f"{day:%m-%d}" for day in made_up] == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
    assert named[date(2026, 2, 14)] == DayRow(date(2026, 2, 14), True, "春节")
    assert sorted(row for row in named.values() if not row.is_workday) == sorted(
        DayRow(day.date, False, day.note) for day in SEEDS[2026] if day.note and not day.is_workday
    )


def test_advice_to_rest_is_not_a_day_off() -> None:
    advice = NOTICES[2024].replace("在除夕（2月9日）休息", "2月9日（除夕）休息")
    assert advice != NOTICES[2024]
    assert date(2024, 2, 9) not in read_notice(advice, 2024)


def test_a_notice_may_reach_back_into_december() -> None:
    named = read_notice(NOTICE_2019, 2019)
    assert named[date(2018, 12, 29)].is_workday
    assert not named[date(2018, 12, 31)].is_workday


@pytest.mark.parametrize(
    "rewritten",
    [
        NOTICE_2026.replace("周", "星期"),
        NOTICE_2026.replace("（", "(").replace("）", ")").replace("：", ":"),
        NOTICE_2026.replace("，", ", "),
        NOTICE_2026.replace("月", " 月 ").replace("日", " 日"),
        NOTICE_2026.replace("\n", "\r\n"),
        NOTICE_2026.replace("、10月10日", "、\n10月\n10日"),
        NOTICE_2026.replace("5月9日（周六）上班", "5月9日（周六）上\n班"),
        NOTICE_2026.replace("\n", "\n\n　　"),
        NOTICE_2026.replace("\n", " "),
        NOTICE_2026.replace("。\n", "\n"),
        "\ufeff" + NOTICE_2026.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
        NOTICE_2026.replace("9月20日（周日）、10月10日（周六）上班", "9月20日（周日）上班，10月10日（周六）上班"),
        NOTICE_2026.replace("至23日（农历正月初七、周一）", "至2月23日（周一）"),
        NOTICE_2026.replace("周日", "星期天"),
    ],
)
def test_the_same_notice_copied_otherwise_reads_the_same(rewritten: str) -> None:
    assert read_notice(rewritten, 2026) == read_notice(NOTICE_2026, 2026)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("1月4日（周日）上班", "1月4日（周六）上班", "2026-01-04 是星期日，不是星期六。原文：“1月4日（周六）上班”"),
        ("至23日（农历正月初七、周一）", "至23日（农历正月初七、周二）", "2026-02-23 是星期一，不是星期二。"),
        ("至5日（周二）放假调休，共5天", "至5日（周二）放假调休，共6天", "写明共 6 天，日期却有 5 天。"),
        ("2月14日（周六）、2月28日（周六）上班", "2月14日（周六）、2月30日上班", "没有 2月30日 这一天。"),
        ("5月9日（周六）上班", "5月9日（周六）补班", "没有读懂“5月9日”是放假还是上班。"),
        ("5月9日（周六）上班", "5月9日（周六）不上班", "没有读懂“5月9日”是放假还是上班。"),
        ("6月19日（周五）至21日（周日）放假，共3天", "6月19日起放假3天", "没有读懂“6月19日”是放假还是上班。"),
        ("6月19日（周五）至21日（周日）放假，共3天", "另行通知", "没有读懂这一项放假的日期。原文：“端午节：另行通知。"),
        ("6月19日（周五）至21日（周日）", "6月21日（周日）至19日（周五）", "起止日期的先后不对。"),
        ("五、端午节：6月19日（周五）至21日（周日）放假，共3天。\n", "", "没有读到“端午”的安排，通知可能不完整。"),
        ("关于2026年", "关于2025年", "这是 2025 年的通知，不是 2026 年的。"),
        ("5月9日（周六）上班", "5月3日（周日）上班", "通知对 2026-05-03 的说法前后矛盾：既放假又上班。"),
        ("5月1日（周五）至5日（周二）放假调休，共5天", "5月2日至5日放假调休，共4天", "法定节假日 2026-05-01（劳动节）"),
        ("、10月10日（周六）上班", "上班。10月10日（周六）照旧", "没有读懂“10月10日”"),
        ("1月4日（周日）上班", "2027年1月4日上班", "日期 2027-01-04 不属于 2026 年的放假安排。"),
    ],
)
def test_a_doubtful_notice_is_refused_by_its_sentence(old: str, new: str, said: str) -> None:
    assert old in NOTICE_2026
    with pytest.raises(NoticeError) as refusal:
        read_notice(NOTICE_2026.replace(old, new), 2026)
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    "text", ["", "   \n", "放假通知", "x" * 100_001, "\x00", "date,is_workday\n", "一、元旦：1月1日放假。"]
)
def test_something_else_is_refused(text: str) -> None:
    with pytest.raises(NoticeError):
        read_notice(text, 2026)


def test_a_notice_of_another_year_is_refused_by_its_weekdays() -> None:
    with pytest.raises(NoticeError, match="2026-01-01 是星期四，不是星期五"):
        read_notice(NOTICE_2027, 2026)


TABLE = "date,is_workday,note\n" + "\n".join(
    f"{day.date},{int(day.is_workday)},{day.note}" for day in SEEDS[2026] if day.note
)


def test_a_table_gives_the_same_days() -> None:
    assert read_notice(TABLE, 2026) == read_notice(NOTICE_2026, 2026)
    worded = "\ufeff Date , Is_Workday , note\r\n" + TABLE.split("\n", 1)[1].replace(",1,", ", 是 ,").replace(
        ",0,", ",否,"
    )
    assert read_notice(worded + "\n\n,,\n", 2026) == read_notice(NOTICE_2026, 2026)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2026/10/10,1,", "第 41 行：“2026/10/10”不是日期"),
        ("2026-02-30,1,", "第 41 行：“2026-02-30”不是日期"),
        (",1,", "第 41 行：“”不是日期"),
        ("2026-12-05,maybe,", "第 41 行：is_workday 应为 1（上班）或 0（放假），不是“maybe”。"),
        ("2026-12-05", "第 41 行：is_workday"),
        ("2026-10-10,0,", "第 41 行：2026-10-10 重复出现。"),
        ("2027-10-10,0,", "日期 2027-10-10 不属于 2026 年的放假安排。"),
        ("2026-12-05,1," + "长" * 61, "2026-12-05 的说明太长"),
        ("2026-12-05,1,a\x00b", "2026-12-05 的说明太长或含有不能显示的字符"),
    ],
)
def test_a_bad_row_is_refused_by_its_line(row: str, said: str) -> None:
    with pytest.raises(NoticeError) as refusal:
        read_notice(f"{TABLE}\n{row}\n", 2026)
    assert said in str(refusal.value)


def test_a_table_without_spring_festival_is_refused() -> None:
    rows = [line for line in TABLE.splitlines() if "春节" not in line]
    with pytest.raises(NoticeError, match="2026-02-16（农历除夕）"):
        read_notice("\n".join(rows), 2026)


WORDS = "一二三、元旦春节清明劳动端午中秋国庆：（）周六星期年月日至放假调休上班共天。\n,0123456789"


@given(st.text(alphabet=WORDS, max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    for made in (text, NOTICE_2026.replace("1月4日（周日）上班", text), TABLE + "\n" + text):
        with suppress(NoticeError):
            assert not read_notice(made, 2026)[date(2026, 10, 1)].is_workday
