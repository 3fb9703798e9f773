"""What each patient's phone shows: who wrote, what it says, when it was sent and when it arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.models import Message, Recipient
from sandbox.zalo import params, phones

LATEST = 500  # messages looked through for the list of phones: enough for a lesson, quick after a million
ON_ONE_PHONE = 100
MOST_IN_JSON = 5000


@dataclass(frozen=True)
class Bubble:
    """One message as the phone shows it; times are aware UTC."""

    msg_id: str
    phone: str
    oa_name: str
    title: str
    paragraphs: list[str]
    button: str
    sent_at: datetime
    arrives_at: datetime | None
    arrived: bool

    @property
    def number(self) -> str:
        return phones.shown(self.phone)


@dataclass(frozen=True)
class Inbox:
    """The list of phones, newest first, with the last message of each; and the chat of one of them, newest first."""

    phones: list[Bubble]
    phone: str
    chat: list[Bubble]
    person: Recipient
    version: str

    @property
    def number(self) -> str:
        return phones.shown(self.phone) if self.phone else ""


def look(*, phone: str, search: str, now: datetime) -> Inbox:
    """The inbox at `now`. Without a phone the newest chat is open; `search` is part of a number, 0… or 84…"""
    latest = _bubbles(Message.objects.order_by("-id")[:LATEST], now)
    digits = "".join(filter(str.isdigit, search)).removeprefix("84").lstrip("0")
    last_of_each: dict[str, Bubble] = {}
    for bubble in latest:
        if digits in bubble.phone:
            last_of_each.setdefault(bubble.phone, bubble)
    chosen = phone or next(iter(last_of_each), "")
    chat = _bubbles(Message.objects.filter(phone=chosen).order_by("-sent_at", "-id")[:ON_ONE_PHONE], now)
    person = Recipient.objects.filter(phone=chosen).first() or Recipient(phone=chosen)
    return Inbox(list(last_of_each.values()), chosen, chat, person, _version(latest, now))


def _version(latest: Sequence[Bubble], now: datetime) -> str:
    """Changes when the page would: a new message, an arrival, another minute on the clock."""
    newest = latest[0].msg_id if latest else "-"
    return f"{newest}.{sum(bubble.arrived for bubble in latest)}.{int(now.timestamp()) // 60}"


def _bubbles(messages: Any, now: datetime) -> list[Bubble]:
    return [_bubble(message, now) for message in messages.select_related("template", "account")]


def _bubble(message: Message, now: datetime) -> Bubble:
    template, data = message.template, message.template_data
    return Bubble(
        msg_id=message.msg_id,
        phone=message.phone,
        oa_name=message.account.name,
        title=params.filled(template.title, data),
        paragraphs=[params.filled(text, data) for text in template.paragraphs],
        button=template.button.get("title", ""),
        sent_at=message.sent_at,
        arrives_at=message.arrives_at,
        arrived=_arrived(message, now),
    )


def _arrived(message: Message, now: datetime) -> bool:
    return message.arrives_at is not None and message.arrives_at <= now


def rows(*, phone: str, offset: int, limit: int, now: datetime) -> list[dict[str, Any]]:
    """Messages for programs, newest first; times ISO 8601 with zone, `delivered_at` null until it has arrived."""
    found = Message.objects.select_related("template").order_by("-sent_at", "-id")
    if phone:
        found = found.filter(phone=phones.canonical(phone) or phone)
    return [_row(message, now) for message in found[offset : offset + min(limit, MOST_IN_JSON)]]


def _row(message: Message, now: datetime) -> dict[str, Any]:
    return {
        "msg_id": message.msg_id,
        "tracking_id": message.tracking_id,
        "phone": message.phone,
        "template_id": message.template.template_id,
        "template_data": message.template_data,
        "sent_at": message.sent_at.isoformat(),
        "delivered_at": message.arrives_at.isoformat() if message.arrives_at and message.arrives_at <= now else None,
    }
