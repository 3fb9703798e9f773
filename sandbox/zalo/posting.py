"""Posting what a table holds to the accounts' webhooks, at least once, as Zalo does.

A queue is a table with four columns: when it is due (null: done or given up), how often it was tried, who holds it,
and when it was taken. Receipts are columns of the messages themselves; all other events are rows of `Outbox`.
"""

import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import F

from sandbox import http
from sandbox.models import Message, Outbox
from sandbox.zalo import events

LEASE = timedelta(seconds=60)  # a poster that died gives its rows back after this; they may go out twice
_pool = ThreadPoolExecutor(max_workers=http.POSTERS, thread_name_prefix="webhook")

Row = Message | Outbox


@dataclass(frozen=True)
class Queue:
    """One table of things to post; `prefix` leads the names of its four columns."""

    rows: type[Message] | type[Outbox]
    prefix: str
    written: Callable[[Any], Sequence[events.Event]]  # what goes over the wire for one row, one after the other

    @property
    def due(self) -> str:
        return f"{self.prefix}due_at"


def post_due(queue: Queue, now: datetime, limit: int) -> int:
    """Post up to `limit` rows due at `now` (UTC) and return how many were tried. No transaction is open meanwhile.

    What its webhook does not take is due again after 30 s, 5 m, 15 m, 30 m and 1 h, then given up. (Zalo then
    switches the webhook off; here it stays on, so that one bad hour does not end a lesson.)
    """
    held = claim(queue, now, limit)
    taken = list(_pool.map(partial(_post, queue), held))
    posted = [row.id for row, ok in zip(held, taken, strict=True) if ok]
    if posted:
        done = {queue.due: None, f"{queue.prefix}posted_at": now}
        queue.rows._default_manager.filter(id__in=posted).update(**done)
    for row, ok in zip(held, taken, strict=True):
        if not ok:
            _put_off(queue, row, now)
    return len(held)


def claim(queue: Queue, now: datetime, limit: int) -> list[Row]:
    """The due rows that are ours for the time of the lease: another poster sees them as not yet due."""
    due = queue.rows._default_manager.filter(**{f"{queue.due}__lte": now})
    ids = list(due.order_by(queue.due, "id").values_list("id", flat=True)[:limit])
    if not ids:
        return []
    holder = {f"{queue.prefix}claim": uuid.uuid4().hex}
    due.filter(id__in=ids).update(**{queue.due: now + LEASE}, **holder)
    ours = queue.rows._default_manager.filter(id__in=ids, **holder)
    return list(ours.select_related("account").order_by("id"))


def _post(queue: Queue, row: Row) -> bool:
    """Runs in a thread of the pool and touches no database."""
    url = row.account.webhook_url
    if not url:
        return True
    copies = [http.post(url, body=event.body, headers=event.headers) for event in queue.written(row)]
    return any(copies)


def _put_off(queue: Queue, row: Row, now: datetime) -> None:
    attempts, holder = f"{queue.prefix}attempts", f"{queue.prefix}claim"
    later = {queue.due: events.next_try(getattr(row, attempts) + 1, now), attempts: F(attempts) + 1}
    queue.rows._default_manager.filter(**{"id": row.id, holder: getattr(row, holder)}).update(**later)
