"""A campaign's filter tree as SQL over records. `conditions.py` says the same in Python; a property test keeps them equal."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, F, Func, Q, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, GreaterThan, In, LessThan
from django.db.models.sql.compiler import SQLCompiler

from datahub.conditions import AllOf, AnyOf, Condition, Tree
from datahub.schema import STATUS

# An empty Q() vanishes from an OR instead of making it true.
_NOTHING = Q(pk__in=[])
_EVERYTHING = ~_NOTHING


class InCodePointOrder(Func):
    """Text compared the way Python compares it, whatever the database's language."""

    template = '%(expressions)s COLLATE "C"'
    output_field = TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s COLLATE BINARY", **context)


def to_q(tree: Tree) -> Q:
    """The records for which `tree.matches(record.values)` holds, for `Record.objects.filter(…)`. A missing field is empty text."""
    match tree:
        case AllOf():
            return reduce(and_, map(to_q, tree.all), _EVERYTHING)
        case AnyOf():
            return reduce(or_, map(to_q, tree.any), _NOTHING)
        case Condition():
            return _condition(tree)


def _condition(condition: Condition) -> Q:
    actual, value = _actual(condition.field), Value(condition.value, CharField())
    match condition.op:
        case "eq":
            return Q(Exact(actual, value))
        case "ne":
            return ~Q(Exact(actual, value))
        case "in":
            return Q(In(actual, list(condition.values))) if condition.values else _NOTHING
        case "empty":
            return Q(Exact(actual, Value("")))
        case "filled":
            return ~Q(Exact(actual, Value("")))
        case "before":
            return ~Q(Exact(actual, Value(""))) & Q(LessThan(InCodePointOrder(actual), value))
        case "after":
            return Q(GreaterThan(InCodePointOrder(actual), value))


def _actual(field: str) -> Combinable:
    # The status has a column of its own, with an index; the values hold it too.
    return (
        F(STATUS)
        if field == STATUS
        else Coalesce(KeyTextTransform(field, "values"), Value(""), output_field=TextField())
    )
