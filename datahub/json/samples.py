"""PURE. A body that somebody pasted: its paths, what stands there, and which columns they may be. It is not kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from datahub.json.paths import Seen, lists, look, rows_at
from datahub.matching.suggest import suggest
from datahub.schema import Schema
from integrations.google_sheets.protocol import ShapeError, read_json

LONGEST = 200_000
_ID_NAMES = ("id", "code", "ma", "order_number", "uuid")


@dataclass(frozen=True)
class Path:
    """One path of the sample, its value, and the column that it is probably for."""

    path: str
    value: str
    key: str
    label: str
    is_sure: bool


@dataclass(frozen=True)
class Sample:
    """What was pasted."""

    body: object

    def shown(self, rows: str, schema: Schema) -> dict[str, Any]:
        """For the page: the first row's paths with suggestions, the lists to choose rows from, and how many rows there are."""
        found = rows_at(self.body, rows)
        return {"paths": _paths(found[:1], schema), "lists": lists(self.body), "row_count": len(found)}

    @cached_property
    def likely_id(self) -> str:
        """The first path that is called like an id."""
        rows = rows_at(self.body, "")
        seen = look(rows[0]) if rows else []
        return next((each.path for name in _ID_NAMES for each in seen if each.path.casefold() == name), "")


def read_sample(text: str) -> Sample | ShapeError | None:
    """What the text says, why it says nothing, or None where nothing was pasted."""
    if not text.strip():
        return None
    if len(text) > LONGEST:
        return ShapeError("body", f"dài hơn {LONGEST // 1000} nghìn ký tự, hãy dán một lần gửi ngắn hơn")
    said = read_json(text.encode(errors="replace"))
    return said if isinstance(said, ShapeError) else Sample(said)


def _paths(rows: Sequence[object], schema: Schema) -> list[Path]:
    seen: list[Seen] = look(rows[0]) if rows else []
    labels = {spec.key: spec.label for spec in schema.read}
    found = suggest([each.path for each in seen], [[each.value for each in seen]], schema)
    return [
        Path(each.path, each.value, meant.key, labels.get(meant.key, ""), meant.is_sure)
        for each, meant in zip(seen, found, strict=True)
    ]
