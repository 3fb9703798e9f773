"""The form of a filter tree: the same one for segments and for campaigns, with or without scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.http import QueryDict
from django.utils.functional import Promise

from datahub.conditions import RELATIVE, AllOf, Tree
from datahub.filtering import drafts, words
from datahub.filtering.check import LISTS, OPS, Path, Problem, check, choices_of
from datahub.filtering.drafts import Builder, Draft, Group, Question
from datahub.models import Dataset, Record
from datahub.schema import FieldSpec
from datahub.tables import schema_of

# The name of every button that changes the form rather than sends it.
DO = "filter-do"
# Groups deeper than this are shown and kept, but not begun here.
NESTED = 2
_LOOKED_AT, _SUGGESTED = 500, 20


@dataclass(frozen=True)
class Option:
    """One thing to choose."""

    value: str
    label: str | Promise
    is_chosen: bool


@dataclass(frozen=True)
class Line:
    """One question as it is drawn. `asks` names the input: none, one, some, day, days, span, number, lines or text."""

    place: str
    fields: list[Option]
    ops: list[Option]
    asks: str
    typed: tuple[str, ...]
    options: list[Option]
    known: Sequence[str]
    errors: list[str]
    is_group = False

    @property
    def first(self) -> str:
        """The only text, or where a span begins."""
        return self.typed[0] if self.typed else ""

    @property
    def last(self) -> str:
        """Where a span ends."""
        return self.typed[1] if len(self.typed) > 1 else ""


@dataclass(frozen=True)
class Box:
    """One group as it is drawn."""

    place: str
    kind: str
    parts: list[Line | Box]
    may_nest: bool
    errors: list[str]
    is_group = True


@dataclass
class FilterForm:
    """A tree being edited. `data` is what the form sent, None before it was; `today` is Vietnam's.

    What was not touched stays as it was to the letter, even where it could not be made with this form.
    """

    dataset: Dataset
    before: Tree
    today: date
    data: QueryDict | None = None
    problems: list[Problem] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.schema = schema_of(self.dataset)
        self._specs = {spec.key: spec for spec in self.schema.fields}
        drawn = drafts.of(self.before, self.schema)
        sent = dict(self.data.lists()) if self.data is not None and "filter-kind" in self.data else None
        self.draft = drawn if sent is None else drafts.edited(drafts.sent(sent), self.action, self.schema)
        self.is_untouched = self.draft == drawn
        builder = Builder(self.schema, self.today)
        built = builder.tree(self.draft)
        self.tree = self.before if self.is_untouched else built
        self.problems = builder.problems + [each for each in check(built, self.schema) if each.code.startswith("tree.")]

    @property
    def action(self) -> str:
        """The button of the form that was pressed, if one was: the form is to be shown again, not saved."""
        return self.data.get(DO, "") if self.data is not None else ""

    def is_valid(self) -> bool:
        """Whether the tree may be saved."""
        return self.is_untouched or not self.problems

    @property
    def sentence(self) -> str:
        """What the tree asks, in words; empty while it asks nothing."""
        return "" if self.tree == AllOf() else words.sentence(self.tree, self.labels)

    @property
    def labels(self) -> dict[str, str]:
        """Field key → label."""
        return {key: spec.label for key, spec in self._specs.items()}

    @property
    def errors(self) -> list[str]:
        """What is wrong with the whole."""
        return [words.problem(each) for each in self.problems if not each.path]

    @property
    def root(self) -> Box:
        """The form as it is drawn."""
        return self._box(self.draft, ())

    def _box(self, group: Group, path: Path) -> Box:
        return Box(
            place=_place(path),
            kind=group.kind,
            parts=[self._part(part, (*path, number)) for number, part in enumerate(group.parts)],
            may_nest=len(path) < NESTED,
            errors=self._errors(path) if path else [],
        )

    def _part(self, part: Draft, path: Path) -> Line | Box:
        return self._line(part, path) if isinstance(part, Question) else self._box(part, path)

    def _line(self, line: Question, path: Path) -> Line:
        spec = self._specs.get(line.field)
        asks = _asks(line.op, spec)
        options = [] if spec is None else _options(choices_of(spec, self.schema), line.typed)
        return Line(
            place=_place(path),
            fields=self._fields(line.field),
            ops=_ops(line.op, spec),
            asks=asks if line.field else "none",
            typed=line.typed,
            options=options,
            known=self._known.get(line.field, ()) if asks in ("text", "lines") else (),
            errors=self._errors(path),
        )

    def _fields(self, chosen: str) -> list[Option]:
        gone = [Option(chosen, chosen, True)] if chosen and chosen not in self._specs else []
        return [*gone, *(Option(key, label, key == chosen) for key, label in self.labels.items())]

    def _errors(self, path: Path) -> list[str]:
        # A form that is still being filled in is not scolded.
        is_shown = not self.action and (self.data is not None or self.is_untouched)
        return [words.problem(each) for each in self.problems if each.path == path] if is_shown else []

    @cached_property
    def _known(self) -> Mapping[str, list[str]]:
        """Field key → what is most often in it among the newest records: one bounded question."""
        newest = Record.objects.filter(dataset=self.dataset).order_by("-updated_at", "-id")
        counters: dict[str, Counter[str]] = {}
        for values in newest.values_list("values", flat=True)[:_LOOKED_AT]:
            for key, value in values.items():
                counters.setdefault(key, Counter())[value] += 1
        return {key: [value for value, _ in counter.most_common(_SUGGESTED)] for key, counter in counters.items()}


def _place(path: Path) -> str:
    """How the names of a part begin."""
    return "-".join(["filter", *map(str, path)])


def _asks(op: str, spec: FieldSpec | None) -> str:
    """Which input fits the field's type and the question."""
    if op in ("empty", "filled"):
        return "none"
    if op in RELATIVE:
        return "days"
    type = spec.type if spec else "text"
    if type in ("choice", "yes_no"):
        return "some" if op in LISTS else "one"
    if op in LISTS:
        return "lines"
    if op == "between":
        return "span"
    return {"date": "day", "number": "number"}.get(type, "text")


def _ops(chosen: str, spec: FieldSpec | None) -> list[Option]:
    offered = OPS.get(spec.type if spec else "text", OPS["text"])
    kept = () if chosen in offered or chosen not in words.OPERATORS else (chosen,)
    return [Option(op, words.operator(op, spec.type if spec else ""), op == chosen) for op in (*offered, *kept)]


def _options(choices: Sequence[str], typed: Sequence[str]) -> list[Option]:
    """The choices, and what was chosen though it is none."""
    strange = [value for value in typed if value not in choices]
    return [Option(value, value, value in typed) for value in (*choices, *strange)]
