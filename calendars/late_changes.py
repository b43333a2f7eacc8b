"""Read a late change of a published year: a longer holiday, single days, a table; refuse rather than guess. Pure."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from calendars.notices import (
    FESTIVALS,
    LONGEST_TEXT,
    DayRow,
    NoticeError,
    Place,
    check_rows,
    is_table,
    read_date,
    read_days,
    read_table,
    tidy,
)
from calendars.working_days import WorkCalendar

_ONE_DAY = timedelta(days=1)
_LONGEST = timedelta(days=30)
_FESTIVAL = re.compile(rf"({'|'.join(FESTIVALS)})节?(?:、({'|'.join(FESTIVALS)})节?)*")
# 延长2026年国庆节假期至10月9日（星期五），10月10日（星期六）起正常上班
_EXTENDED = re.compile(
    r"(?:将)?延长(?:(?P<year>[0-9]{4})年)?(?P<name>[^至到，。；0-9]{1,20}?)(?:放假|假期)(?:延长)?(?:至|到)"
    r"(?P<end>(?:[0-9]{4}年)?[0-9]{1,2}月[0-9]{1,2}日(?:（[^（）]*）)?)"
)
_RETURN = re.compile(r"(?P<day>(?:[0-9]{4}年)?[0-9]{1,2}月[0-9]{1,2}日(?:（[^（）]*）)?)起(?:正常)?(?:上班|工作)")
_DAY = re.compile(r"(?:([0-9]{4})年)?([0-9]{1,2})月([0-9]{1,2})日((?:（[^（）]*）)?)")
_TITLE = re.compile(r"^.{0,40}?通知$", re.MULTILINE)
_TITLE_YEAR = re.compile(r"(?<![〔0-9])([0-9]{4})年")
_NUMBER = re.compile(r"[^\s。]{2,12}〔[0-9]{4}〕[0-9]{1,4}号")


def year_of(text: str) -> int | None:
    """Return the year that a notice names, where it names one."""
    body = _TITLE_YEAR.findall(tidy(text).split("国务院办公厅\n")[0])
    return int(body[0]) if body else None


def basis_of(text: str) -> str:
    """Return the number of the document, where it has one: 国办发明电〔2026〕9号."""
    found = _NUMBER.search(text)
    return found[0] if found else ""


def read_change(text: str, calendar: WorkCalendar, *, year: int) -> list[DayRow]:
    """Return the days that change. `calendar` says how long a holiday has been so far. Raises NoticeError."""
    if len(text) > LONGEST_TEXT:
        raise NoticeError(_("文字太长，不像一份放假通知。"))
    if is_table(text):
        return list(check_rows(read_table(text)).values())
    rows = [row for sentence in _sentences(text) for row in _read(sentence, calendar, year)]
    if not rows:
        raise NoticeError(_("没有读到哪一天改为放假或者上班。请贴通知全文，或者“日期,是否上班,说明”的表格。"))
    return list(check_rows(rows).values())


def _sentences(text: str) -> Iterator[str]:
    """Yield what rules; the title says the same as the text below it, without the day of return."""
    for sentence in re.split(r"[。；\n]", _TITLE.sub("", tidy(text))):
        if sentence.strip() and "鼓励" not in sentence:
            yield sentence.strip()


def _read(sentence: str, calendar: WorkCalendar, year: int) -> Iterator[DayRow]:
    place = Place(sentence)
    name = _FESTIVAL.search(sentence)
    note = _full(name[0]) if name else ""
    if extended := _EXTENDED.search(sentence):
        if extended["year"] and int(extended["year"]) != year:
            raise NoticeError(
                format_lazy(_("这是 {named} 年的通知，不是 {year} 年的。"), named=extended["year"], year=year)
            )
        yield from _extension(_day(extended["end"], year, place), note, calendar, place)
        sentence = sentence.replace(extended[0], "")
    for back in _RETURN.finditer(sentence):
        yield DayRow(_day(back["day"], year, place), True, note)
    yield from read_days(note, _RETURN.sub("", sentence), year)


def _extension(end: date, note: str, calendar: WorkCalendar, place: Place) -> Iterator[DayRow]:
    """Yield the days from the end of the holiday so far to the new end."""
    day = end
    while calendar.days.get(day) is not None and not _belongs(day, note, calendar):
        day -= _ONE_DAY
        if end - day > _LONGEST:
            raise place.refuse(_("在这之前的30天里没有找到要延长的假期。"))
    if day == end:
        raise place.refuse(format_lazy(_("日历里已经放假到 {day}。"), day=end))
    while day < end:
        day += _ONE_DAY
        yield DayRow(day, False, note)


def _belongs(day: date, note: str, calendar: WorkCalendar) -> bool:
    """Say whether a day off bears the name of the holiday; without a name any named day off does."""
    known = calendar.notes.get(day, "")
    return not calendar.days[day] and bool(known) and (not note or bool(set(note.split("、")) & set(known.split("、"))))


def _day(written: str, year: int, place: Place) -> date:
    found = _DAY.search(written)
    assert found is not None
    return read_date(found[1] or str(year), found[2], found[3], found[4], place)


def _full(name: str) -> str:
    full = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节", "国庆": "国庆节"}
    return "、".join(full.get(part.removesuffix("节"), part) for part in name.split("、"))
