"""PURE. Vietnam's calendar: days, nights and months of Zalo's rules and of a clinic are Asia/Ho_Chi_Minh, no DST."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def local(moment: datetime) -> datetime:
    """The moment on a Vietnamese clock. Raises ValueError on a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(VIETNAM)


def at(day: date, clock: time = time(0)) -> datetime:
    """That local day at that local time, as an aware moment."""
    return datetime.combine(day, clock, tzinfo=VIETNAM)


def next_midnight(moment: datetime) -> datetime:
    """When the local day after `moment` begins."""
    return at(local(moment).date() + timedelta(days=1))


def month_start(day: date, months: int = 0) -> date:
    """The first day of the month `months` after (or before) the one of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def next_month(moment: datetime) -> datetime:
    """When the local month after `moment` begins."""
    return at(month_start(local(moment).date(), 1))
