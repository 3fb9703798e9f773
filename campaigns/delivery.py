"""How a message that was sent ends: it reached the phone, late or in time, or it did not. The price follows."""

from __future__ import annotations

from datetime import datetime, timedelta

from campaigns.models import Message
from campaigns.reasons import Reason
from campaigns.states import MessageState
from campaigns.transitions import Move
from integrations.base import ChannelName

# Zalo charges a template only for what arrived within its time-out (zalo-api: "Charging").
_CHARGED_BY_TIME = frozenset({ChannelName.ZNS, ChannelName.UID})
# What an undelivered message would have cost: its receipt may still come, and speak of a delivery in time.
_PRICE = "price_vnd"


def is_late(message: Message, sent_at: datetime, at: datetime) -> bool:
    """Whether `at` is after the time-out of the message's template, which must be loaded."""
    timeout = timedelta(milliseconds=message.template.timeout_ms)
    return message.channel in _CHARGED_BY_TIME and at - sent_at > timeout


def delivered(message: Message, *, at: datetime, msg_id: str = "") -> Move:
    """The move of a message that was on the patient's phone at `at` (UTC), whatever we believed of it."""
    sent_at = message.sent_at or at
    late = is_late(message, sent_at, at)
    price = message.facts.get(_PRICE, 0) if message.state == MessageState.UNDELIVERED else message.price_vnd
    changes = {
        "delivered_at": at,
        "msg_id": message.msg_id or msg_id,
        "sent_at": sent_at,
        "lease_until": None,
        "poll_at": None,
        "price_vnd": 0 if late else price,
    }
    return Move(message, MessageState.DELIVERED, Reason.DELIVERED_LATE if late else Reason.DELIVERED, changes=changes)


def undelivered(message: Message) -> Move:
    """The move of a message that Zalo took and did not bring to the phone in time. It keeps its places: Zalo counted it."""
    changes = {"poll_at": None, "price_vnd": 0}
    facts = {_PRICE: message.price_vnd}
    return Move(message, MessageState.UNDELIVERED, Reason.NOT_DELIVERED, facts, changes)
