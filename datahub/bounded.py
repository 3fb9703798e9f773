"""Asking the database for no longer than a person would wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

PATIENCE_MS = 2000
# SQLite counts its own steps: so many take about as long.
_PATIENCE_STEPS = 40_000_000


class TooLong(Exception):
    """The answer would have taken longer than anybody waits for it."""


@contextmanager
def bounded() -> Iterator[None]:
    """What is asked inside is given up after about two seconds, with TooLong; the caller's transaction goes on."""
    if connection.vendor == "postgresql":
        with _postgresql():
            yield
    else:
        with _sqlite():
            yield


@contextmanager
def _postgresql() -> Iterator[None]:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE_MS)])
            yield
            # For the rest of the caller's transaction; a roll-back takes it away by itself.
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as error:
        raise TooLong from error


@contextmanager
def _sqlite() -> Iterator[None]:
    connection.ensure_connection()
    database = connection.connection
    database.set_progress_handler(lambda: 1, _PATIENCE_STEPS)
    try:
        yield
    except OperationalError as error:
        raise TooLong from error
    finally:
        database.set_progress_handler(None, 0)
