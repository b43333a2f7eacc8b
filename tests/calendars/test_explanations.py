"""Why a date is what it is, in words."""

from dataclasses import replace
from datetime import date

import pytest

from calendars.explanations import SENTENCES, explain, notice_warning
from calendars.working_days import Step, StepKind, add_days, add_months, add_working_days
from tests.calendars.published import CALENDAR


def test_working_days_over_the_national_day_are_explained() -> None:
    assert explain(add_working_days(CALENDAR, date(2026, 9, 30), 5)) == [
        "2026年9月30日（星期三）是起算日，当日不计，从次日起算（《民法典》第二百零一条）。",
        "2026年10月1日（星期四）至2026年10月7日（星期三）因国庆节放假，不计入。",
        "2026年10月10日（星期六）虽是周末，但因国庆节调休上班，计入。",
        "其间普通周末休息 1 天，不计入。",
        "数满 5 个工作日，是2026年10月13日（星期二）。",
    ]


def test_rolling_on_is_explained() -> None:
    assert explain(add_days(CALENDAR, date(2026, 8, 28), 30))[1:] == [
        "数满 30 日，是2026年9月27日（星期日）。",
        "2026年9月27日（星期日）休息（中秋节），顺延到休息结束后的第一个工作日2026年9月28日（星期一）（《民法典》第二百零三条）。",
    ]


def test_a_short_month_is_explained() -> None:
    assert explain(add_months(CALENDAR, date(2026, 1, 31), 1))[1:] == [
        "到期的月份没有与起算日相同的日子，以月末为准（《民法典》第二百零二条）。",
        "满 1 个月，是2026年2月28日（星期六）。",
    ]


def test_a_provisional_date_says_so() -> None:
    sentences = explain(add_working_days(CALENDAR, date(2026, 11, 20), 30))
    assert sentences[-1] == "2027 年的放假安排尚未公布，这个日期是按法定节假日暂算的，公布后重新计算。"
    assert sentences[1] == "2027年1月1日（星期五）至2027年1月3日（星期日）因元旦放假，不计入。"


def test_a_period_of_nothing_is_explained() -> None:
    assert explain(add_days(CALENDAR, date(2026, 9, 18), 0))[1] == "期限就在起算日当天。"


@pytest.mark.parametrize("kind", list(StepKind))
@pytest.mark.parametrize("note", ["", "国庆节、中秋节"])
@pytest.mark.parametrize("amount", [0, 1, 2])
def test_every_step_has_its_sentence(kind: StepKind, note: str, amount: int) -> None:
    sentence = SENTENCES[kind](Step(kind, date(2026, 9, 30), date(2026, 10, 8), note, amount))
    assert sentence.endswith("。")
    assert "%" not in sentence


@pytest.mark.parametrize(
    ("today", "final", "years"),
    [
        (date(2026, 9, 30), False, ""),
        (date(2026, 10, 1), False, "2027 年"),
        (date(2026, 10, 1), True, ""),
        (date(2027, 3, 1), False, "2027 年"),
        (date(2027, 10, 1), False, "2027、2028 年"),
    ],
)
def test_staff_are_warned_of_a_missing_notice_from_october(today: date, final: bool, years: str) -> None:
    calendar = replace(CALENDAR, provisional_years=frozenset()) if final else CALENDAR
    warning = notice_warning(calendar, today)
    assert warning.startswith(years)
    assert bool(warning) == bool(years)
