"""PURE. The types a Data Hub column can have: each parser takes a cell's text and answers a clean value or a FieldError."""

from __future__ import annotations

import operator
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

from datahub.dates import parse_date
from datahub.phones import phone
from datahub.text import FieldError, clean, fold, formula_error, grouped, quoted, search_key, unaccented

__all__ = [
    "NO",
    "YES",
    "FieldError",
    "choice",
    "email",
    "formula_error",
    "number",
    "outside",
    "parse_date",
    "phone",
    "search_key",
    "search_text",
    "text",
    "time",
    "written",
    "yes_no",
]

YES = frozenset({"true", "đúng", "x", "v", "✓", "✔", "☑", "có", "rồi", "yes", "ok", "1"})
NO = frozenset({"false", "sai", "không", "chưa", "no", "0", "☐", "-"})

_CLOCK = re.compile(r"(\d{1,2})(?:[:hg.] ?(\d{2})?(?::\d{2})?)(?: ?(sa|ch|am|pm))?", re.ASCII)
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@(?:[\w-]+\.)+[a-z]{2,}")
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


def time(raw: str) -> str | FieldError:
    """The time of day as `hh:mm`: `14h30`, `14g30`, `2:30 CH` and `14:30:00` are one."""
    value = clean(raw).lstrip("'’")
    if not value:
        return ""
    match = _CLOCK.fullmatch(value.casefold())
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (24, 0)
    if match and match[3]:
        hour = hour % 12 + (12 if match[3] in ("ch", "pm") else 0) if 1 <= hour <= 12 else 24
    if hour > 23 or minute > 59:
        return FieldError("time.format", f"{quoted(value)}: không đọc được giờ, cần dạng giờ:phút, ví dụ 14:30")
    return f"{hour:02d}:{minute:02d}"


def yes_no(raw: str) -> str | FieldError:
    """`Có` or `Không`, for a box to tick too."""
    value = clean(raw)
    said = fold(value)
    if not said:
        return ""
    if said in YES:
        return "Có"
    if said in NO:
        return "Không"
    return FieldError("yes_no.unknown", f"{quoted(value)}: chỉ nhận Có hoặc Không")


def email(raw: str) -> str | FieldError:
    """One e-mail address in lower case."""
    value = clean(raw)
    address = value.casefold().removeprefix("mailto:")
    if not address or _EMAIL.fullmatch(address):
        return address
    return FieldError("email.format", f"{quoted(value)}: không phải một địa chỉ e-mail, ví dụ hoa@gmail.com")


def outside(kind: str, value: str, minimum: str, maximum: str) -> FieldError | None:
    """The refusal of a clean number or date outside its limits; None within them, for an empty value, and for other types."""
    if not value or kind not in _ORDERED:
        return None
    for limit, is_wrong, code, words in (
        (minimum, operator.lt, "too_small", _ORDERED[kind][0]),
        (maximum, operator.gt, "too_large", _ORDERED[kind][1]),
    ):
        if limit and is_wrong(_measure(kind, value), _measure(kind, limit)):
            read, expected = written(kind, value), written(kind, limit)
            return FieldError(f"{kind}.{code}", f"{quoted(read)}: {words} {expected}, hãy kiểm tra lại")
    return None


_ORDERED = {
    "number": ("nhỏ hơn mức thấp nhất là", "lớn hơn mức cao nhất là"),
    "date": ("trước ngày sớm nhất là", "sau ngày muộn nhất là"),
}


def _measure(kind: str, value: str) -> Decimal | str:
    return Decimal(value) if kind == "number" else value


def written(kind: str, value: str) -> str:
    """A clean number or date as people write it."""
    if kind == "date":
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    return grouped(Decimal(value))


def search_text(code: str, name: str, phone: str) -> str:
    """What the search box looks in: code, name without marks, and the phone both as 84… and as 0…."""
    return f"{search_key(code)} {search_key(name)} {phone} 0{phone[2:]}"[:400]
