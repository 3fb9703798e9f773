"""One field of a record's values, in SQL."""

from __future__ import annotations

import json
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, TextField, Value
from django.db.models.sql.compiler import SQLCompiler


class FieldText(Func):
    """The text of one field of `values`, empty where it is missing. Django's own look-up takes a key of digits for an index."""

    template = "COALESCE(%(expressions)s, '')"
    arg_joiner = " ->> "
    output_field = TextField()

    def __init__(self, key: str) -> None:
        super().__init__(F("values"), Value(key))

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        column, key = self.get_source_expressions()
        path = self.copy()
        path.set_source_expressions([column, Value(f"$.{json.dumps(key.value)}")])
        template = "COALESCE(JSON_EXTRACT(%(expressions)s), '')"
        return path.as_sql(compiler, connection, template=template, arg_joiner=", ", **context)
