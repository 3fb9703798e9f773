"""PURE. Looking for a piece of Vietnamese text whatever its marks and its case, the same way in Python and in SQL.

Neither database folds Vietnamese the way Python does, so nothing is folded there: the piece is turned into a pattern that
names every spelling of each letter. Python's `re`, which also answers SQLite's REGEXP, and PostgreSQL's `~` read the few
signs that it is made of alike.
"""

from __future__ import annotations

import unicodedata
from itertools import chain
from string import ascii_lowercase

_FIRST_MARK, _LAST_MARK = 0x300, 0x36F
_LATIN = chain(range(0x41, 0x5B), range(0xC0, 0x250), range(0x1E00, 0x1F00))
_ANY_MARKS = rf"[\u{_FIRST_MARK:04x}-\u{_LAST_MARK:04x}]*"


def _base(character: str) -> str:
    """The plain small letter under a Latin one: `ậ` and `Ậ` are `a`, `Đ` is `d`; empty for what is no such letter."""
    bare = "d" if character in "Đđ" else unicodedata.normalize("NFD", character)[0].lower()
    return bare if bare in ascii_lowercase else ""


_BASES = {code: base for code in _LATIN if (base := _base(chr(code)))}
_PLAIN: dict[int, str | None] = {**_BASES, **dict.fromkeys(range(_FIRST_MARK, _LAST_MARK + 1))}
_SPELLINGS = {
    letter: [ord(letter), *(code for code, base in _BASES.items() if base == letter)] for letter in ascii_lowercase
}


def plain(text: str) -> str:
    """`text` in small Latin letters without marks, in either Unicode form; what is not Latin stays."""
    return text.translate(_PLAIN)


def pattern(piece: str, *, at_start: bool = False) -> str:
    """Finds `plain(piece)` in the text whose `plain` has it, or starts with it. Of `\\u` escapes, classes, `*` and `\\A` alone."""
    letters = _ANY_MARKS.join(_letter(letter) for letter in plain(piece))
    return rf"\A{_ANY_MARKS}{letters}" if at_start else letters


def _letter(letter: str) -> str:
    return f"[{''.join(map(_escaped, _SPELLINGS.get(letter, [ord(letter)])))}]"


def _escaped(code: int) -> str:
    return rf"\u{code:04x}" if code < 0x10000 else rf"\U{code:08x}"


def finds(piece: str, text: str, *, at_start: bool = False) -> bool:
    """What `pattern` answers, said without one."""
    return plain(text).startswith(plain(piece)) if at_start else plain(piece) in plain(text)
