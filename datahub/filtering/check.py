"""PURE. Whether a filter tree fits a table: which questions a type of field can be asked, and what is wrong. `words.py` says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from datahub.conditions import RELATIVE, Condition, Tree, is_day, is_number, parts
from datahub.schema import STATUS, FieldSpec, Schema

DEEPEST, MOST_QUESTIONS, MOST_VALUES, LONGEST_VALUE = 6, 60, 100, 400

_ALWAYS = ("filled", "empty")
_TEXT = ("eq", "ne", "contains", "not_contains", "starts_with", "in", "not_in", *_ALWAYS)
_CHOICE = ("in", "not_in", "eq", "ne", *_ALWAYS)
OPS: Mapping[str, tuple[str, ...]] = {
    "text": _TEXT,
    "email": _TEXT,
    "phone": _TEXT,
    "choice": _CHOICE,
    "yes_no": ("eq", "ne", "in", "not_in", *_ALWAYS),
    "time": ("eq", "ne", "before", "after", "in", "not_in", *_ALWAYS),
    "number": ("eq", "ne", "lt", "le", "gt", "ge", "in", "not_in", *_ALWAYS),
    "date": (
        "within_last",
        "older_than",
        "in_next",
        "eq",
        "before",
        "on_or_before",
        "after",
        "on_or_after",
        "between",
        "ne",
        "in",
        "not_in",
        *_ALWAYS,
    ),
}
YES_NO = ("Có", "Không")
LISTS = frozenset({"in", "not_in"})

Path = tuple[int, ...]
_READER: TypeAdapter[Tree] = TypeAdapter(Tree)


@dataclass(frozen=True)
class Problem:
    """What is wrong with one question, or with the tree where `path` is empty; a stable code and what its sentence needs."""

    path: Path
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


def read(raw: Any) -> Tree | Problem:
    """The tree that stored JSON describes, or that it cannot be read: whoever asks then selects nobody."""
    # `{}` would be read as a group without a part, which holds for everybody: what was lost must not become that.
    if raw == {} or _depth(raw) > 4 * DEEPEST:
        return Problem((), "tree.unreadable")
    try:
        return _READER.validate_python(raw)
    except ValidationError:
        return Problem((), "tree.unreadable")


def usable(raw: Any, schema: Schema) -> Tree | Problem:
    """The tree of stored JSON where every field it asks about is there; else why nobody is to be selected by it.

    A question about a field that is gone finds every record empty: `khác` would select the whole table.
    """
    tree = read(raw)
    return tree if isinstance(tree, Problem) else lost_field(tree, schema) or tree


def lost_field(tree: Tree, schema: Schema) -> Problem | None:
    """The first question about a field that the table does not have, or no longer."""
    keys = {spec.key for spec in schema.fields}
    lost = ((path, question) for path, question in walk(tree) if question.field not in keys)
    return next((Problem(path, "field.unknown", {"field": question.field}) for path, question in lost), None)


def _depth(raw: Any, limit: int = 8 * DEEPEST) -> int:
    inside = raw.values() if isinstance(raw, Mapping) else raw if isinstance(raw, list | tuple) else ()
    return 1 + max((_depth(part, limit - 1) for part in inside), default=0) if limit else 1


def check(tree: Tree, schema: Schema) -> list[Problem]:
    """Everything in the tree that the table cannot answer; empty when it may be used."""
    questions = list(walk(tree))
    found = []
    if max((len(path) for path, _ in questions), default=0) > DEEPEST:
        found.append(Problem((), "tree.deep", {"most": DEEPEST}))
    if len(questions) > MOST_QUESTIONS:
        found.append(Problem((), "tree.big", {"most": MOST_QUESTIONS, "read": len(questions)}))
    for path, question in questions:
        found += [Problem(path, code, facts) for code, facts in wrong(question, schema)]
    return found


def walk(tree: Tree, path: Path = ()) -> Iterator[tuple[Path, Condition]]:
    """Every question with its place: the numbers of the parts that lead to it."""
    if isinstance(tree, Condition):
        yield path, tree
    else:
        for number, part in enumerate(parts(tree)):
            yield from walk(part, (*path, number))


Wrong = tuple[str, Mapping[str, object]]


def wrong(question: Condition, schema: Schema) -> Iterator[Wrong]:
    """What is wrong with one question: a code and what its sentence needs, for each fault."""
    spec = next((spec for spec in schema.fields if spec.key == question.field), None)
    if spec is None:
        yield "field.unknown", {"field": question.field}
    elif question.op not in OPS.get(spec.type, _TEXT):
        yield "op.unfit", {"field": spec.label, "op": question.op, "type": spec.type}
    else:
        yield from _wrong_values(question, spec, choices_of(spec, schema))


def _wrong_values(question: Condition, spec: FieldSpec, known: tuple[str, ...]) -> Iterator[Wrong]:
    if question.op in LISTS:
        if not question.values:
            yield "values.none", {"field": spec.label}
        if len(question.values) > MOST_VALUES:
            yield "values.many", {"field": spec.label, "most": MOST_VALUES}
        asked: tuple[str, ...] = question.values
    elif question.op in _ALWAYS or question.op in RELATIVE:
        return
    elif question.op == "between":
        if question.values[0] > question.values[1]:
            yield "span.crossed", {"field": spec.label, "first": question.values[0], "last": question.values[1]}
        return
    else:
        asked = (question.value,)
    for value in asked:
        yield from _wrong_value(value, spec, known)


def _wrong_value(value: str, spec: FieldSpec, known: tuple[str, ...]) -> Iterator[Wrong]:
    if not value:
        yield "value.none", {"field": spec.label}
    elif len(value) > LONGEST_VALUE:
        yield "value.long", {"field": spec.label, "most": LONGEST_VALUE}
    elif spec.type == "date" and not is_day(value):
        yield "value.no_day", {"field": spec.label, "read": value}
    elif spec.type == "number" and not is_number(value):
        yield "value.no_number", {"field": spec.label, "read": value}
    elif known and value not in known:
        yield "value.no_choice", {"field": spec.label, "read": value, "choices": ", ".join(known)}


def choices_of(spec: FieldSpec, schema: Schema) -> tuple[str, ...]:
    """What a field of the table can be, where that is known. The done value is a status even if it is not among the choices."""
    if spec.type == "yes_no":
        return YES_NO
    if spec.type != "choice":
        return ()
    is_done_missing = spec.key == STATUS and schema.done_value not in spec.choices
    return (*spec.choices, schema.done_value) if is_done_missing else spec.choices
