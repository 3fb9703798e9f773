"""PURE. Days, months and nights as Vietnam lives them (Asia/Ho_Chi_Minh, UTC+7, no summer time)."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NIGHT_STARTS = time(22)
NIGHT_ENDS = time(6)
_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def local(now: datetime) -> datetime:
    """The same moment on a Vietnamese wall clock."""
    return now.astimezone(VIETNAM)


def day_key(now: datetime) -> str:
    """The quota day, e.g. "2026-11-21"; it starts at 00:00 Vietnam time (domain §5)."""
    return f"{local(now):%Y-%m-%d}"


def month_key(now: datetime, back: int = 0) -> str:
    """The calendar month `back` months before that of `now`, e.g. "2026-11"."""
    moment = local(now)
    months = moment.year * 12 + moment.month - 1 - back
    return f"{months // 12:04}-{months % 12 + 1:02}"


def months_before(now: datetime, months: int) -> datetime:
    """The same Vietnamese time of day `months` months earlier; the 31st becomes the last day of a shorter month."""
    moment = local(now)
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    for day in range(moment.day, 27, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return moment.replace(year=year, month=month + 1)


def is_night(now: datetime) -> bool:
    """Whether promotion may not be sent: 22:00 to before 06:00 in Vietnam (zalo-api, code -133)."""
    moment = local(now).time()
    return moment >= NIGHT_STARTS or moment < NIGHT_ENDS


def seconds_until(now: datetime, time_of_day: str) -> float | None:
    """Seconds from `now` to the next "HH:MM" in Vietnam, always more than 0; None if that is no time of day."""
    found = _TIME_OF_DAY.fullmatch(time_of_day.strip())
    if not found:
        return None
    moment = local(now)
    target = moment.replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
    if target <= moment:
        target += timedelta(days=1)
    return (target - moment).total_seconds()
