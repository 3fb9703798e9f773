"""PURE. Zalo's webhook: is it theirs, and which event is it. What it tells us is read by `told.py`."""

from __future__ import annotations

import hmac
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from integrations.zalo.values import UNSTORABLE

_NAME_LIMIT = 60
_KEY_LIMIT = 200
# Of a digest that tells two events of one millisecond apart.
_DIGEST_DIGITS = 16
# Zalo's deepest event, a message with an attachment's coordinates, has six levels.
_DEEPEST = 32
# A message is sent or received once, so that its id names the event whatever else a retry changes.
_ONCE_A_MESSAGE = ("user_received_message", "user_send_", "oa_send_")


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


def signed_by(event: Event, *, signers: Sequence[str], raw: bytes, header: str, secret: str) -> str:
    """Whose id of `signers` the header's signature of these bytes begins with; empty for none. In constant time.

    No age is too old: Zalo tries again for two hours and does not say whether it renews the timestamp. A repeat is
    dropped by its key.
    """
    timestamp, given = str(event.body.get("timestamp", "")), header.encode()
    if not secret:
        return ""
    for signer in signers:
        expected = signature(app_id=signer, raw=raw, timestamp=timestamp, secret=secret)
        if hmac.compare_digest(expected.encode(), given):
            return signer
    return ""


def _storable(value: Any, levels: int) -> Any:
    """The JSON value as every database can keep it. Raises ValueError where it is deeper than `levels` or endless."""
    match value:
        case str():
            return value.translate(UNSTORABLE)
        case float() if not math.isfinite(value):
            raise ValueError("a number no database keeps")
        case dict() | list() if not levels:
            raise ValueError("deeper than any event")
        case dict():
            return {name.translate(UNSTORABLE): _storable(each, levels - 1) for name, each in value.items()}
        case list():
            return [_storable(each, levels - 1) for each in value]
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _key(name: str, body: dict[str, Any]) -> str:
    """What stays the same when Zalo tries again, and differs for any other event.

    Where no message id does, it is the moment the patient acted, or that of the event, with a digest of the rest.
    """
    message = body.get("message")
    told = message if isinstance(message, dict) else {}
    subject = told.get("msg_id") or told.get("tracking_id")
    if subject and name.startswith(_ONCE_A_MESSAGE):
        return f"zalo:{name}:{subject}"[:_KEY_LIMIT]
    rest = {field: value for field, value in body.items() if field != "timestamp"}
    digest = sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()[:_DIGEST_DIGITS]
    moment = str(told.get("submit_time") or body.get("timestamp", ""))[:_NAME_LIMIT]
    return f"zalo:{name}:{moment}:{digest}"


def _oa_ids(body: dict[str, Any]) -> Iterator[str]:
    """Where Zalo names the account: management events in a field of their own, the others as one end of the message."""
    ends = [end.get("id") for end in (body.get("sender"), body.get("recipient")) if isinstance(end, dict)]
    yield from (str(told) for told in (body.get("oa_id"), body.get("oaId"), *ends) if told)
