"""Read a holiday notice, as the State Council publishes it or as a table; refuse rather than guess. Pure."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError
from calendars.seeds import statutory_days

LONGEST_TEXT = 100_000
LONGEST_NOTE = 60
WEEKDAYS = "一二三四五六日"
FESTIVALS = ("元旦", "春节", "清明", "劳动节", "端午", "中秋", "国庆")

_NAME = r"(?:元旦|春节|清明节?|劳动节|端午节?|中秋节?|国庆节?)"
_ITEM = re.compile(
    rf"(?:^|(?<=[。；：\n]))(?:[一二三四五六七八九十]+、([^：。\n]{{1,40}})|({_NAME}(?:[、和]{_NAME})*))："
)
_DATE = r"(?:([0-9]{4})年)?(?:([0-9]{1,2})月)?([0-9]{1,2})日((?:（[^（）]*）)?)"
_ANY_DATE = re.compile(r"[0-9]{1,2}月[0-9]{1,2}日|[0-9]{1,2}日")
_SPAN = re.compile(rf"{_DATE}(?:(?:至|到|—+|-+|~|～){_DATE})?")
_PLAIN_SPAN = re.sub(r"\((?!\?)", "(?:", _SPAN.pattern)
_RULING = re.compile(
    rf"((?:{_PLAIN_SPAN})(?:[、和及，](?:{_PLAIN_SPAN}))*)(?:均|都|照常|正常)?(放假调休|调休放假|放假|补休|调休|休息|公休|上班)"
    rf"(?:，?共?([0-9]{{1,2}})天)?"
)
_SIGNATURE = re.compile(r"(?:国务院办公厅|^)[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日$")
_WEEKDAY = re.compile(r"(?:星期|周|礼拜)([一二三四五六日天])")
_TITLE_YEAR = re.compile(r"([0-9]{4})年(?:部分节假日|元旦)")
_WRITTEN_ALIKE = str.maketrans("():;０１２３４５６７８９", "（）：；0123456789")


class NoticeError(DomainError):
    """The notice cannot be taken over; the sentence names the place."""


class DayRow(NamedTuple):
    """What a notice says about one day."""

    date: date
    is_workday: bool
    note: str = ""


@dataclass(frozen=True)
class Place:
    """Where in the notice something stands, for the refusal."""

    sentence: str

    def refuse(self, reason: Promise | str) -> NoticeError:
        return NoticeError(format_lazy(_("{reason}原文：“{sentence}”"), reason=reason, sentence=self.sentence))


def read_notice(text_or_rows: str | Iterable[DayRow], year: int) -> dict[date, DayRow]:
    """Return the days that the notice names for the year; days it does not name follow the week. Raises NoticeError."""
    rows = _read_text(text_or_rows, year) if isinstance(text_or_rows, str) else list(text_or_rows)
    named = check_rows(rows)
    for day in named:
        # A notice may reach back into the last days of the year before: 2018-12-29 worked for New Year 2019.
        if day.year != year and not (day.year == year - 1 and day.month == 12):
            raise NoticeError(format_lazy(_("日期 {day} 不属于 {year} 年的放假安排。"), day=day, year=year))
    for day, name in statutory_days(year).items():
        if named[day].is_workday if day in named else day.weekday() < 5:
            raise NoticeError(
                format_lazy(
                    _("通知没有把法定节假日 {day}（{name}）列为放假，可能不完整或年份不对。"), day=day, name=name
                )
            )
    return named


def check_rows(rows: Iterable[DayRow]) -> dict[date, DayRow]:
    """Return the rows by day; raises NoticeError where they contradict each other or cannot be shown."""
    named: dict[date, DayRow] = {}
    for row in rows:
        if len(row.note) > LONGEST_NOTE or not row.note.isprintable():
            raise NoticeError(format_lazy(_("{day} 的说明太长或含有不能显示的字符。"), day=row.date))
        known = named.setdefault(row.date, row)
        if known.is_workday != row.is_workday:
            raise NoticeError(format_lazy(_("通知对 {day} 的说法前后矛盾：既放假又上班。"), day=row.date))
    return named


def _read_text(text: str, year: int) -> list[DayRow]:
    if len(text) > LONGEST_TEXT:
        raise NoticeError(_("文字太长，不像一份放假通知。"))
    if is_table(text):
        return list(read_table(text))
    return list(_read_published(tidy(text), year))


# A table: date,is_workday,note


def is_table(text: str) -> bool:
    """Say whether this is a table: its first line names the columns."""
    header = {name.strip().lower() for name in _lines(text)[0].split(",")} if _lines(text) else set()
    return {"date", "is_workday"} <= header


def _lines(text: str) -> list[str]:
    return text.lstrip("\ufeff\r\n\t ").splitlines()


def read_table(text: str) -> Iterator[DayRow]:
    """Yield the rows of a table; raises NoticeError with the line that cannot be read."""
    lines = _lines(text)
    reader = csv.DictReader(lines, skipinitialspace=True)
    reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or []]
    seen: set[date] = set()
    for row in reader:
        if not any(isinstance(value, str) and value.strip() for value in row.values()):
            continue
        day = _table_date(row.get("date"), reader.line_num)
        if day in seen:
            raise NoticeError(format_lazy(_("第 {line} 行：{day} 重复出现。"), line=reader.line_num, day=day))
        seen.add(day)
        yield DayRow(day, _table_answer(row.get("is_workday"), reader.line_num), (row.get("note") or "").strip())


def _table_date(value: str | None, line: int) -> date:
    try:
        return date.fromisoformat((value or "").strip())
    except ValueError:
        raise NoticeError(
            format_lazy(_("第 {line} 行：“{value}”不是日期，应写成 2027-01-01 的样子。"), line=line, value=value or "")
        ) from None


def _table_answer(value: str | None, line: int) -> bool:
    answer = (value or "").strip().lower()
    if answer in {"1", "true", "yes", "是", "上班"}:
        return True
    if answer in {"0", "false", "no", "否", "休", "放假"}:
        return False
    raise NoticeError(
        format_lazy(
            _("第 {line} 行：is_workday 应为 1（上班）或 0（放假），不是“{value}”。"), line=line, value=value or ""
        )
    )


# The published wording: 一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。


def tidy(text: str) -> str:
    """Write digits, brackets and colons alike; join lines that broke within a sentence."""
    plain = re.sub(r"[^\S\n]+", "", text.replace("\r\n", "\n").replace("\r", "\n").translate(_WRITTEN_ALIKE))
    plain = re.sub(r"(?<=[\u4e00-\u9fff0-9）]),", "，", plain)
    return re.sub(rf"(?<![。；])\n+(?!(?:[一二三四五六七八九十]+、)?{_NAME})", "", plain)


def _read_published(text: str, year: int) -> Iterator[DayRow]:
    for named_year in _TITLE_YEAR.findall(text):
        if int(named_year) != year:
            raise NoticeError(format_lazy(_("这是 {named} 年的通知，不是 {year} 年的。"), named=named_year, year=year))
    heads = list(_ITEM.finditer(text))
    names = "".join(head[1] or head[2] for head in heads)
    for festival in FESTIVALS:
        if festival not in names:
            raise NoticeError(format_lazy(_("没有读到“{festival}”的安排，通知可能不完整。"), festival=festival))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=True):
        yield from _read_item(head[1] or head[2], text[head.end() : end], year)


def _read_item(name: str, body: str, year: int) -> Iterator[DayRow]:
    rows: list[DayRow] = []
    for sentence in re.split(r"[。；\n]", body):
        # 2024: "鼓励…安排职工在除夕（2月9日）休息" is advice, the day stayed a working day.
        if "鼓励" not in sentence:
            rows += read_days(name, sentence, year)
    if all(row.is_workday for row in rows):
        raise Place(f"{name}：{body}").refuse(_("没有读懂这一项放假的日期。"))
    yield from rows


def read_days(name: str, sentence: str, year: int) -> Iterator[DayRow]:
    """Yield the days that a sentence makes free or working; raises NoticeError for a date it does not understand."""
    place = Place(sentence)
    unread = _ANY_DATE.search(re.sub(r"（[^（）]*）", "", _RULING.sub("", _SIGNATURE.sub("", sentence))))
    if unread:
        raise place.refuse(format_lazy(_("没有读懂“{date}”是放假还是上班。"), date=unread[0]))
    for ruling in _RULING.finditer(sentence):
        days = list(_read_spans(ruling[1], year, place))
        if ruling[3] and int(ruling[3]) != len(days):
            raise place.refuse(
                format_lazy(_("写明共 {said} 天，日期却有 {found} 天。"), said=ruling[3], found=len(days))
            )
        yield from (DayRow(day, ruling[2] == "上班", _festival(name)) for day in days)


def _read_spans(text: str, year: int, place: Place) -> Iterator[date]:
    month = ""
    for span in _SPAN.finditer(text):
        first = read_date(span[1] or str(year), span[2] or month, span[3], span[4], place)
        month = span[6] or span[2] or month
        last = first
        if span[7]:
            last = read_date(span[5] or span[1] or str(year), month, span[7], span[8], place)
        if not first <= last <= first + timedelta(days=30):
            raise place.refuse(_("起止日期的先后不对。"))
        yield from (first + timedelta(days=i) for i in range((last - first).days + 1))


def read_date(year: str, month: str, day: str, remark: str, place: Place) -> date:
    """Return the day, if its weekday is the one that is said; raises NoticeError."""
    try:
        found = date(int(year), int(month or 0), int(day))
    except ValueError:
        raise place.refuse(format_lazy(_("没有 {month}月{day}日 这一天。"), month=month, day=day)) from None
    said = _WEEKDAY.search(remark)
    real = WEEKDAYS[found.weekday()]
    if said and said[1].replace("天", "日") != real:
        raise place.refuse(format_lazy(_("{date} 是星期{real}，不是星期{said}。"), date=found, real=real, said=said[1]))
    return found


def _festival(name: str) -> str:
    """Return the names as the calendar keeps them: 国庆节、中秋节."""
    full = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节", "国庆": "国庆节"}
    return "、".join(full.get(part, part) for part in re.split(r"[、和]", name))
