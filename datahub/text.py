"""PURE. Vietnamese text as it comes out of a spreadsheet, made comparable; and what a parser says when it cannot read a cell."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

_QUOTE_LIMIT = 40
_SEPARATORS = str.maketrans(",.", ".,")
_FORMULA_ERRORS = {"#n/a", "#ref!", "#value!", "#error!", "#name?", "#div/0!", "#null!", "#num!", "loading..."}
# Other keyboards and old fonts type these letters for Đ (U+0110): eth, and the African D.
_LOOKALIKES = str.maketrans({"\u00d0": "Đ", "\u00f0": "đ", "\u0189": "Đ", "\u0256": "đ"})
_BREAKS = str.maketrans(dict.fromkeys("\t\n\v\f\r\u2028\u2029\x85", " "))
_MARKS = re.compile("[\u0300-\u036f]+")
_PHONE_LIKE = re.compile(r"\+?[\d\s.()-]+")


@dataclass(frozen=True)
class FieldError:
    """Why a cell cannot be stored. `message` quotes what was read and says what is expected, in Vietnamese."""

    code: str
    message: str
    suggestion: str | None = None


def clean(raw: str) -> str:
    """`raw` in NFC, one space between words, without invisible characters; `Ð` (eth) becomes the `Đ` it was meant to be."""
    if raw.isascii() and raw.isprintable():
        return " ".join(raw.split()) if "  " in raw else raw.strip()
    text = unicodedata.normalize("NFC", raw.translate(_BREAKS)).translate(_LOOKALIKES)
    if not text.replace(" ", "").isalnum():
        text = "".join(filter(_is_visible, text))
    return " ".join(text.split())


def _is_visible(character: str) -> bool:
    # Cc control (NUL breaks PostgreSQL), Cf zero-width, Cs lone surrogates (break UTF-8). Spaces of any width stay.
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs"}


def fold(text: str) -> str:
    """The form in which two spellings of the same word are equal: cleaned, without regard to case."""
    return clean(text).casefold()


def search_key(text: str) -> str:
    """`text` as the search box compares it: lower case, no accents, `đ` as `d`; a phone loses its dots and spaces."""
    text = clean(text).lower()
    if _PHONE_LIKE.fullmatch(text) and any(map(str.isdigit, text)):
        return re.sub(r"\D", "", text)
    return unaccented(text)


def unaccented(text: str) -> str:
    """`text` without Vietnamese marks."""
    if text.isascii():
        return text
    return _MARKS.sub("", unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D")))


def quoted(text: str) -> str:
    """What was read, between Vietnamese quotation marks, cut where it would fill the cell."""
    return f"“{text if len(text) <= _QUOTE_LIMIT else text[: _QUOTE_LIMIT - 1] + '…'}”"


def formula_error(text: str) -> FieldError | None:
    """The refusal of a cell whose formula failed or has not finished; None for any other cell."""
    if text[:1] not in "#Ll" or text.casefold() not in _FORMULA_ERRORS:
        return None
    return FieldError(
        "formula.error", f"{quoted(text)}: công thức trong ô bị lỗi hoặc chưa tính xong, hãy sửa hoặc gõ giá trị"
    )


def column_letter(at: int) -> str:
    """What a spreadsheet calls its column: A for 0, AA for 26."""
    name = ""
    while at >= 0:
        at, rest = divmod(at, 26)
        name, at = chr(65 + rest) + name, at - 1
    return name


def grouped(number: int | Decimal) -> str:
    """A number as Vietnamese write it: 1.500.000,5."""
    return f"{Decimal(number):,f}".translate(_SEPARATORS)
