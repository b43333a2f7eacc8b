"""Turn moments into dates of Asia/Shanghai and back; the moment is always handed in."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local_date(moment: datetime) -> date:
    """Return the date that people in China write at this moment; raises ValueError for a naive moment."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(SHANGHAI).date()


def end_of_day(day: date) -> datetime:
    """Return the moment, in UTC, at which the day is over: 24:00 (CC 203)."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)
