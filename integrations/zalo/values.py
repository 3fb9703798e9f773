"""PURE. The parts of Zalo's JSON, which writes numbers as text in some places and as numbers in others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

# The largest whole number that our columns hold.
_MOST = 2**31 - 1
# Milliseconds have thirteen digits until the year 2286; what is longer is no time, and may be none that Python can hold.
_MILLISECOND_DIGITS = 13


def json_object(value: object) -> dict[str, Any]:
    """The value where it is an object; what is not one tells us nothing, and must not stop its neighbours."""
    return value if isinstance(value, dict) else {}


def number(value: object) -> int | None:
    """A whole number of zero or more that a column holds, else None."""
    text = "" if isinstance(value, bool) else str(value)
    return int(text) if text.isdecimal() and len(text) <= 10 and int(text) <= _MOST else None


def moment(value: object) -> datetime | None:
    """Zalo's epoch milliseconds as UTC; None for what is no time."""
    text = str(value)
    if not text.isdecimal() or len(text) > _MILLISECOND_DIGITS:
        return None
    return datetime.fromtimestamp(int(text) / 1000, UTC)
