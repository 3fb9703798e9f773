"""PURE. A filter tree while a person edits it: half typed, perhaps wrong, and never lost. What the form sends becomes a draft,
a draft becomes a tree or says what is missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from datahub import fields
from datahub.conditions import MOST_DAYS, RELATIVE, AllOf, AnyOf, Condition, NoneOf, Tree, is_days, parts
from datahub.filtering.check import LISTS, OPS, Path, Problem, wrong
from datahub.phones import dialled
from datahub.schema import FieldSpec, Schema
from datahub.text import FieldError, clean

Kind = Literal["all", "any", "none"]
_KINDS: Mapping[str, Kind] = {"all": "all", "any": "any", "none": "none"}
_NAME = re.compile(r"filter((?:-\d{1,3}){0,12})-(kind|field|op|value|until)", re.ASCII)
_PIECES = frozenset({"contains", "not_contains", "starts_with"})
_LONGEST = 400


@dataclass(frozen=True)
class Question:
    """One line of the form. Without a field it asks nothing. `typed` is as typed: one text, the two ends of a span, or a list."""

    field: str = ""
    op: str = "eq"
    typed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Lines and groups of which all, any or none must hold."""

    kind: Kind = "all"
    parts: tuple[Question | Group, ...] = ()


Draft = Question | Group


def of(tree: Tree, schema: Schema) -> Group:
    """The tree as it is shown for editing; a single question is a group of one."""
    drawn = _drawn(tree, {spec.key: spec.type for spec in schema.fields})
    return drawn if isinstance(drawn, Group) else Group("all", (drawn,))


def _drawn(tree: Tree, types: Mapping[str, str]) -> Draft:
    if isinstance(tree, Condition):
        texts = tree.values or ((tree.value,) if tree.value else ())
        return Question(tree.field, tree.op, tuple(_typed(text, types.get(tree.field, "")) for text in texts))
    kind: Kind = "any" if isinstance(tree, AnyOf) else "none" if isinstance(tree, NoneOf) else "all"
    return Group(kind, tuple(_drawn(part, types) for part in parts(tree)))


def _typed(text: str, type: str) -> str:
    """A stored value as it would be typed; `built` reads it back to the same."""
    if type == "phone":
        return dialled(text)
    return text.replace(".", ",") if type == "number" else text


def sent(data: Mapping[str, Sequence[str]]) -> Group:
    """What the form sent: `filter-kind`, and for every line `filter-<place>-field`, `-op`, `-value`, `-until`."""
    nodes: dict[Path, dict[str, Sequence[str]]] = {}
    for name, values in data.items():
        if match := _NAME.fullmatch(name):
            path = tuple(int(number) for number in match[1].split("-") if number)
            nodes.setdefault(path, {})[match[2]] = values
    return _group((), nodes)


def _group(path: Path, nodes: Mapping[Path, Mapping[str, Sequence[str]]]) -> Group:
    inside = sorted(place for place in nodes if len(place) == len(path) + 1 and place[:-1] == path)
    kind = _KINDS.get(_first(nodes.get(path, {}).get("kind", ())), "all")
    return Group(
        kind, tuple(_group(place, nodes) if "kind" in nodes[place] else _line(nodes[place]) for place in inside)
    )


def _line(node: Mapping[str, Sequence[str]]) -> Question:
    typed = (line.strip() for text in (*node.get("value", ()), *node.get("until", ())) for line in text.splitlines())
    return Question(_first(node.get("field", ())), _first(node.get("op", ())) or "eq", tuple(filter(None, typed)))


def _first(values: Sequence[str]) -> str:
    return values[0] if values else ""


def edited(draft: Group, action: str, schema: Schema) -> Group:
    """The draft after a button of the form: `add:<place>`, `group:<place>`, `remove:<place>`; any other changes nothing.

    `field:<place>` says that another field was chosen: the line starts anew with what is most asked of such a field.
    """
    verb, _, place = action.partition(":")
    path = tuple(int(number) for number in place.split("-") if number.isdecimal() and len(number) < 4)
    if verb == "add":
        return _changed(draft, path, lambda group: (*group.parts, Question()))
    if verb == "group":
        return _changed(draft, path, lambda group: (*group.parts, Group("any", (Question(),))))
    if verb == "remove" and path:
        gone = path[-1]
        return _changed(draft, path[:-1], lambda group: (*group.parts[:gone], *group.parts[gone + 1 :]))
    if verb == "field" and path:
        return _changed(draft, path[:-1], lambda group: _started_anew(group.parts, path[-1], schema))
    return draft


