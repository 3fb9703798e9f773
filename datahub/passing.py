"""Which troubles of the database are over in a moment."""

from __future__ import annotations

import sqlite3

from django.db import OperationalError

_SQLITE_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
# Connection trouble; lost a race; too many connections; lock or statement timeout; the server goes down or comes up.
_PG_PASSING = ("08", "40001", "40P01", "53300", "55P03", "57014", "57P")


def passes(error: OperationalError) -> bool:
    """Whether the same call may succeed in a moment; a missing table or a full disk must be a loud 500 instead."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        # The low byte: the rest tells which kind of busy.
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SQLITE_PASSING
    state: str | None = getattr(cause, "sqlstate", "unknown")
    # PostgreSQL's own error without a state: it was not reached, or was lost.
    return state is None or state.startswith(_PG_PASSING)
