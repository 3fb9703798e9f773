"""PURE. Phone numbers in the spellings that Zalo accepts (zalo-api §2.1)."""

import re

# The first of the nine digits of a Vietnamese mobile number is 3, 5, 7, 8 or 9: a landline cannot have Zalo.
_ACCEPTED = re.compile(r"(?:\+?84|0)?([35789]\d{8})", re.ASCII)


def canonical(phone: object) -> str | None:
    """`84` and nine digits from `84…`, `+84…`, `0…` or the bare nine; None for what no Zalo user can have."""
    found = _ACCEPTED.fullmatch(str(phone))
    return f"84{found[1]}" if found else None


def mobile(text: object) -> str:
    """The same; ValueError for what no Zalo user can have."""
    number = canonical(text)
    if number is None:
        raise ValueError(f"phone {text} is no Vietnamese mobile number")
    return number


def shown(phone: str) -> str:
    """`84912345678` as people in Vietnam write it: `0912 345 678`."""
    return f"0{phone[2:5]} {phone[5:8]} {phone[8:]}"
