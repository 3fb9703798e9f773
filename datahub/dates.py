"""PURE. Dates as Vietnamese clinics type them: the day first, never the month."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from datahub.text import FieldError, clean, quoted
from integrations.vietnam import local

EXAMPLE = "21/11/2026"

_SHEETS_DAY_0 = date(1899, 12, 30)
# Sheets shows an empty or mistyped date as one around 1900; the oldest living patient was born later.
_OLDEST_YEAR = 1910
_YEARS_AHEAD = 10

_TIME = r"\d{1,2}[:hH](?:\d{2})?(?::\d{2}(?:\.\d+)?)?(?: ?(?:SA|CH|AM|PM))?"
_DAY_FIRST = re.compile(
    rf"(?:{_TIME} )?(\d{{1,2}})[/.-](\d{{1,2}})[/.-](\d{{4}}|\d{{2}})(?:,? {_TIME})?", re.IGNORECASE | re.ASCII
)
_YEAR_FIRST = re.compile(rf"(\d{{4}})[/.-](\d{{1,2}})[/.-](\d{{1,2}})(?:,? {_TIME})?", re.IGNORECASE | re.ASCII)
# No number begins with a zero: 010126 is a day that was typed without its signs.
_SERIAL = re.compile(r"(0|[1-9]\d{0,5})(?:(?<=\d{5})[.,]\d+)?", re.ASCII)
_NO_YEAR = re.compile(r"(\d{1,2})[/.-](\d{1,2})")
_STORED = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_RUN_TOGETHER = re.compile(r"(\d{2})(\d{2})(\d{4}|\d{2})")


def parse_date(raw: str, today: date) -> str | FieldError:
    """The day as `yyyy-mm-dd`; empty for an empty cell. `today` is Vietnam's.

    Reads day-first dates, year-first dates, ISO moments (as the day in Vietnam) and Sheets serial numbers. Never US order.
    A FieldError's code starts with `date.`.
    """
    text = clean(raw).lstrip("'’")
    if not text:
        return ""
    found = _find(text, today)
    if isinstance(found, FieldError):
        return found
    return _in_range(text, found, today) or found.isoformat()


def stored_day(value: str) -> date | None:
    """The day of a stored `yyyy-mm-dd`; None for anything else, such as what a column held before it became a date."""
    return _maybe_date(*map(int, match.groups())) if (match := _STORED.fullmatch(value)) else None


def _find(text: str, today: date) -> date | FieldError:
    if match := _DAY_FIRST.fullmatch(text):
        return _civil(text, day=int(match[1]), month=int(match[2]), year=_full_year(match[3], today))
    if match := _YEAR_FIRST.fullmatch(text):
        return _civil(text, day=int(match[3]), month=int(match[2]), year=int(match[1]))
    if match := _SERIAL.fullmatch(text):
        return _SHEETS_DAY_0 + timedelta(days=int(match[1]))
    return _iso_moment(text) or _not_a_date(text, today)


def _full_year(typed: str, today: date) -> int:
    if len(typed) == 4:
        return int(typed)
    year = 2000 + int(typed)
    return year if year <= today.year + _YEARS_AHEAD else year - 100


def _civil(text: str, *, day: int, month: int, year: int) -> date | FieldError:
    try:
        return date(year, month, day)
    except ValueError:
        pass
    if 1 <= day <= 12 < month <= 31 and (swapped := _maybe_date(year, day, month)):
        suggestion = f"{swapped:%d/%m/%Y}"
        return FieldError(
            "date.us_order", f"{quoted(text)}: ngày phải đứng trước tháng, có phải {suggestion} không?", suggestion
        )
    return FieldError("date.impossible", f"{quoted(text)}: {_missing(day, month, year)}, hãy sửa lại")


def _missing(day: int, month: int, year: int) -> str:
    """Which part of a date no calendar has."""
    if year < 1:
        return f"không có năm {year}"
    return f"tháng {month}/{year} không có ngày {day}" if 1 <= month <= 12 else f"không có tháng {month}"


def _maybe_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _iso_moment(text: str) -> date | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo is None else local(moment)).date()
    except (ValueError, OverflowError):
        return None


def _not_a_date(text: str, today: date) -> FieldError:
    suggestion = _guess(text, today)
    hint = f"có phải {suggestion} không?" if suggestion else f"ví dụ {EXAMPLE}"
    return FieldError(
        "date.format", f"{quoted(text)}: không đọc được ngày, cần dạng ngày/tháng/năm, {hint}", suggestion
    )


def _guess(text: str, today: date) -> str | None:
    if match := _NO_YEAR.fullmatch(text):
        day, month, year = int(match[1]), int(match[2]), today.year
    elif match := _RUN_TOGETHER.fullmatch(text):
        day, month, year = int(match[1]), int(match[2]), _full_year(match[3], today)
    else:
        return None
    guess = _maybe_date(year, month, day)
    return f"{guess:%d/%m/%Y}" if guess else None


def _in_range(text: str, found: date, today: date) -> FieldError | None:
    if found.year < _OLDEST_YEAR:
        return FieldError("date.too_old", f"{quoted(text)}: là năm {found.year}, quá xa trong quá khứ, ví dụ {EXAMPLE}")
    if found.year > today.year + _YEARS_AHEAD:
        return FieldError(
            "date.too_far", f"{quoted(text)}: là năm {found.year}, quá xa trong tương lai, ví dụ {EXAMPLE}"
        )
    return None
