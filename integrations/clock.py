"""The only place that reads the clock. Edges call it and pass `now` down."""

import json
from datetime import UTC, datetime, timedelta

from django.conf import settings


def wall() -> datetime:
    """The real time in UTC: for leases and signatures, which no training clock may move."""
    return datetime.now(UTC)


def now() -> datetime:
    """The time the business lives at, in UTC: the real time plus, in sandbox mode alone, the offset in clock.json."""
    return wall() + _offset() if settings.CDP_SANDBOX else wall()


def _offset() -> timedelta:
    try:
        text = (settings.CDP_HOME / "clock.json").read_text()
    except FileNotFoundError:
        return timedelta()
    return timedelta(seconds=json.loads(text)["offset_s"])
