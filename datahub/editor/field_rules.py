"""PURE. What a column's settings may be, beside its neighbours. The words are in `field_words.py`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from datahub.fields import number, outside, parse_date
from datahub.matching.names import OURS
from datahub.schema import HUB, SERVICE, STATUS, VISIT_DATE, FieldSpec
from datahub.text import FieldError, clean, fold

# A visit is told by these, and a customer by the first three: their meaning is not the clinic's to change.
IDENTITY = frozenset({"customer_id", "customer_name", "phone"})
SYSTEM = IDENTITY | {STATUS, VISIT_DATE, "service"}

# What the columns of Customer and Record can hold, whatever the clinic says of its own column.
LONGEST = {"customer_id": 80, "customer_name": 200, STATUS: 60, SERVICE: 200, VISIT_DATE: 200}
LONGEST_TEXT = 2000
LONGEST_NAME, MOST_NAMES, MOST_CHOICES = 80, 20, 200


@dataclass(frozen=True)
class Problem:
    """Why a setting cannot be: the setting, a stable code, and what the sentence needs."""

    setting: str
    code: str
    read: str = ""
    expected: str = ""


def longest(key: str) -> int:
    """How many characters a value of this field may have at most."""
    return LONGEST.get(key, LONGEST_TEXT)


def tidy(spec: FieldSpec) -> FieldSpec:
    """The settings as they are stored: cleaned, without repeats, without what this type has no use for."""
    label = clean(spec.label)
    aliases = _once(spec.aliases, without=(label,))
    choices = _once(spec.choices) if spec.type == "choice" else ()
    has_limits = spec.type in ("number", "date")
    return replace(
        spec,
        label=label,
        aliases=aliases,
        choices=choices,
        minimum=spec.minimum if has_limits else "",
        maximum=spec.maximum if has_limits else "",
    )


def _once(names: Sequence[str], without: Sequence[str] = ()) -> tuple[str, ...]:
    seen = {fold(name): "" for name in without}
    return tuple(seen.setdefault(fold(name), clean(name)) for name in names if clean(name) and fold(name) not in seen)


def renamed(spec: FieldSpec, former: FieldSpec) -> FieldSpec:
    """The settings with the former label kept as an alias, so that a sheet with the old header goes on working."""
    if fold(spec.label) == fold(former.label):
        return spec
    return tidy(replace(spec, aliases=(*spec.aliases, former.label)))


def limit(typed: str, kind: str, today: date) -> str | FieldError:
    """A limit as people type it, as it is stored. Other kinds have no limits: empty."""
    if kind == "number":
        return number(typed)
    return parse_date(typed, today) if kind == "date" else ""


def problems(
    spec: FieldSpec, former: FieldSpec | None, others: Sequence[FieldSpec], *, done_value: str
) -> Iterator[Problem]:
    """Everything that is wrong with tidy settings. `others` are the table's other columns, archived ones too."""
    yield from _names(spec, others, done_value)
    if former and former.key in SYSTEM:
        yield from _of_the_system(spec, former)
    yield from _limits(spec)
    yield from _choices(spec, done_value)


def _names(spec: FieldSpec, others: Sequence[FieldSpec], done_value: str) -> Iterator[Problem]:
    taken = {fold(name): other.label for other in others for name in (other.label, *other.aliases)}
    # A sheet's column of this name is the status column, to be ticked.
    taken |= {} if spec.key == STATUS else {fold(done_value): done_value}
    if not spec.label:
        yield Problem("label", "label.empty")
    if len(spec.aliases) > MOST_NAMES:
        yield Problem("aliases", "aliases.many", str(len(spec.aliases)), str(MOST_NAMES))
    for setting, name in (("label", spec.label), *(("aliases", alias) for alias in spec.aliases)):
        if fold(name) in OURS:
            yield Problem(setting, "name.ours", name)
        elif fold(name) in taken:
            yield Problem(setting, "name.taken", name, taken[fold(name)])
        elif len(name) > LONGEST_NAME:
            yield Problem(setting, "name.long", name[:40], str(LONGEST_NAME))


def _of_the_system(spec: FieldSpec, former: FieldSpec) -> Iterator[Problem]:
    if spec.type != former.type:
        yield Problem("type", "system.type")
    if spec.owner == HUB:
        yield Problem("owner", "system.owner")
    if spec.key in IDENTITY and not spec.required:
        yield Problem("required", "system.required")


def _limits(spec: FieldSpec) -> Iterator[Problem]:
    most = longest(spec.key)
    if not 1 <= spec.max_length <= most:
        yield Problem("max_length", "length.range", str(spec.max_length), str(most))
    # Limits that cross let no value in: not even the lower one is within the upper.
    if outside(spec.type, spec.minimum, "", spec.maximum):
        yield Problem("maximum", "limits.crossed", spec.maximum, spec.minimum)


def _choices(spec: FieldSpec, done_value: str) -> Iterator[Problem]:
    if spec.type != "choice":
        return
    if not spec.choices:
        yield Problem("choices", "choices.none")
    if len(spec.choices) > MOST_CHOICES:
        yield Problem("choices", "choices.many", str(len(spec.choices)), str(MOST_CHOICES))
    for choice in spec.choices:
        if len(choice) > spec.max_length:
            yield Problem("choices", "choices.long", choice[:40], str(spec.max_length))
    if spec.key == STATUS and done_value not in spec.choices:
        yield Problem("choices", "choices.done", "", done_value)


def as_facts(spec: FieldSpec) -> dict[str, Any]:
    """The settings as JSON, for the audit trail and for taking a change back."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(spec).items()}


def from_facts(facts: Mapping[str, Any]) -> FieldSpec:
    """`as_facts` back again."""
    settings: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()
    }
    return FieldSpec(**settings)


def stamp(spec: FieldSpec) -> str:
    """16 hex digits that change with any setting: what a person saw when they began to edit."""
    return hashlib.sha256(repr(spec).encode()).hexdigest()[:16]
