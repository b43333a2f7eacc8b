"""Say in plain sentences why a date is what it is."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop, ngettext

from calendars.working_days import Count, Step, StepKind, WorkCalendar

# The names that notices use; marked here so that they can be translated.
FESTIVALS = (
    gettext_noop("元旦"),
    gettext_noop("春节"),
    gettext_noop("清明节"),
    gettext_noop("劳动节"),
    gettext_noop("端午节"),
    gettext_noop("中秋节"),
    gettext_noop("国庆节"),
)


def explain(count: Count) -> list[str]:
    """Return the sentences that lead from the start to the due date, in the reader's language."""
    return [SENTENCES[step.kind](step) for step in count.steps]


def notice_warning(calendar: WorkCalendar, today: date) -> str:
    """Return what staff must be told about missing notices, or nothing: from 1 October on for the next year."""
    years = [today.year, today.year + 1] if today.month >= 10 else [today.year]
    missing = [year for year in years if year not in calendar.years or year in calendar.provisional_years]
    if not missing:
        return ""
    return gettext("%(years)s 年的放假安排还没有导入，涉及该年的期限都是暂算的。请在国务院办公厅公布后导入通知。") % {
        "years": "、".join(map(str, missing))
    }


def _day(day: date) -> str:
    return gettext("%(date)s（%(weekday)s）") % {
        "date": date_format(day, "DATE_FORMAT"),
        "weekday": date_format(day, "l"),
    }


def _holidays(note: str) -> str:
    return gettext("、").join(gettext(name) for name in note.split("、"))


def _values(step: Step) -> dict[str, Any]:
    holiday = _holidays(step.note) if step.note else gettext("周末")
    return {"first": _day(step.first), "last": _day(step.last), "holiday": holiday, "n": step.amount}


def _start(step: Step) -> str:
    return gettext("%(first)s是起算日，当日不计，从次日起算（《民法典》第二百零一条）。") % _values(step)


def _weekends(step: Step) -> str:
    sentence = ngettext("其间普通周末休息 %(n)d 天，不计入。", "其间普通周末休息 %(n)d 天，不计入。", step.amount)
    return sentence % _values(step)


def _holiday(step: Step) -> str:
    if step.first == step.last:
        return gettext("%(first)s因%(holiday)s放假，不计入。") % _values(step)
    return gettext("%(first)s至%(last)s因%(holiday)s放假，不计入。") % _values(step)


def _make_up(step: Step) -> str:
    if not step.note:
        return gettext("%(first)s虽是周末，但调休上班，计入。") % _values(step)
    return gettext("%(first)s虽是周末，但因%(holiday)s调休上班，计入。") % _values(step)


def _working_days(step: Step) -> str:
    if not step.amount:
        return gettext("期限就在起算日当天。")
    sentence = ngettext("数满 %(n)d 个工作日，是%(last)s。", "数满 %(n)d 个工作日，是%(last)s。", step.amount)
    return sentence % _values(step)


def _days(step: Step) -> str:
    if not step.amount:
        return gettext("期限就在起算日当天。")
    return ngettext("数满 %(n)d 日，是%(last)s。", "数满 %(n)d 日，是%(last)s。", step.amount) % _values(step)


def _months(step: Step) -> str:
    if not step.amount:
        return gettext("期限就在起算日当天。")
    return ngettext("满 %(n)d 个月，是%(last)s。", "满 %(n)d 个月，是%(last)s。", step.amount) % _values(step)


def _short_month(step: Step) -> str:
    return gettext("到期的月份没有与起算日相同的日子，以月末为准（《民法典》第二百零二条）。") % _values(step)


def _rolled(step: Step) -> str:
    sentence = gettext(
        "%(first)s休息（%(holiday)s），顺延到休息结束后的第一个工作日%(last)s（《民法典》第二百零三条）。"
    )
    return sentence % _values(step)


def _provisional(step: Step) -> str:
    sentence = gettext("%(year)d 年的放假安排尚未公布，这个日期是按法定节假日暂算的，公布后重新计算。")
    return sentence % {"year": step.amount}


SENTENCES: dict[StepKind, Callable[[Step], str]] = {
    StepKind.START: _start,
    StepKind.WEEKENDS: _weekends,
    StepKind.HOLIDAY: _holiday,
    StepKind.MAKE_UP: _make_up,
    StepKind.WORKING_DAYS: _working_days,
    StepKind.DAYS: _days,
    StepKind.MONTHS: _months,
    StepKind.SHORT_MONTH: _short_month,
    StepKind.ROLLED: _rolled,
    StepKind.PROVISIONAL: _provisional,
}
