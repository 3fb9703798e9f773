"""Every event but the receipts: written down where it happens, posted later, at least once.

Scripted faults of the kinds in `faults.TELLING` spoil an event when it is written down: it is posted twice, late or never.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sandbox import http
from sandbox.models import Account, Outbox
from sandbox.zalo import events, faults, posting

PROBE = b"{}"  # what Zalo posts when a webhook's address is saved is not published; that it is unsigned is


def queue(account: Account, name: str, fields: Mapping[str, Any], *, at: datetime) -> None:
    """Let the event of the moment `at` (UTC) be posted from then on; `fields` as `events` writes them."""
    fault = faults.waiting_event(account.oa_id)
    kind = fault.kind if fault and faults.consume(fault) else ""
    if kind == "event_missing":
        return
    late = timedelta(seconds=fault.seconds) if fault and kind == "event_late" else timedelta()
    body = events.whole(name, fields, app_id=account.app_id, at=at)
    for _ in range(2 if kind == "event_duplicate" else 1):
        Outbox.objects.create(account=account, name=name, body=body, due_at=at + late)


def post_due(now: datetime, limit: int) -> int:
    """Post up to `limit` events due at `now` (UTC); returns how many were tried. See `posting.post_due`."""
    return posting.post_due(QUEUE, now, limit)


def save_webhook(account: Account, url: str) -> bool:
    """Keep `url` as the account's webhook if it answers Zalo's unsigned probe with 200 in time. "" switches it off."""
    if url and not http.post(url, body=PROBE, headers={"Content-Type": "application/json"}):
        return False
    Account.objects.filter(id=account.id).update(webhook_url=url)
    return True


def _written(row: Outbox) -> list[events.Event]:
    return [events.signed(row.body, secret_key=row.account.oa_secret_key, retry=row.attempts)]


QUEUE = posting.Queue(Outbox, "", _written)
