"""PURE. One filter tree for campaigns and segments, and what it means for one record in Python. `filters.py` says the same in SQL."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from datahub.filtering import letters

Op = Literal[
    "eq",
    "ne",
    "in",
    "not_in",
    "empty",
    "filled",
    "before",
    "after",
    "on_or_before",
    "on_or_after",
    "between",
    "within_last",
    "older_than",
    "in_next",
    "contains",
    "not_contains",
    "starts_with",
    "lt",
    "le",
    "gt",
    "ge",
]
COMPARE: Mapping[str, Callable[..., bool]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
# A number as `fields.number` writes it, without a needless zero: equal numbers are equal text.
NUMBER = r"\A(?:0|-?(?:[1-9][0-9]*(?:\.[0-9]*[1-9])?|0\.[0-9]*[1-9]))\Z"
# Each of these asks what its counterpart asks, and takes the other answer.
NEGATED = {"ne": "eq", "not_in": "in", "filled": "empty", "not_contains": "contains"}
RELATIVE = frozenset({"within_last", "older_than", "in_next"})
MOST_DAYS = 36_500
_SIGNS = {"before": "lt", "after": "gt", "on_or_before": "le", "on_or_after": "ge"}
_NUMBER = re.compile(NUMBER)
_DAYS = re.compile(r"\A(?:0|[1-9][0-9]{0,4})\Z")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Condition(_Part):
    """One question about one field. Values are compared as the clean text that `rows.clean` stored; dates are ISO.

    `value` is a text, an ISO day, a decimal number or a number of days, as `op` wants; `values` are the choices of `in` and
    `not_in`, or the first and the last day of `between`. What the op cannot read is no Condition: ValueError.
    """

    field: str
    op: Op
    value: str = ""
    values: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _can_be_read(self) -> Condition:
        if not self._is_readable():
            raise ValueError(f"{self.op} cannot read {self.value!r} {self.values!r}")
        return self

    def _is_readable(self) -> bool:
        match self.op:
            case "lt" | "le" | "gt" | "ge":
                return is_number(self.value)
            case op if op in RELATIVE:
                return is_days(self.value)
            case "on_or_before" | "on_or_after":
                return is_day(self.value)
            case "between":
                return len(self.values) == 2 and all(map(is_day, self.values))
            case "contains" | "not_contains" | "starts_with":
                return letters.plain(self.value) != ""
            case "not_in":
                return self.values != ()
            case _:
                return True

    def matches(self, record: Mapping[str, str], today: date) -> bool:
        """Whether the record answers yes on this day, Vietnam's. A missing field counts as empty text."""
        actual = record.get(self.field, "")
        if self.op in NEGATED:
            return not self._says(NEGATED[self.op], actual, today)
        return self._says(self.op, actual, today)

    def _says(self, op: str, actual: str, today: date) -> bool:
        match op:
            case "eq":
                return actual == self.value
            case "in":
                return actual in self.values
            case "empty":
                return actual == ""
            case "contains" | "starts_with":
                return letters.finds(self.value, actual, at_start=op == "starts_with")
            case "lt" | "le" | "gt" | "ge":
                return is_number(actual) and COMPARE[op](Decimal(actual), Decimal(self.value))
            case _:
                return actual != "" and all(COMPARE[sign](actual, limit) for sign, limit in self.span(today))

    def span(self, today: date) -> tuple[tuple[str, str], ...]:
        """The days a question about a date asks for, as bounds to COMPARE with: ISO days are in the order of their text."""
        if self.op == "between":
            return (("ge", self.values[0]), ("le", self.values[1]))
        if self.op not in RELATIVE:
            return ((_SIGNS[self.op], self.value),)
        days = int(self.value)
        match self.op:
            case "within_last":
                return (("ge", _iso(today, -days)), ("le", _iso(today)))
            case "older_than":
                return (("lt", _iso(today, -days)),)
            case _:
                return (("ge", _iso(today)), ("le", _iso(today, days)))


def is_number(text: str) -> bool:
    """Whether this is a clean decimal number, as `fields.number` writes it."""
    return _NUMBER.search(text) is not None


def is_day(text: str) -> bool:
    """Whether this is a day of the calendar, as `dates.parse_date` writes it."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_days(text: str) -> bool:
    """Whether this is a number of days that a relative question can count."""
    return _DAYS.search(text) is not None and int(text) <= MOST_DAYS


def _iso(today: date, days: int = 0) -> str:
    return (today + timedelta(days=days)).isoformat()


class AllOf(_Part):
    """Every part must hold. With no parts it always holds: "Điều kiện lọc: Không"."""

    all: tuple[Tree, ...] = ()

    def matches(self, record: Mapping[str, str], today: date) -> bool:
        """Whether every part holds."""
        return all(part.matches(record, today) for part in self.all)


class AnyOf(_Part):
    """At least one part must hold."""

    any: Annotated[tuple[Tree, ...], Field(min_length=1)]

    def matches(self, record: Mapping[str, str], today: date) -> bool:
        """Whether some part holds."""
        return any(part.matches(record, today) for part in self.any)


class NoneOf(_Part):
    """No part may hold."""

    none: Annotated[tuple[Tree, ...], Field(min_length=1)]

    def matches(self, record: Mapping[str, str], today: date) -> bool:
        """Whether no part holds."""
        return not any(part.matches(record, today) for part in self.none)


Group = AllOf | AnyOf | NoneOf
Tree = Condition | AllOf | AnyOf | NoneOf
for _group in (AllOf, AnyOf, NoneOf):
    _group.model_rebuild()


def parts(group: Group) -> tuple[Tree, ...]:
    """What a group is made of."""
    match group:
        case AllOf():
            return group.all
        case AnyOf():
            return group.any
        case NoneOf():
            return group.none
