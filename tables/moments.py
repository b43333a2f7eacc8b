"""Read a moment or a day as people and spreadsheets write it. What has two readings is refused, not guessed."""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.errors import DomainError

M = TypeVar("M", date, datetime)
SHANGHAI = ZoneInfo("Asia/Shanghai")
EARLIEST_YEAR, LATEST_YEAR = 1949, 2100
_EXCEL_EPOCH = datetime(1899, 12, 30)  # ECMA-376 18.17.4.1, the 1900 date system
_EXCEL_EPOCH_1904 = datetime(1904, 1, 1)
_SERIALS = (20_000, 75_000)  # 1954 to 2105

_DAY = r"(?P<year>\d{4})\s*(?P<mark>[-/.年])\s*(?P<month>\d{1,2})\s*(?:(?P=mark)|月)\s*(?P<day>\d{1,2})\s*[日号]?"
_TIME = (
    r"(?P<half>上午|下午|中午|晚上|凌晨|早上|AM|PM)?\s*(?P<hour>\d{1,2})\s*[:时点]\s*"
    r"(?:(?P<minute>\d{1,2})\s*(?:[:分]\s*(?:(?P<second>\d{1,2})(?:\.\d{1,6})?\s*秒?)?)?)?"
)
_ZONE = r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?"
_NOTATION = re.compile(rf"{_DAY}(?:(?:\s*T\s*|\s*){_TIME}{_ZONE})?", re.IGNORECASE)
_COMPACT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:\s*(?P<hour>\d{2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2}))?)?"
)


class Serial1904(float):
    """A number of a workbook that counts its days from 1904, as Excel for Mac did."""


class MomentError(DomainError):
    """The cell holds no readable date."""


def parse_moment(cell: object) -> date | datetime:
    """Read one cell: a plain day stays a `date`, a time of day makes an aware `datetime` (Asia/Shanghai)."""
    if isinstance(cell, datetime):
        return _aware(cell)
    if isinstance(cell, date):
        return _within(cell, str(cell))
    if isinstance(cell, bool) or cell is None:
        raise MomentError(_("没有填写日期。"))
    if isinstance(cell, Serial1904):
        return _from_serial(float(cell), _EXCEL_EPOCH_1904)
    if isinstance(cell, int | float):
        return _from_serial(float(cell))
    return _from_text(str(cell))


def parse_day(cell: object) -> date:
    """Read one cell as a day in Asia/Shanghai, whatever time of day it carries."""
    moment = parse_moment(cell)
    return moment.astimezone(SHANGHAI).date() if isinstance(moment, datetime) else moment


def _aware(moment: datetime) -> date | datetime:
    if moment.tzinfo is not None:
        return _within(moment.astimezone(SHANGHAI), str(moment))
    if (moment.hour, moment.minute, moment.second) == (0, 0, 0):
        return _within(moment.date(), str(moment))  # a spreadsheet knows no difference between a day and its midnight
    return _within(moment.replace(tzinfo=SHANGHAI), str(moment))


def _from_serial(serial: float, epoch: datetime = _EXCEL_EPOCH) -> date | datetime:
    if serial.is_integer() and len(str(int(serial))) == 8:
        return _from_text(str(int(serial)))  # 20190301 typed as a number
    if not _SERIALS[0] <= serial <= _SERIALS[1]:
        raise _refusal(f"{serial:g}")
    moment = epoch + timedelta(seconds=round(serial * 86_400))
    return _aware(moment)


def _from_text(written: str) -> date | datetime:
    shown = written.strip()[:40]
    plain = unicodedata.normalize("NFKC", written[:80]).strip()
    if not plain:
        raise MomentError(_("没有填写日期。"))
    if re.fullmatch(r"\d{5}(\.\d+)?", plain):
        return _from_serial(float(plain))
    found = _NOTATION.fullmatch(plain) or _COMPACT.fullmatch(plain)
    if found is None:
        raise _refusal(shown)
    try:
        return _within(_built(found.groupdict()), shown)
    except (ValueError, OverflowError) as impossible:
        raise _refusal(shown) from impossible


def _built(parts: dict[str, str | None]) -> date | datetime:
    day = date(*(int(parts[name] or 0) for name in ("year", "month", "day")))
    if parts.get("hour") is None:
        return day
    hour = _hour(int(parts["hour"] or 0), (parts.get("half") or "").upper())
    naive = datetime(day.year, day.month, day.day, hour, int(parts["minute"] or 0), int(parts.get("second") or 0))
    zone = parts.get("zone")
    if not zone:
        return naive.replace(tzinfo=SHANGHAI)
    if zone.upper() == "Z":
        return naive.replace(tzinfo=UTC).astimezone(SHANGHAI)
    return datetime.fromisoformat(f"{naive.isoformat()}{zone[:3]}:{zone[-2:]}").astimezone(SHANGHAI)


def _hour(hour: int, half: str) -> int:
    if half in ("下午", "晚上", "PM") and hour < 12:
        return hour + 12
    if half in ("上午", "凌晨", "AM") and hour == 12:
        return 0
    return hour


def _within(moment: M, shown: str) -> M:
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise _refusal(shown)
    return moment


def _refusal(shown: str) -> MomentError:
    return MomentError(_("“%(shown)s”不是能认出的日期，请写成“2026-03-01”或“2026/3/1 9:00”。") % {"shown": shown})
