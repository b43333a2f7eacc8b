"""When text messages wait for the morning: 22:00 to 08:00 in Asia/Shanghai."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
BEDTIME = time(22)
MORNING = time(8)


def after_quiet_hours(moment: datetime) -> datetime:
    """Return the moment itself by day, the next 08:00 by night."""
    local = moment.astimezone(SHANGHAI)
    if MORNING <= local.time() < BEDTIME:
        return moment
    day = local.date() + timedelta(days=local.time() >= BEDTIME)
    return datetime.combine(day, MORNING, tzinfo=SHANGHAI)