def _started_anew(inside: Sequence[Draft], number: int, schema: Schema) -> Iterator[Draft]:
    types = {spec.key: spec.type for spec in schema.fields}
    for each, part in enumerate(inside):
        if each == number and isinstance(part, Question) and part.field in types:
            part = Question(part.field, OPS[types[part.field]][0])
        yield part


def _changed(group: Group, path: Path, change: Callable[[Group], Iterable[Draft]]) -> Group:
    if not path:
        return replace(group, parts=tuple(change(group)))
    inside = tuple(
        _changed(part, path[1:], change) if number == path[0] and isinstance(part, Group) else part
        for number, part in enumerate(group.parts)
    )
    return replace(group, parts=inside)


@dataclass
class Builder:
    """Makes a tree of a draft. `today` is Vietnam's; `problems` are by the draft's own places."""

    schema: Schema
    today: date
    problems: list[Problem] = field(default_factory=list)

    def tree(self, draft: Group) -> Tree:
        """What the draft asks as far as it can be read; with problems it is not to be used. Lines without a field ask nothing."""
        built = self._parts(draft, ())
        if not built:
            return AllOf()
        is_one_question = draft.kind == "all" and len(built) == 1 and isinstance(built[0], Condition)
        return built[0] if is_one_question else _together(draft.kind, built)

    def _parts(self, group: Group, path: Path) -> tuple[Tree, ...]:
        made = (self._part(part, (*path, number)) for number, part in enumerate(group.parts))
        return tuple(part for part in made if part is not None)

    def _part(self, part: Draft, path: Path) -> Tree | None:
        if isinstance(part, Question):
            return self._question(part, path) if part.field else None
        if all(isinstance(inside, Question) and not inside.field for inside in part.parts):
            self.problems.append(Problem(path, "group.none"))
        inside = self._parts(part, path)
        return _together(part.kind, inside) if inside else None

    def _question(self, line: Question, path: Path) -> Condition | None:
        spec = next((spec for spec in self.schema.fields if spec.key == line.field), None)
        found = Problem(path, "field.unknown", {"field": line.field}) if spec is None else self._read(line, spec, path)
        if isinstance(found, Problem):
            self.problems.append(found)
            return None
        self.problems += [Problem(path, code, facts) for code, facts in wrong(found, self.schema)]
        return found

    def _read(self, line: Question, spec: FieldSpec, path: Path) -> Condition | Problem:
        texts = () if line.op in ("empty", "filled") else line.typed
        values = []
        for text in texts if line.op in LISTS else texts[: 2 if line.op == "between" else 1]:
            value = _parsed(text, line.op, spec, self.today)
            if isinstance(value, FieldError):
                return Problem(path, "value.unread", {"field": spec.label, "message": value.message})
            values.append(value)
        return _condition(spec, line.op, tuple(values), path)


def _condition(spec: FieldSpec, op: str, values: tuple[str, ...], path: Path) -> Condition | Problem:
    """The question, where its op can read the values."""
    if op in RELATIVE and values and not is_days(values[0]):
        return Problem(path, "value.no_days", {"field": spec.label, "read": values[0], "most": MOST_DAYS})
    several = op in LISTS or op == "between"
    raw = {"field": spec.key, "op": op, "values" if several else "value": values if several else "".join(values)}
    try:
        return Condition.model_validate(raw)
    except ValueError:
        return Problem(path, "values.none" if op in LISTS else "value.none", {"field": spec.label})


def _parsed(text: str, op: str, spec: FieldSpec, today: date) -> str | FieldError:
    if op in RELATIVE:
        return clean(text)
    if op in _PIECES:
        return _piece(fields.text(text, _LONGEST), op, spec)
    return _PARSERS.get(spec.type, _text)(text, today)


def _piece(text: str | FieldError, op: str, spec: FieldSpec) -> str | FieldError:
    """A piece of a phone is typed with a zero before it and stored with 84."""
    if isinstance(text, FieldError) or spec.type != "phone":
        return text
    digits = re.sub(r"\D", "", text)
    if not digits.startswith("0"):
        return digits
    return f"84{digits[1:]}" if op == "starts_with" else digits[1:]


def _text(text: str, today: date) -> str | FieldError:
    return fields.text(text, _LONGEST)


_PARSERS: Mapping[str, Callable[[str, date], str | FieldError]] = {
    "phone": lambda text, today: fields.phone(text),
    "date": fields.parse_date,
    "number": lambda text, today: fields.number(text),
    "time": lambda text, today: fields.time(text),
}


def _together(kind: Kind, inside: tuple[Tree, ...]) -> Tree:
    if kind == "all":
        return AllOf(all=inside)
    return AnyOf(any=inside) if kind == "any" else NoneOf(none=inside)
