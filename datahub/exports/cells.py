"""PURE. A clean value as a cell of a spreadsheet: safe to open, and read the way it was meant."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from datahub.dates import stored_day
from datahub.phones import dialled, spaced
from integrations.vietnam import local

Value = str | int | datetime | None
BOM = "\ufeff"
"""Tells Excel that the file is UTF-8. A line `sep=,` would make Excel forget it again: there is none."""

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"-?\d+(?:,\d+)?", re.ASCII)
_EXCEL_DIGITS = 15
"""A longer number would lose its last digits."""
_STORED_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)


def as_csv_text(value: Value, kind: str) -> str:
    """The value of a field of this type: days as dd/mm/yyyy, phones with spaces so that Excel keeps their zero."""
    if isinstance(value, datetime):
        return f"{local(value):%d/%m/%Y %H:%M}"
    text = "" if value is None else str(value)
    if kind == "phone":
        return spaced_phone(text)
    if kind == "date" and (day := stored_day(text)):
        return f"{day:%d/%m/%Y}"
    return text.replace(".", ",") if kind == "number" and _STORED_NUMBER.fullmatch(text) else text


def spaced_phone(number: str) -> str:
    """84912345678 as 0912 345 678: text to every spreadsheet."""
    if not (number.isascii() and number.isdigit()):
        return number  # of before the column was one of phones
    return spaced(number)


def escaped(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it as a formula. Numbers stay numbers.

    OWASP, CSV Injection: a cell that begins with = + - @, a tab or a line end.
    """
    return f"'{text}" if text.startswith(_DANGEROUS) and not _NUMBER.fullmatch(text) else text


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """These rows as CSV: commas, Windows line ends, every cell safe."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([escaped(cell) for cell in row] for row in rows)
    return out.getvalue()


def as_excel(value: Value, kind: str) -> str | int | float | date | datetime:
    """The same value as Excel stores it: real days and numbers, phones as text."""
    if isinstance(value, datetime):
        return local(value).replace(tzinfo=None)
    if isinstance(value, int):
        return value
    text = "" if value is None else value
    if kind == "phone":
        return dialled(text)
    # A column may have been of another type when the value came: then it stays the text that it is.
    if kind == "date" and (day := stored_day(text)):
        return day
    if kind == "number" and len(text) <= _EXCEL_DIGITS and _STORED_NUMBER.fullmatch(text):
        return float(Decimal(text))
    return text
