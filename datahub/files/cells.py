"""PURE. A cell of a workbook as the text that a person would have typed."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

UNCALCULATED = "#ERROR!"
"""Stands for a formula without a result: `datahub.text.formula_error` refuses it."""


def as_typed(value: Any) -> str:
    """Days as yyyy-mm-dd, numbers without `.0` and with a decimal comma, TRUE and FALSE; other text as it is, in NFC."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value)
    return _moment(value)


def _number(value: float) -> str:
    """A point would be read as a thousands' one: 1.234 is over a thousand here."""
    if value != value or value in (float("inf"), float("-inf")):
        return UNCALCULATED
    if float(value).is_integer():
        return str(int(value))
    return format(Decimal(repr(value)), "f").replace(".", ",")


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, timedelta):
        minutes = int(value.total_seconds()) // 60
        return f"{minutes // 60:02}:{minutes % 60:02}"
    return value.isoformat() if isinstance(value, date) else str(value)
