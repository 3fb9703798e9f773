"""Does a claim grow dearer with what waits behind it? The planner traps that make an engine quadratic show here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection

from campaigns import dispatch
from campaigns.models import Message
from campaigns.reasons import Reason
from campaigns.settle import settle
from campaigns.states import MessageState
from campaigns.transitions import Move, move
from cdp.bench.clinic import MORNING, Clinic, StillClock, make_clinic, make_due
from cdp.bench.measure import Line, alternate, at_least, at_most, figure, per_second
from integrations.base import Accepted

# The large backlog has this many times the rows of the small one.
TIMES = 10
_INDEX = re.compile(r"\busing (?:covering )?(?:index )?(integer primary key|\w+)", re.IGNORECASE)


def measure(rows: int, runs: int) -> None:
    """The time of a claimed row behind a large and a small backlog; then which indexes the statements use."""
    large = make_clinic()
    make_due(large, rows)
    figure(lambda: _slowdown(large, rows, runs))
    figure(lambda: _plans(large))


def _slowdown(large: Clinic, rows: int, runs: int) -> Line:
    """Claim a tenth of `rows` from a backlog of just that, and as many from the head of one of `rows`, in turn."""
    count = max(1, rows // TIMES // runs)

    def behind_few() -> float:
        small = make_clinic()
        make_due(small, rows // TIMES)
        return per_second(count, lambda: _claim(small, count))

    rates = alternate(lambda: per_second(count, lambda: _claim(large, count)), behind_few, runs=runs)
    line = rates.line("backlog", target=0, n=rows)
    return line | at_most("backlog", 1 / line["ratio"], 1.5)


def _claim(clinic: Clinic, count: int) -> list[Message]:
    """Lease `count` messages, batch by batch."""
    leased: list[Message] = []
    while len(leased) < count:
        limit = min(settings.DISPATCH_BATCH, count - len(leased))
        batch = dispatch.claim(account=clinic.account, clock=StillClock(), limit=limit)[1]
        if not batch:
            raise RuntimeError(f"only {len(leased)} of {count} messages could be claimed")
        leased += batch
    return leased


class _Explained:
    """Has the database explain every SELECT … and UPDATE of messages before it runs it."""

    def __init__(self) -> None:
        self.plans: dict[str, str] = {}

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        verb = sql.split(" ", 1)[0]
        if verb in ("SELECT", "UPDATE") and f'{_MESSAGES}"' in sql.split(" WHERE ")[0] and not many:
            prefix = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
            with connection.cursor() as cursor:
                cursor.execute(f"{prefix} {sql}", params)
                self.plans.setdefault(verb, " ".join(str(part) for row in cursor.fetchall() for part in row))
        return execute(sql, params, many, context)


_MESSAGES = Message._meta.db_table


def _plans(clinic: Clinic) -> Line:
    """Whether a claim reads the partial index of due messages, and whether settling keeps off that of leased ones.

    The second is what makes settling quadratic: a planner that walks every leased message for each one it settles.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as autovacuum does after so many new rows; SQLite never does by itself
    claiming, settling = _Explained(), _Explained()
    with connection.execute_wrapper(claiming):
        leased = _claim(clinic, 1)
    sending = move([Move(message, MessageState.SENDING, Reason.SENDING) for message in leased], now=MORNING)
    with connection.execute_wrapper(settling):
        settle(account=clinic.account, messages=sending, results=[Accepted("z")], now=MORNING)
    claim, settled = claiming.plans.get("SELECT", ""), settling.plans.get("UPDATE", "")
    right = ["message_due" in claim, bool(settled) and "message_leased" not in settled]
    used = {"claim": _INDEX.findall(claim), "settle": _INDEX.findall(settled)}
    return at_least("plans", sum(right) / len(right), 1.0) | {"indexes": used, "n": 1, "runs": 1}
