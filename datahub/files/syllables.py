"""PURE. Whether letters make Vietnamese words: how a wrong encoding is told from a right one."""

from __future__ import annotations

import re
import unicodedata

_ONSET = r"(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdđghklmnpqrstvx])?"
_VOWELS = r"[aăâeêioôơuưy]{1,3}"
_CODA = r"(?:ng|nh|ch|[cmnpt])?"
_SYLLABLE = re.compile(f"{_ONSET}{_VOWELS}{_CODA}")
_WORD = re.compile(r"[^\W\d_]+")
# Horn, breve and circumflex make other letters; these five are tones, of which a syllable has one at most.
_TONES = "\u0300\u0301\u0303\u0309\u0323"


def is_syllable(word: str) -> bool:
    """Whether one word could be Vietnamese; case does not matter."""
    parts = unicodedata.normalize("NFD", word.lower())
    tones = sum(map(parts.count, _TONES))
    bare = "".join(character for character in parts if character not in _TONES)
    return tones <= 1 and _SYLLABLE.fullmatch(unicodedata.normalize("NFC", bare)) is not None


def plausibility(text: str, *, limit: int = 400) -> float:
    """Of the first `limit` different words with a mark or an odd letter: how many could be Vietnamese, 0 to 1.

    1 where there is no such word: nothing speaks against it.
    """
    words = {word for word in _WORD.findall(unicodedata.normalize("NFC", text)) if not word.isascii()}
    some = sorted(words)[:limit]
    return sum(map(is_syllable, some)) / len(some) if some else 1.0
