"""PURE. Where a campaign's definition (its JSON, of whatever release) names the columns of its table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from datahub.editor.usage import compared


class Place(StrEnum):
    """Which part of a campaign asks about a column."""

    FILTER = "filter"
    TRIGGER = "trigger"
    DELAY = "delay"
    PARAM = "param"


_NO_FIELD = frozenset({"enrolled", "completed_at", ""})


@dataclass(frozen=True)
class Mention:
    """One column, named in one place; `detail` is the template parameter it fills, `values` what it is compared with."""

    key: str
    place: Place
    detail: str = ""
    values: tuple[str, ...] = ()


def mentions(definition: Mapping[str, Any]) -> Iterator[Mention]:
    """Every column that the definition names, in the order of its parts; a column may be named more than once."""
    trigger = definition.get("trigger") or {}
    if field := trigger.get("field"):
        yield Mention(field, Place.TRIGGER, values=tuple(filter(None, (trigger.get("to"),))))
    for key, values in compared(definition.get("filter")):
        yield Mention(key, Place.FILTER, values=values)
    for step in definition.get("steps") or ():
        if (anchor := step.get("anchor", "")) not in _NO_FIELD:
            yield Mention(anchor, Place.DELAY)
        for name, source in (step.get("params") or {}).items():
            if source.get("field"):
                yield Mention(source["field"], Place.PARAM, detail=name)
