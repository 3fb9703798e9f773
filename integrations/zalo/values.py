"""PURE. The parts of Zalo's JSON, which writes numbers as text in some places and as numbers in others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

# The largest whole number that our columns hold.
_MOST = 2**31 - 1
# Milliseconds have thirteen digits until the year 2286; what is longer is no time, and may be none that Python can hold.
_MILLISECOND_DIGITS = 13

_QUALITIES = frozenset({"HIGH", "MEDIUM", "LOW", "UNDEFINED"})
# Zalo's codes have at most five.
_CODE_DIGITS = 9
# PostgreSQL keeps neither NUL nor half of a surrogate pair.
UNSTORABLE = dict.fromkeys([0, *range(0xD800, 0xE000)])


def json_object(value: object) -> dict[str, Any]:
    """The value where it is an object; what is not one tells us nothing, and must not stop its neighbours."""
    return value if isinstance(value, dict) else {}


def number(value: object) -> int | None:
    """A whole number of zero or more that a column holds, else None."""
    told = "" if isinstance(value, bool) else str(value)
    return int(told) if told.isdecimal() and len(told) <= 10 and int(told) <= _MOST else None


def quality(value: object) -> str | None:
    """Zalo's word for a quality, in either case of letters; None for what is none of them."""
    told = str(value).upper()
    return told if told in _QUALITIES else None


def error_code(body: dict[str, Any]) -> int | None:
    """Zalo's `error` as a number, also where it comes as text; None where there is none, and for what is no number."""
    told = body.get("error")
    found = "" if isinstance(told, bool) else str(told)
    digits = found.removeprefix("-")
    return int(found) if digits.isdecimal() and len(digits) <= _CODE_DIGITS else None


def text(value: object, limit: int) -> str:
    """The value as text that a database keeps, cut to `limit` characters; empty for what is nothing."""
    return "" if value is None else str(value).translate(UNSTORABLE)[:limit]


def moment(value: object) -> datetime | None:
    """Zalo's epoch milliseconds as UTC; None for what is no time."""
    told = str(value)
    if not told.isdecimal() or len(told) > _MILLISECOND_DIGITS:
        return None
    return datetime.fromtimestamp(int(told) / 1000, UTC)
