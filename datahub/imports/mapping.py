"""PURE. Which column of a file goes into which field, and what is wrong with such a choice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from datahub.matching.suggest import suggest
from datahub.schema import STATUS, Schema
from datahub.text import fold

Column = tuple[int, str, bool]
"""Where a field stands in a row, its key, and whether the column is one to tick."""


@dataclass(frozen=True)
class FileMapping:
    """`fields` gives each column's field key, empty for a column left out; `key` is the column that tells rows apart."""

    headings: tuple[str, ...]
    fields: tuple[str, ...]
    key: int | None = None

    def as_json(self) -> dict[str, Any]:
        """For the import's row."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """As `as_json` made it."""
        return cls(tuple(data["headings"]), tuple(data["fields"]), data["key"])

    def columns(self, schema: Schema) -> list[Column]:
        """The columns that are read."""
        done = fold(schema.done_value)
        return [
            (at, key, key == STATUS and fold(self.headings[at]) == done) for at, key in enumerate(self.fields) if key
        ]

    def problems(self, schema: Schema) -> Iterator[str]:
        """Vietnamese sentences; none where an import can begin."""
        labels = {spec.key: spec.label for spec in schema.read}
        for key, label in labels.items():
            if self.fields.count(key) > 1:
                yield f"Có hai cột cùng ghép vào “{label}”, hãy chỉ để lại một."
        missing = [spec.label for spec in schema.read if spec.required and spec.key not in self.fields]
        if missing:
            yield f"Chưa ghép cột bắt buộc: {', '.join(missing)}."


def suggested(headings: Sequence[str], samples: Sequence[Sequence[str]], schema: Schema) -> FileMapping:
    """What the headings and the first rows suggest, the unsure too: a person looks at it before anything is taken in."""
    return FileMapping(tuple(headings), tuple(each.key for each in suggest(headings, samples, schema)))
