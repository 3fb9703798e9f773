"""PURE. The types a Data Hub column can have: each parser takes a cell's text and answers a clean value or a FieldError."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from difflib import get_close_matches

from datahub.dates import parse_date
from datahub.phones import phone
from datahub.text import FieldError, clean, fold, formula_error, quoted, search_key, unaccented

__all__ = [
    "FieldError",
    "choice",
    "formula_error",
    "number",
    "parse_date",
    "phone",
    "search_key",
    "search_text",
    "text",
]

_CURRENCY = re.compile(r"(?:vnđ|vnd|đồng|đ|₫)$")
_THOUSANDS = re.compile(r"\d{1,3}(?:([. ,])\d{3})(?:\1\d{3})*")
_NUMBER_LENGTH = 30


def text(raw: str, max_length: int) -> str | FieldError:
    """The cleaned text, at most `max_length` characters."""
    value = clean(raw)
    if len(value) > max_length:
        return FieldError(
            "text.too_long", f"{quoted(value)}: dài {len(value)} ký tự, tối đa {max_length}, hãy rút ngắn"
        )
    return value


def choice(raw: str, choices: Sequence[str]) -> str | FieldError:
    """The one of `choices` that was meant, as it is spelled there; case, spaces and Unicode form do not matter, accents do."""
    value = clean(raw)
    if not value:
        return ""
    if value in choices:
        return value
    wanted = fold(value)
    for allowed in choices:
        if fold(allowed) == wanted:
            return allowed
    return _unknown_choice(value, choices)


def _unknown_choice(value: str, choices: Sequence[str]) -> FieldError:
    by_bare = {unaccented(fold(allowed)): allowed for allowed in choices}
    close = get_close_matches(unaccented(fold(value))[:80], by_bare, n=1, cutoff=0.7)
    suggestion = by_bare[close[0]] if close else None
    hint = f", có phải “{suggestion}” không?" if suggestion else ""
    allowed = ", ".join(choices)
    return FieldError("choice.unknown", f"{quoted(value)}: không có trong danh sách ({allowed}){hint}", suggestion)


def number(raw: str) -> str | FieldError:
    """The number with a decimal point and no separators. Vietnamese habit: `1.500.000` is a million and a half, `1,5` one and a half."""
    value = clean(raw).lstrip("'’")
    if not value:
        return ""
    bare = _CURRENCY.sub("", value.casefold()).strip()
    sign, bare = ("-", bare[1:].strip()) if bare[:1] in {"-", "−"} else ("", bare)
    plain = _plain(bare)
    if plain is None or len(plain) > _NUMBER_LENGTH:
        return FieldError("number.format", f"{quoted(value)}: không đọc được số, ví dụ 1.500.000 hoặc 1,5")
    amount = Decimal(plain)
    return f"{sign if amount else ''}{amount.normalize():f}"


def _plain(bare: str) -> str | None:
    """ASCII digits with at most one point, or None."""
    whole, comma, fraction = bare.partition(",")
    if bare.count(",") > 1:
        whole, fraction = bare, ""
    if match := _THOUSANDS.fullmatch(whole):
        whole = whole.replace(match[1], "")
    elif whole.count(".") == 1 and not comma:
        whole, _, fraction = whole.partition(".")
    joined = whole + fraction
    if not (joined.isascii() and joined.isdigit() and whole):
        return None
    return f"{whole}.{fraction}" if fraction else whole


def search_text(code: str, name: str, phone: str) -> str:
    """What the search box looks in: code, name without marks, and the phone both as 84… and as 0…."""
    return f"{search_key(code)} {search_key(name)} {phone} 0{phone[2:]}"[:400]
