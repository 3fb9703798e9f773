"""PURE. Vietnamese mobile numbers as clinics type them, and as Google Sheets mangles them."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from phonenumbers import PhoneMetadata

from datahub.text import FieldError, clean, quoted

EXAMPLE = "0912345678"

# The three digits after the 0 of an eleven-digit mobile, and what replaced them on 2018-09-15
# (Ministry of Information and Communications, decision 798/QĐ-BTTTT).
_OLD_PREFIXES = {
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78",
    "123": "83", "124": "84", "125": "85", "127": "81", "129": "82",
    "162": "32", "163": "33", "164": "34", "165": "35", "166": "36", "167": "37", "168": "38", "169": "39",
    "186": "56", "188": "58", "199": "59",
}  # fmt: skip
_SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?E\+?(\d{1,2})", re.IGNORECASE)
_FLOAT = re.compile(r"(\d{9,13})[.,]0+")
# A number with a fraction, and an hour: their digits, read in a row, may be somebody's phone.
_FRACTION = re.compile(r"[1-9]\d{6,}[.,]\d{1,2}")
_HOUR = re.compile(r"\d ?: ?\d")
_NOISE = re.compile(r"[\s()+.,\-–—_/;|&:]")
_TYPOS = str.maketrans("OoIlSB", "001158")
_WORDS = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)*")
_LENGTHS = (10, 11, 9, 12, 13)  # of a mobile as people write it, the usual one first


_EMPTY = frozenset({"", "-", "."})


def _mobile_pattern() -> re.Pattern[str]:
    # phonenumbers' own pattern, matched directly: many times faster than parse() + is_valid_number() + number_type(),
    # and tests/datahub/test_phones.py proves the answers equal.
    metadata = PhoneMetadata.metadata_for_region("VN")
    if not (metadata and metadata.mobile and metadata.mobile.national_number_pattern):
        raise LookupError("phonenumbers knows no Vietnamese mobiles")
    return re.compile(metadata.mobile.national_number_pattern, re.ASCII)


_MOBILE = _mobile_pattern()


def phone(raw: str) -> str | FieldError:
    """`84` and nine digits for one Vietnamese mobile number, whatever its spelling; empty for an empty cell.

    Old eleven-digit mobiles become their ten-digit successors. Anything else is a FieldError whose code starts with `phone.`.
    """
    text = clean(unicodedata.normalize("NFKC", raw)).lstrip("'’‘`\"").strip()
    if text in _EMPTY:
        return ""
    return _mobile(text) or _read(text)


def _read(text: str) -> str | FieldError:
    if match := _SCIENTIFIC.fullmatch(text):
        return _from_scientific(text, match)
    if match := _FLOAT.fullmatch(text):
        text = match[1]
    elif _FRACTION.fullmatch(text):
        return _error("fraction", text, "là số lẻ, không phải số điện thoại, cần 10 số")
    elif _HOUR.search(text):
        return _error("hour", text, "là giờ, không phải số điện thoại, cần 10 số")
    digits = _NOISE.sub("", text)
    if not (digits.isascii() and digits.isdigit()):
        return _not_digits(text, digits)
    if text.startswith("+") and not digits.startswith("84"):
        return _error("foreign", text, "không phải số Việt Nam, cần số di động Việt Nam")
    return _mobile(digits) or _refusal(text, digits)


def _mobile(digits: str) -> str | None:
    """`84` and nine digits where these digits are one mobile number, else None."""
    national = _national(digits)
    if len(national) == 10 and (successor := _OLD_PREFIXES.get(national[:3])):
        national = successor + national[3:]
    # 1xx is a service or machine number in phonenumbers' pattern: no patient answers it.
    return f"84{national}" if national[:1] != "1" and _MOBILE.fullmatch(national) else None


def _national(digits: str) -> str:
    # A bare "84xxxxxxx" is 084xxxxxxx without its zero, so the country code is one only in a longer number.
    if digits.startswith("0084"):
        digits = digits[4:]
    elif digits.startswith("84") and len(digits) >= 11:
        digits = digits[2:]
    return digits.removeprefix("0")


def _refusal(text: str, digits: str) -> FieldError:
    national = _national(digits)
    if digits.startswith("00") and not digits.startswith("0084") and len(digits) > 10:
        return _error("foreign", text, "không phải số Việt Nam, cần số di động Việt Nam")
    if len(digits) >= 18:
        return _two_numbers(text, digits)
    if national.startswith("2") and len(national) in {9, 10}:
        return _error("landline", text, "là số máy bàn, không dùng Zalo được, cần số di động")
    if len(national) < 9:
        return _error("too_short", text, "thiếu chữ số, cần 10 số")
    if len(national) > 9:
        return _error("too_long", text, "thừa chữ số, cần 10 số")
    return _error("prefix", text, "đầu số không có ở Việt Nam, cần số di động 10 số")


def _two_numbers(text: str, digits: str) -> FieldError:
    for cut in _LENGTHS:
        rest = digits[cut:]
        if (first := _mobile(digits[:cut])) and (len(rest) >= 18 or _mobile(rest)):
            return _error(
                "two_numbers", text, f"có {_count(digits)} số điện thoại trong ô, chỉ giữ một", dialled(first)
            )
    return _error("too_long", text, "thừa chữ số, cần 10 số")


def _count(digits: str) -> int:
    """How many numbers stand in one run of digits; of a tail that is no number, as many as its length holds."""
    count = 0
    while cut := next((cut for cut in _LENGTHS if _mobile(digits[:cut])), 0):
        count, digits = count + 1, digits[cut:]
    return max(2, count + round(len(digits) / 10))


def _from_scientific(text: str, match: re.Match[str]) -> str | FieldError:
    whole, fraction, exponent = match[1], match[2] or "", int(match[3])
    # "9.12E+08" is what a narrow column shows: the digits it dropped would make it somebody else's number.
    if len(fraction) < exponent:
        return _error("rounded", text, "Google Sheets đã làm tròn số, hãy định dạng cột là Văn bản rồi gõ lại")
    digits = str(int(Decimal(f"{whole}.{fraction or 0}").scaleb(exponent)))
    return _mobile(digits) or _refusal(text, digits)


def _not_digits(text: str, digits: str) -> FieldError:
    guess = _mobile(digits.translate(_TYPOS)) or _mobile(re.sub(r"\D", "", digits))
    return _error(
        "letters", text, f"{_strange(text, digits)}, chỉ gõ chữ số, cần 10 số", dialled(guess) if guess else None
    )


def _strange(text: str, digits: str) -> str:
    """What stands there besides digits."""
    if words := _WORDS.findall(text):
        return f"có chữ {quoted(', '.join(words))}"
    return f"có ký tự {quoted(re.sub('[0-9]', '', digits))}"


def dialled(number: str) -> str:
    """84912345678 as people dial it, 0912345678; what is no such number stays as it is."""
    return f"0{number[2:]}" if number.startswith("84") else number


def spaced(number: str) -> str:
    """84912345678 as people read it, 0912 345 678: text to every spreadsheet."""
    digits = dialled(number)
    return f"{digits[:4]} {digits[4:7]} {digits[7:]}".strip()


def _error(code: str, text: str, problem: str, suggestion: str | None = None) -> FieldError:
    hint = f"có phải {suggestion} không?" if suggestion else f"ví dụ {EXAMPLE}"
    return FieldError(f"phone.{code}", f"{quoted(text)}: {problem}, {hint}", suggestion)
