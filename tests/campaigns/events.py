"""Zalo's events as the webhook stores them, at moments that the story chooses."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from campaigns import receipts
from campaigns.models import Message
from integrations.models import InboundEvent, OfficialAccount
from integrations.zalo.events import for_account, parse
from tests.campaigns.story import Clinic

USER = "246845883529197922"


def ms(moment: datetime) -> str:
    """As Zalo writes a time."""
    return str(int(moment.timestamp() * 1000))


def store(account: OfficialAccount, name: str, at: datetime, *, now: datetime | None = None, **body: Any) -> None:
    """What the webhook does with a signed event that happened at `at` and comes at `now`."""
    event = parse(json.dumps({"event_name": name, "timestamp": ms(at), **body}).encode())
    assert event is not None
    receipts.store(account=account, event=for_account(event, account.pk), now=now or at)


def hear(clinic: Clinic, name: str, at: datetime, **body: Any) -> str:
    """Store one event and apply it; what became of it."""
    store(clinic.account, name, at, **body)
    receipts.apply(now=at, limit=100)
    return InboundEvent.objects.order_by("-id")[0].outcome


def delivery_of(message: Message, at: datetime) -> dict[str, Any]:
    """The body of a receipt by phone."""
    return {"message": {"delivery_time": ms(at), "msg_id": message.msg_id, "tracking_id": message.tracking_id}}


def rating_of(message: Message, at: datetime, rate: int = 4, **more: Any) -> dict[str, Any]:
    """The body of a rating."""
    told = {"rate": rate, "note": "Cảm ơn", "submit_time": ms(at), "msg_id": message.msg_id}
    return {"oa_id": message.account.oa_id, "message": {**told, "tracking_id": message.tracking_id, **more}}


def follower(user_id: str = USER) -> dict[str, Any]:
    """The body of follow and unfollow."""
    return {"follower": {"id": user_id}, "source": "oa_profile"}


def words(user_id: str = USER, msg_id: str = "u1") -> dict[str, Any]:
    """The body of what a patient writes."""
    return {"sender": {"id": user_id}, "message": {"msg_id": msg_id, "text": "chào"}}
