"""PURE. Zalo's webhook: is it theirs, which event is it, what does it tell us."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from integrations.base import Receipt


@dataclass(frozen=True)
class Event:
    """One event as Zalo named it; `key` is the same for every retry of it."""

    name: str
    key: str
    oa_id: str
    body: dict[str, Any]


def parse(raw: bytes) -> Event | None:
    """The event in a request body, or None when it is not one of Zalo's."""
    try:
        body = json.loads(raw)
    except ValueError:
        return None
    if not isinstance(body, dict) or not isinstance(body.get("event_name"), str):
        return None
    name = body["event_name"]
    return Event(name, _key(name, body), _oa_id(body), body)


def signature(*, app_id: str, raw: bytes, timestamp: str, secret: str) -> str:
    """`X-ZEvent-Signature`: plain SHA-256 of app id + raw body + the body's timestamp + the OA secret key (Zalo's MacUtils)."""
    return "mac=" + sha256(app_id.encode() + raw + timestamp.encode() + secret.encode()).hexdigest()


def is_signed(event: Event, *, app_id: str, raw: bytes, header: str, secret: str) -> bool:
    """Whether the header is Zalo's signature of these bytes. Compared in constant time."""
    expected = signature(app_id=app_id, raw=raw, timestamp=str(event.body.get("timestamp", "")), secret=secret)
    return bool(secret) and hmac.compare_digest(expected.encode(), header.encode())


def receipt(event_name: str, body: dict[str, Any]) -> Receipt | None:
    """The receipt in an event body, or None for an event of another kind."""
    message = body.get("message")
    if event_name != "user_received_message" or not isinstance(message, dict):
        return None
    delivered = str(message.get("delivery_time"))
    if not delivered.isdecimal():
        return None
    at = datetime.fromtimestamp(int(delivered) / 1000, UTC)
    return Receipt("delivered", at, str(message.get("msg_id", "")), str(message.get("tracking_id", "")))


def _key(name: str, body: dict[str, Any]) -> str:
    message = body.get("message")
    told = message if isinstance(message, dict) else {}
    subject = told.get("msg_id") or told.get("tracking_id") or body.get("timestamp", "")
    return f"zalo:{body.get('app_id', '')}:{name}:{subject}"[:200]


def _oa_id(body: dict[str, Any]) -> str:
    sender = body.get("sender")
    told = sender.get("id") if isinstance(sender, dict) else ""
    return str(body.get("oa_id") or body.get("oaId") or told or "")
