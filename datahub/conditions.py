"""PURE. The filter tree of a campaign, and what it means for one record in Python. `filters.py` says the same in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Condition(BaseModel):
    """One question about one field. Values are compared as the clean text that `rows.clean` stored; dates are ISO."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: str
    op: Literal["eq", "ne", "in", "empty", "filled", "before", "after"]
    value: str = ""
    values: tuple[str, ...] = ()

    def matches(self, record: Mapping[str, str]) -> bool:
        """Whether the record answers yes. A missing field counts as empty text."""
        actual = record.get(self.field, "")
        match self.op:
            case "eq":
                return actual == self.value
            case "ne":
                return actual != self.value
            case "in":
                return actual in self.values
            case "empty":
                return actual == ""
            case "filled":
                return actual != ""
            case "before":
                return "" < actual < self.value
            case "after":
                return actual > self.value


class AllOf(BaseModel):
    """Every part must hold. With no parts it always holds: "Điều kiện lọc: Không"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    all: tuple[Tree, ...] = ()

    def matches(self, record: Mapping[str, str]) -> bool:
        """Whether every part holds."""
        return all(part.matches(record) for part in self.all)


class AnyOf(BaseModel):
    """At least one part must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    any: Annotated[tuple[Tree, ...], Field(min_length=1)]

    def matches(self, record: Mapping[str, str]) -> bool:
        """Whether some part holds."""
        return any(part.matches(record) for part in self.any)


Tree = Condition | AllOf | AnyOf
AllOf.model_rebuild()
AnyOf.model_rebuild()
