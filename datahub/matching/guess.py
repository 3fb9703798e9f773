"""PURE. What kind of values stand in a column, told from a few of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from datahub import fields
from datahub.fields import FieldError
from datahub.text import clean, fold

_MOST = 0.8
_FEW_CHOICES, _TIMES_REPEATED = 8, 3


@dataclass(frozen=True)
class Guess:
    """A field's type, and its choices where a few values repeat. `certain` is False where there was nothing to see."""

    type: str = "text"
    choices: tuple[str, ...] = ()
    certain: bool = False

    def may_be(self, type_: str) -> bool:
        """Whether a column with such values could be read as this type. Text and choices take anything."""
        return not self.certain or type_ in ("text", "choice", self.type)


def guess(cells: Sequence[str]) -> Guess:
    """The type that four fifths of the filled cells can be read as; text where none fits."""
    filled = [text for text in map(clean, cells) if text]
    if not filled:
        return Guess()
    for type_, reads in _READERS.items():
        if sum(map(reads, filled)) >= _MOST * len(filled):
            return Guess(type_, (), certain=True)
    return Guess("choice", choices, True) if (choices := _choices(filled)) else Guess(certain=True)


def _choices(filled: Sequence[str]) -> tuple[str, ...]:
    by_fold: dict[str, str] = {}
    for text in filled:
        by_fold.setdefault(fold(text), text)
    repeats = len(filled) >= _TIMES_REPEATED * len(by_fold)
    return tuple(by_fold.values()) if 1 < len(by_fold) <= _FEW_CHOICES and repeats else ()


def _reader(parse: Callable[[str], str | FieldError]) -> Callable[[str], bool]:
    return lambda text: not isinstance(parse(text), FieldError)


# In this order: a phone is also a number, a number also a date's serial.
_READERS: dict[str, Callable[[str], bool]] = {
    "phone": _reader(fields.phone),
    # 0 and 1 are counts as often as answers.
    "yes_no": lambda text: not text.isdigit() and not isinstance(fields.yes_no(text), FieldError),
    "number": _reader(fields.number),
    # The last day there is: only the form is asked, not whether the year is a likely one.
    "date": _reader(lambda text: fields.parse_date(text, date.max)),
    "time": _reader(fields.time),
    "email": _reader(fields.email),
}
