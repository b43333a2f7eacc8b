"""What the shipped libraries know about a year."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import chinese_calendar
import holidays
from chinese_calendar.constants import Holiday

FULL_NAMES = {
    "清明": "清明节",
    "端午": "端午节",
    "中秋": "中秋节",
    "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日": "抗战胜利纪念日",
}


class SeedDay(NamedTuple):
    """One day as a library has it."""

    date: date
    is_workday: bool
    note: str
    source: str
    provisional: bool


def days_of_year(year: int) -> Iterator[date]:
    """Yield every day of the year."""
    first = date(year, 1, 1)
    return (first + timedelta(days=i) for i in range((date(year, 12, 31) - first).days + 1))


def statutory_days(year: int, *, in_lieu: bool = False) -> dict[date, str]:
    """Return the days off that the law itself names (全国年节及纪念日放假办法, art. 2), by date, with their names.

    With `in_lieu` also the weekdays off for those that fall on a weekend (art. 6). Days that a notice moved stay out.
    """
    known = holidays.country_holidays("CN", years=year, observed=in_lieu, language="zh_CN")
    return {day: name for day, name in sorted(known.items()) if not name.startswith("休息日")}


def seed_year(year: int) -> list[SeedDay]:
    """Return the year as published where chinesecalendar knows it, else a provisional estimate."""
    try:
        return [_published(day) for day in days_of_year(year)]
    except NotImplementedError:
        return estimate_year(year)


def estimate_year(year: int) -> list[SeedDay]:
    """Return weekends and statutory days, with days in lieu but no make-up working days, marked provisional."""
    off = statutory_days(year, in_lieu=True)
    names = {day: name.removesuffix("（补假）").replace("农历除夕", "春节") for day, name in off.items()}
    return [
        SeedDay(day, day.weekday() < 5 and day not in names, names.get(day, ""), "holidays", True)
        for day in days_of_year(year)
    ]


def _published(day: date) -> SeedDay:
    works = chinese_calendar.is_workday(day)
    _off, name = chinese_calendar.get_holiday_detail(day)
    chinese = Holiday(name).chinese if name else ""
    return SeedDay(day, works, FULL_NAMES.get(chinese, chinese), "chinesecalendar", False)
