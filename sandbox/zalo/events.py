"""PURE. Webhooks as Zalo writes and signs them (zalo-api §5), and when it tries again."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.zalo.answers import epoch_ms

RETRY_AFTER = (
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
)


@dataclass(frozen=True)
class Event:
    """A webhook ready to post: raw bytes and the headers that vouch for them."""

    body: bytes
    headers: dict[str, str]


def received(
    *,
    app_id: str,
    oa_id: str,
    secret_key: str,
    phone: str,
    msg_id: str,
    tracking_id: str,
    arrived_at: datetime,
    retry: int,
) -> Event:
    """`user_received_message` for a message that arrived at `arrived_at`; all ids and times are strings.

    The timestamp stays that of the arrival on a retry, so a receiver with a tight replay window loses late receipts.
    """
    timestamp = epoch_ms(arrived_at)
    payload = {
        "sender": {"id": oa_id},
        "recipient": {"id": phone},
        "event_name": "user_received_message",
        "message": {"delivery_time": timestamp, "msg_id": msg_id, "tracking_id": tracking_id},
        "app_id": app_id,
        "timestamp": timestamp,
    }
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json",
        "X-ZEvent-Server": "ZNS",
        "X-ZEvent-Signature": f"mac={signature(app_id, body, timestamp, secret_key)}",
    }
    if retry:
        headers["num_retry"] = str(retry)
    return Event(body, headers)


def signature(app_id: str, raw_body: bytes, timestamp: str, secret_key: str) -> str:
    """Hex SHA-256 of app id + raw body + timestamp + OA secret key: a plain hash, no HMAC (official Java MacUtils)."""
    return hashlib.sha256(app_id.encode() + raw_body + timestamp.encode() + secret_key.encode()).hexdigest()


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to post again after `attempts` failures, or None once the last of the five retries has failed."""
    return now + RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else None
