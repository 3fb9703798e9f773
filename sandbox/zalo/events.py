"""PURE. Webhooks as Zalo writes and signs them (zalo-api §5), and when it tries again.

A function below that is named like an event returns what its payload holds beyond `app_id`, `timestamp` and
`event_name`. All ids and times in a payload are strings; times are epochs in milliseconds.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.zalo.answers import epoch_ms

RETRY_AFTER = (
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
)
# These carry `X-ZEvent-Server: ZNS`; what concerns a chat with the account does not.
ZNS_EVENTS = frozenset(
    {
        "user_received_message",
        "user_feedback",
        "user_click_response_button",
        "change_oa_daily_quota",
        "change_oa_template_tags",
        "change_template_quality",
        "change_template_quota",
        "change_template_status",
    }
)


@dataclass(frozen=True)
class Event:
    """A webhook ready to post: raw bytes and the headers that vouch for them."""

    body: bytes
    headers: dict[str, str]


def whole(name: str, fields: Mapping[str, Any], *, app_id: str, at: datetime) -> dict[str, Any]:
    """The payload of one event that happened at `at`."""
    return {**fields, "event_name": name, "app_id": app_id, "timestamp": epoch_ms(at)}


def signed(payload: Mapping[str, Any], *, secret_key: str, retry: int) -> Event:
    """The payload as bytes with Zalo's headers; `retry` is 0 for the first try.

    The timestamp stays that of the event on a retry, so a receiver with a tight replay window loses late ones.
    """
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    mac = signature(payload["app_id"], body, payload["timestamp"], secret_key)
    headers = {"Content-Type": "application/json", "X-ZEvent-Signature": f"mac={mac}"}
    if _is_of_zns(payload):
        headers["X-ZEvent-Server"] = "ZNS"
    if retry:
        headers["num_retry"] = str(retry)
    return Event(body, headers)


def _is_of_zns(payload: Mapping[str, Any]) -> bool:
    # A chat message's receipt has the name of a ZNS receipt, but not its fields.
    bare_receipt = payload["event_name"] == "user_received_message" and "delivery_time" not in payload["message"]
    return payload["event_name"] in ZNS_EVENTS and not bare_receipt


def signature(app_id: str, raw_body: bytes, timestamp: str, secret_key: str) -> str:
    """Hex SHA-256 of app id + raw body + timestamp + OA secret key: a plain hash, no HMAC (official Java MacUtils)."""
    return hashlib.sha256(app_id.encode() + raw_body + timestamp.encode() + secret_key.encode()).hexdigest()


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to post again after `attempts` failures, or None once the last of the five retries has failed."""
    return now + RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else None


def user_received_message(*, oa_id: str, to: str, message: Mapping[str, str]) -> dict[str, Any]:
    """A message is on the phone; `to` is a phone, its hash, or a user id."""
    return {"sender": {"id": oa_id}, "recipient": {"id": to}, "message": dict(message)}


def user_feedback(
    *, oa_id: str, msg_id: str, tracking_id: str, rate: int, note: str, feedbacks: Sequence[str], at: datetime
) -> dict[str, Any]:
    """An answer to a rating message. It names no person: only the message."""
    message = {
        "rating_type": "csat",
        "option": "five_emotions",
        "note": note,
        "rate": rate,
        "submit_time": epoch_ms(at),
        "msg_id": msg_id,
        "feedbacks": list(feedbacks),
        "tracking_id": tracking_id,
    }
    return {"oa_id": oa_id, "message": message}


def user_click_response_button(
    *, oa_id: str, msg_id: str, tracking_id: str, button_type: str, data: str, at: datetime
) -> dict[str, Any]:
    """An answer button was pressed; the message's id stands beside `message`, not in it."""
    message = {"submit_time": epoch_ms(at), "button_type": button_type, "data": data, "tracking_id": tracking_id}
    return {"oa_id": oa_id, "msg_id": msg_id, "message": message}


def followed(*, oa_id: str, user_id: str) -> dict[str, Any]:
    """`follow` and `unfollow`."""
    return {
        "oa_id": oa_id,
        "follower": {"id": user_id},
        "user_id_by_app": id_by_app(user_id),
        "source": "oa_profile",
    }


def user_send_text(*, oa_id: str, user_id: str, msg_id: str, text: str) -> dict[str, Any]:
    """A person wrote to the account."""
    return {**_from_user(oa_id, user_id), "message": {"text": text, "msg_id": msg_id}}


def user_submit_info(*, oa_id: str, user_id: str, name: str, phone: str) -> dict[str, Any]:
    """A person gave their name and number in the chat."""
    return {**_from_user(oa_id, user_id), "info": {"name": name, "phone": phone}}


def change_oa_daily_quota(*, oa_id: str, before: int | None, after: int | None) -> dict[str, Any]:
    """The account moved on its ladder. `oaId` as Zalo spells it here alone; null is "unlimited" (not published)."""
    return {"oaId": oa_id, **_moved("quota", before, after)}


def change_oa_template_tags(*, oa_id: str, before: Sequence[str], after: Sequence[str]) -> dict[str, Any]:
    """The account may send other tags. Zalo publishes the name only; the shape is that of the daily quota's event."""
    return {"oa_id": oa_id, **_moved("tags", list(before), list(after))}


def change_template_quota(*, oa_id: str, template_id: str, before: int | None, after: int | None) -> dict[str, Any]:
    """A template's own daily quota. Zalo publishes the name only; the shape is that of the daily quota's event."""
    return {"oa_id": oa_id, "template_id": template_id, **_moved("quota", before, after)}


def change_template_quality(*, oa_id: str, template_id: str, quality: str) -> dict[str, Any]:
    """HIGH, MEDIUM, LOW or UNDEFINED."""
    return {"oa_id": oa_id, "template_id": template_id, "quality": quality}


def change_template_status(*, oa_id: str, template_id: str, before: str, after: str, reason: str) -> dict[str, Any]:
    """ENABLE, PENDING_REVIEW, REJECT, DISABLE or DELETE, with Zalo's reason in Vietnamese."""
    status = {"prev_status": before, "new_status": after}
    return {"oa_id": oa_id, "template_id": template_id, "status": status, "reason": reason}


def _moved(what: str, before: object, after: object) -> dict[str, Any]:
    return {what: {"prev_value": before, "new_value": after}}


def _from_user(oa_id: str, user_id: str) -> dict[str, Any]:
    return {"sender": {"id": user_id}, "recipient": {"id": oa_id}, "user_id_by_app": id_by_app(user_id)}


def id_by_app(user_id: str) -> str:
    """`user_id_by_app`: a person has another id towards the app than towards the account."""
    return str(int(hashlib.sha256(user_id.encode()).hexdigest()[:15], 16)).zfill(19)
