"""PURE. One person's names, codes and phones, found again wherever text may hold them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from datahub.phones import phone
from datahub.text import clean, fold

HIDDEN = "•••"
# A number with whatever people put between its digits.
_NUMBER = re.compile(r"\+?\d(?:[\s.\-()/]{0,2}\d){7,}")


@dataclass(frozen=True)
class Traces:
    """What a person is known by: names as typed, codes in upper case, phones as 84 and nine digits."""

    names: frozenset[str]
    codes: frozenset[str]
    phones: frozenset[str]

    def in_cell(self, text: str) -> bool:
        """Whether this one cell, however it is spelled, is the person's name, code or phone, or holds name or phone."""
        return clean(text).upper() in self.codes or fold(text) in self._folded or self.scrub(text) != text

    def in_cells(self, value: Any) -> bool:
        """Whether anything in a JSON value is."""
        match value:
            case str():
                return self.in_cell(value)
            case dict():
                return any(self.in_cells(each) for pair in value.items() for each in pair)
            case list():
                return any(map(self.in_cells, value))
        return False

    def scrub(self, value: Any) -> Any:
        """The JSON value with the person's phones and whole names taken out of its texts; all else as it was."""
        match value:
            case str():
                return self._scrubbed(value)
            case dict():
                return {self._scrubbed(key): self.scrub(each) for key, each in value.items()}
            case list():
                return [self.scrub(each) for each in value]
        return value

    def _scrubbed(self, text: str) -> str:
        bare = _NUMBER.sub(self._number, text)
        if self._name is None:
            return bare
        composed = unicodedata.normalize("NFC", bare)
        hidden = self._name.sub(HIDDEN, composed)
        return hidden if hidden != composed else bare

    def _number(self, match: re.Match[str]) -> str:
        """Hidden where it is the phone, also in an old spelling, or holds it among other digits."""
        digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", match[0]))
        holds = any(known[2:] in digits for known in self.phones)
        return HIDDEN if holds or phone(match[0]) in self.phones else match[0]

    @cached_property
    def _folded(self) -> frozenset[str]:
        return frozenset(map(fold, self.names))

    @cached_property
    def _name(self) -> re.Pattern[str] | None:
        """Names of more than one word: a single one is a word like any other in a text."""
        whole = sorted((clean(name) for name in self.names if " " in clean(name)), key=len, reverse=True)
        if not whole:
            return None
        spelled = ("".join(r"\s+" if letter == " " else re.escape(letter) for letter in name) for name in whole)
        return re.compile("|".join(spelled), re.IGNORECASE)
