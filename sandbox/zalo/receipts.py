"""Posting what arrived to the account's webhook, at least once, as Zalo does."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db.models import F

from sandbox import http
from sandbox.models import Message
from sandbox.zalo import events

LEASE = timedelta(seconds=60)  # a poster that died gives its receipts back after this; they may go out twice
_pool = ThreadPoolExecutor(max_workers=http.POSTERS, thread_name_prefix="receipt")


def post_due(now: datetime, limit: int) -> int:
    """Post up to `limit` receipts due at `now` (UTC) and return how many were tried. No transaction is open meanwhile.

    A receipt that its webhook does not take is due again after 30 s, 5 m, 15 m, 30 m and 1 h, then given up. (Zalo then
    switches the webhook off; here it stays on, so that one bad hour does not end a lesson.)
    """
    held = _claim(now, limit)
    taken = list(_pool.map(_post, held))
    posted = [message.id for message, ok in zip(held, taken, strict=True) if ok]
    Message.objects.filter(id__in=posted).update(receipt_due_at=None, receipt_posted_at=now)
    for message, ok in zip(held, taken, strict=True):
        if not ok:
            _put_off(message, now)
    return len(held)


def _claim(now: datetime, limit: int) -> list[Message]:
    """The receipts that are ours: another poster sees them as not yet due."""
    due = Message.objects.filter(receipt_due_at__lte=now)
    ids = list(due.order_by("receipt_due_at").values_list("id", flat=True)[:limit])
    claim = uuid.uuid4().hex
    due.filter(id__in=ids).update(receipt_due_at=now + LEASE, receipt_claim=claim)
    return list(Message.objects.filter(id__in=ids, receipt_claim=claim).select_related("account")) if ids else []


def _post(message: Message) -> bool:
    """Runs in a thread of the pool and touches no database."""
    account = message.account
    if not account.webhook_url or message.arrives_at is None:
        return True
    event = events.received(
        app_id=account.app_id,
        oa_id=account.oa_id,
        secret_key=account.oa_secret_key,
        phone=message.phone,
        msg_id=message.msg_id,
        tracking_id=message.tracking_id,
        arrived_at=message.arrives_at,
        retry=message.receipt_attempts,
    )
    copies = [
        http.post(account.webhook_url, body=event.body, headers=event.headers) for _ in range(message.receipt_copies)
    ]
    return any(copies)


def _put_off(message: Message, now: datetime) -> None:
    due_at = events.next_try(message.receipt_attempts + 1, now)
    Message.objects.filter(id=message.id, receipt_claim=message.receipt_claim).update(
        receipt_due_at=due_at, receipt_attempts=F("receipt_attempts") + 1
    )
