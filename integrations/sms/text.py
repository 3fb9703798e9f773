"""PURE. The text of an SMS: how it leaves, and how many the operators bill it as.

A brand-name SMS goes without diacritics: with them it holds 70 characters instead of 160 and costs twice or three times
as much, and the operators compare it with the wording they registered, which is plain.
"""

from __future__ import annotations

import re
import unicodedata

# GSM 03.38: what the plain alphabet holds, and what it holds at the price of two characters.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWICE = frozenset("^{}\\[~]|€")
# Letters that no decomposition makes plain, and the marks that word processors put in place of typed ones.
_PLAIN = str.maketrans(
    {"đ": "d", "Đ": "D", "₫": "d", "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\t": " "}
)


def plain(text: str) -> str:
    """The text without diacritics, and without what the plain alphabet has no place for, such as pictures."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    kept = "".join(char for char in decomposed if char in _BASIC or char in _TWICE)
    return re.sub(" {2,}", " ", kept).strip()


def segments(text: str) -> int:
    """How many SMS the text is billed as: 160 characters or parts of 153 in the plain alphabet, else 70 or parts of 67."""
    if all(char in _BASIC or char in _TWICE for char in text):
        length, whole, part = sum(2 if char in _TWICE else 1 for char in text), 160, 153
    else:
        length, whole, part = len(text.encode("utf-16-be")) // 2, 70, 67
    return min(length, 1) if length <= whole else -(-length // part)
