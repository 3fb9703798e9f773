"""PURE. Which field each column of an outside table means: a sheet's header, a file's first line, the paths of a JSON body."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from datahub.matching.guess import Guess, guess
from datahub.matching.names import KNOWN_NAMES, OURS, spellings
from datahub.schema import HUB, FieldSpec, Schema
from datahub.text import fold

_NEAR = 0.86
_SHORTEST = 5  # letters: of a shorter name, half a word in common means nothing


class Why(StrEnum):
    """How a column was recognised, the surest first."""

    NAME = "name"  # the table reads this header already: its label or an alias
    SPELLING = "spelling"  # the same words, but for marks, case or the marks between them
    KNOWN = "known"  # a usual name of that field elsewhere
    NEAR = "near"  # nearly the same words
    VALUES = "values"  # by what stands in it
    HUB = "hub"  # the name of a column that the hub itself keeps: it is not read
    OURS = "ours"  # one of the columns that the system itself keeps in a sheet
    NOTHING = "nothing"


SURE = frozenset({Why.NAME, Why.SPELLING, Why.KNOWN})


@dataclass(frozen=True)
class Suggestion:
    """What one column means: `key` is a field's key, empty where no field is meant.

    `type` and `choices` are what its values look like, for a new field of that name.
    """

    header: str
    key: str = ""
    why: Why = Why.NOTHING
    type: str = "text"
    choices: tuple[str, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Whether it may be taken without asking; otherwise a person should look."""
        return self.why in SURE

    @property
    def is_read(self) -> bool:
        """Whether the table reads this column as it is, without a mapping."""
        return self.why is Why.NAME


def suggest(headers: Sequence[str], samples: Sequence[Sequence[str]], schema: Schema) -> list[Suggestion]:
    """One suggestion for each header, in their order. `samples` are rows of cells in the order of `headers`; few suffice.

    A field is suggested for one column at most, the one that fits best. Rows may be shorter than the headers.
    """
    guesses = [guess([row[at] for row in samples if at < len(row)]) for at in range(len(headers))]
    found: dict[int, tuple[FieldSpec, Why]] = {}
    taken: set[str] = set()
    for why in (Why.NAME, Why.SPELLING, Why.KNOWN, Why.NEAR, Why.VALUES):
        for at, spec in _best_first(why, headers, guesses, schema):
            if at not in found and spec.key not in taken:
                found[at] = (spec, why)
                taken.add(spec.key)
    hubs = {fold(name) for spec in schema.fields if spec.owner == HUB for name in (spec.label, *spec.aliases)}
    return [
        Suggestion(header, spec.key if spec else "", why, guesses[at].type, guesses[at].choices)
        for at, header in enumerate(headers)
        for spec, why in [found.get(at) or (None, _unread(header, hubs))]
    ]


def _unread(header: str, hubs: Set[str]) -> Why:
    return Why.OURS if fold(header) in OURS else Why.HUB if fold(header) in hubs else Why.NOTHING


def _best_first(
    why: Why, headers: Sequence[str], guesses: Sequence[Guess], schema: Schema
) -> Iterator[tuple[int, FieldSpec]]:
    """Pairs of a column and a field that match in this way, the closest first, then as they stand in the table."""
    pairs = [
        (-score, at, order)
        for at, header in enumerate(headers)
        if fold(header) not in OURS
        for order, spec in enumerate(schema.read)
        if (score := _score(why, header, guesses[at], spec, schema)) > 0
    ]
    yield from ((at, schema.read[order]) for _, at, order in sorted(pairs))


def _score(why: Why, header: str, guessed: Guess, spec: FieldSpec, schema: Schema) -> float:
    """How well the column fits the field in this way: 0 not at all, 1 wholly."""
    match why:
        case Why.NAME:
            column = schema.column(header)
            return 1 / (1 + column.rank) if column and column.spec is spec else 0
        case Why.SPELLING:
            return float(not spellings(header).isdisjoint(_names(spec)))
        case Why.KNOWN:
            return float(not spellings(header).isdisjoint(KNOWN_NAMES.get(spec.key, ())))
        case Why.NEAR:
            return _nearness(header, spec) if guessed.may_be(spec.type) else 0
        case _:
            # A phone is the one thing that shows what it is; any date could be any day.
            return float(guessed.type == spec.type == "phone")


def _nearness(header: str, spec: FieldSpec) -> float:
    # Of the clinic's own names only: the usual ones are too many, and something always comes near one of them.
    best = max((_alike(mine, theirs) for mine in spellings(header) for theirs in _names(spec)), default=0.0)
    return best if best >= _NEAR else 0


def _alike(mine: str, theirs: str) -> float:
    if min(len(mine), len(theirs)) < _SHORTEST:
        return 0
    if f" {theirs} " in f" {mine} ":
        return _NEAR + (1 - _NEAR) * len(theirs) / len(mine)
    return SequenceMatcher(None, mine, theirs, autojunk=False).ratio()


def _names(spec: FieldSpec) -> frozenset[str]:
    return frozenset().union(*map(spellings, (spec.key, spec.label, *spec.aliases)))
