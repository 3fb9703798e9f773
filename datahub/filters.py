"""A filter tree as SQL over records. `conditions.py` says the same in Python; a property test keeps them equal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, F, Func, Lookup, Q, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, StrIndex
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, In, LessThan, LessThanOrEqual, Regex
from django.db.models.sql.compiler import SQLCompiler

from datahub.conditions import NEGATED, NUMBER, AllOf, AnyOf, Condition, NoneOf, Tree
from datahub.field_text import FieldText
from datahub.filtering import letters
from datahub.models.records import COLUMNS

# An empty Q() vanishes from an OR instead of making it true.
_NOTHING = Q(pk__in=[])
_EVERYTHING = ~_NOTHING
_COMPARE: Mapping[str, type[Lookup[bool]]] = {
    "lt": LessThan,
    "le": LessThanOrEqual,
    "gt": GreaterThan,
    "ge": GreaterThanOrEqual,
}


class InCodePointOrder(Func):
    """Text compared the way Python compares it, whatever the database's language."""

    template = '%(expressions)s COLLATE "C"'
    output_field = TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s COLLATE BINARY", **context)


def to_q(tree: Tree, today: date) -> Q:
    """The records for which `tree.matches(record.values, today)` holds, for `Record.objects.filter(…)`.

    `today` is Vietnam's. A missing field is empty text.
    """
    match tree:
        case AllOf():
            return reduce(and_, (to_q(part, today) for part in tree.all), _EVERYTHING)
        case AnyOf():
            return reduce(or_, (to_q(part, today) for part in tree.any), _NOTHING)
        case NoneOf():
            return ~reduce(or_, (to_q(part, today) for part in tree.none), _NOTHING)
        case Condition():
            return _condition(tree, today)


def _condition(condition: Condition, today: date) -> Q:
    actual = FieldText(condition.field) if condition.field not in COLUMNS else F(condition.field)
    if condition.op in NEGATED:
        return ~_positive(condition, NEGATED[condition.op], actual, today)
    return _positive(condition, condition.op, actual, today)


def _positive(condition: Condition, op: str, actual: Combinable, today: date) -> Q:
    match op:
        case "eq":
            return Q(Exact(actual, _text(condition.value)))
        case "in":
            return Q(In(actual, list(condition.values))) if condition.values else _NOTHING
        case "empty":
            return Q(Exact(actual, _text("")))
        case "contains" | "starts_with":
            return Q(Regex(actual, letters.pattern(condition.value, at_start=op == "starts_with")))
        case "lt" | "le" | "gt" | "ge":
            return _number(actual, op, condition.value)
        case _:
            within = [Q(_COMPARE[sign](InCodePointOrder(actual), _text(day))) for sign, day in condition.span(today)]
            return reduce(and_, within, ~Q(Exact(actual, _text(""))))


def _text(value: str) -> Value:
    return Value(value, CharField())


def _number(actual: Combinable, op: str, limit: str) -> Q:
    """Clean decimals compared as text, exactly: SQLite has nothing between a double and a text.

    Without its sign a number is as large as its whole part is long; where both are as long, their texts are in order.
    """
    is_number, below, equal = Q(Regex(actual, NUMBER)), _below(actual, limit), Q(Exact(actual, _text(limit)))
    match op:
        case "lt":
            return is_number & below
        case "le":
            return is_number & (below | equal)
        case "gt":
            return is_number & ~(below | equal)
        case _:
            return is_number & ~below


def _below(actual: Combinable, limit: str) -> Q:
    is_negative = Q(Regex(actual, r"\A-"))
    length, limit_length = StrIndex(Concat(actual, Value(".")), Value(".")), Value(f"{limit}.".index(".") + 1)
    text, limit_text = InCodePointOrder(actual), _text(limit)
    as_long = Q(Exact(length, limit_length))
    if limit.startswith("-"):
        return is_negative & (Q(GreaterThan(length, limit_length)) | as_long & Q(GreaterThan(text, limit_text)))
    return is_negative | Q(LessThan(length, limit_length)) | as_long & Q(LessThan(text, limit_text))
