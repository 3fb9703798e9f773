"""PURE. Zalo's webhook: is it theirs, which event is it, what does it tell us."""

from __future__ import annotations

import hmac
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from integrations.base import Receipt

_NAME_LIMIT = 60
_ID_LIMIT = 80
_KEY_LIMIT = 200
# Zalo's deepest event, a message with an attachment's coordinates, has six levels.
_DEEPEST = 32
# PostgreSQL keeps neither NUL nor half of a surrogate pair.
_UNSTORABLE = dict.fromkeys([0, *range(0xD800, 0xE000)])
# Milliseconds have thirteen digits until the year 2286; what is longer is no time, and may be none that Python can hold.
_MILLISECOND_DIGITS = 13


@dataclass(frozen=True)
class Event:
    """One event as Zalo named it; `key` is the same for every retry of it. `oa_ids` may name the account, likeliest first."""

    name: str
    key: str
    oa_ids: tuple[str, ...]
    body: dict[str, Any]


def parse(raw: bytes) -> Event | None:
    """The event in a request body, or None when it is not one of Zalo's.

    Characters that no database keeps are left out rather than refused: patients type them, and Zalo switches off
    a webhook that refuses.
    """
    try:
        body = _storable(json.loads(raw, parse_constant=_no_constant), _DEEPEST)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or not isinstance(body.get("event_name"), str):
        return None
    name = body["event_name"][:_NAME_LIMIT]
    return Event(name, _key(name, body), tuple(_oa_ids(body)), body)


def for_account(event: Event, account: int) -> Event:
    """The event with a key that no other account's event can have: what a body says of itself is its signer's word only."""
    return replace(event, key=f"{account}:{event.key}"[:_KEY_LIMIT])


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
    if not delivered.isdecimal() or len(delivered) > _MILLISECOND_DIGITS:
        return None
    at = datetime.fromtimestamp(int(delivered) / 1000, UTC)
    return Receipt("delivered", at, _id(message.get("msg_id")), _id(message.get("tracking_id")))


def _storable(value: Any, levels: int) -> Any:
    """The JSON value as every database can keep it. Raises ValueError where it is deeper than `levels` or endless."""
    match value:
        case str():
            return value.translate(_UNSTORABLE)
        case float() if not math.isfinite(value):
            raise ValueError("a number no database keeps")
        case dict() | list() if not levels:
            raise ValueError("deeper than any event")
        case dict():
            return {name.translate(_UNSTORABLE): _storable(each, levels - 1) for name, each in value.items()}
        case list():
            return [_storable(each, levels - 1) for each in value]
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _id(told: Any) -> str:
    return str(told or "")[:_ID_LIMIT]


def _key(name: str, body: dict[str, Any]) -> str:
    message = body.get("message")
    told = message if isinstance(message, dict) else {}
    subject = told.get("msg_id") or told.get("tracking_id") or body.get("timestamp", "")
    return f"zalo:{name}:{subject}"[:_KEY_LIMIT]


def _oa_ids(body: dict[str, Any]) -> Iterator[str]:
    """Where Zalo names the account: management events in a field of their own, the others as one end of the message."""
    ends = [end.get("id") for end in (body.get("sender"), body.get("recipient")) if isinstance(end, dict)]
    yield from (str(told) for told in (body.get("oa_id"), body.get("oaId"), *ends) if told)
