"""One INSERT or one UPDATE for many rows, however many: the only SQL written by hand.

The rows travel as one JSON parameter. `bulk_create` takes about twice as long, and on SQLite one statement for every
999 values; writing outcomes one UPDATE a row costs twenty times as much.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Model


def upsert_rows(
    model: type[Model],
    rows: Sequence[Mapping[str, Any]],
    *,
    unique: Sequence[str] = (),
    update: Sequence[str] = (),
    returning: str = "id",
) -> dict[Any, int]:
    """Insert the rows, each a mapping of column → value with the same columns; return `returning` → primary key.

    A row that meets another on the `unique` columns writes its `update` columns into it instead, or nothing if there are
    none: then it is not returned either.
    No column has a default here: every one without NULL must be given.
    """
    if not rows:
        return {}
    quote = connection.ops.quote_name
    columns = ", ".join(map(quote, rows[0]))
    overwrite = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in update)
    otherwise = f"DO UPDATE SET {overwrite}" if update else "DO NOTHING"
    conflict = f"ON CONFLICT ({', '.join(map(quote, unique))}) {otherwise}" if unique else ""
    # No part of the statement comes from outside: names are the models', values travel as one parameter.
    sql = (
        f"INSERT INTO {quote(model._meta.db_table)} ({columns}) {_select(model, list(rows[0]))} {conflict} "
        f"RETURNING {quote(returning)}, id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [json.dumps(rows, ensure_ascii=False, default=_plain)])
        return dict(cursor.fetchall())


def update_rows(
    model: type[Model], rows: Sequence[Mapping[str, Any]], *, assign: str, where: str, types: Mapping[str, str]
) -> list[int]:
    """Update the row `id = v.k` of `model` for every mapping in `rows`, where `where` still holds; return the ids changed.

    `assign` and `where` are SQL over the table `t` and the values `v`; `types` gives each key's PostgreSQL type.
    Comparing with `v`'s columns rather than literals keeps PostgreSQL off the partial indexes, which made the same
    statement quadratic when measured.
    """
    if not rows:
        return []
    table = connection.ops.quote_name(model._meta.db_table)
    if connection.vendor == "postgresql":
        columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
        values = f"jsonb_to_recordset(%s::jsonb) AS v({columns})"
    else:
        columns = ", ".join(f"json_extract(value, '$.{name}') AS \"{name}\"" for name in types)
        values = f"(SELECT {columns} FROM json_each(%s)) AS v"  # noqa: S608
    # No part of the statement comes from outside: names are ours, values travel as one parameter.
    sql = f"UPDATE {table} AS t SET {assign} FROM {values} WHERE t.id = v.k AND {where} RETURNING id"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [json.dumps(rows, ensure_ascii=False, default=_plain)])
        return [row[0] for row in cursor.fetchall()]


def _select(model: type[Model], names: Sequence[str]) -> str:
    """The rows of the JSON parameter as a table. `WHERE true` keeps SQLite from reading ON CONFLICT as a join's ON."""
    quote = connection.ops.quote_name
    if connection.vendor == "postgresql":
        kinds = {field.column: field.db_type(connection) for field in model._meta.concrete_fields}
        typed = ", ".join(f"{quote(name)} {kinds[name]}" for name in names)
        return f"SELECT {', '.join(map(quote, names))} FROM json_to_recordset(%s::json) AS v({typed}) WHERE true"  # noqa: S608
    picked = ", ".join(f"json_extract(value, '$.{name}')" for name in names)
    return f"SELECT {picked} FROM json_each(%s) WHERE true"  # noqa: S608


@lru_cache(maxsize=256)
def _plain(value: datetime) -> str:
    """A moment as this database writes it; most rows of a batch share theirs."""
    return str(connection.ops.adapt_datetimefield_value(value))
