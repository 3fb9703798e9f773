"""What each patient's phone shows: who wrote, what it says, when it was sent and when it arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from sandbox.models import Click, Message, Rating, Recipient, User
from sandbox.zalo import behaviour, chat, hashes, params, phones

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
    oa_id: str
    asks_stars: bool
    stars: int
    pressed: bool
    reported: bool

    @property
    def number(self) -> str:
        return phones.shown(self.phone)


@dataclass(frozen=True)
class Contact:
    """An account that wrote to the phone, and what its owner is to it. `window` is free, paid or closed."""

    oa_id: str
    name: str
    follows: bool
    wrote_at: datetime | None
    window: str


@dataclass(frozen=True)
class Inbox:
    """The list of phones, newest first, with the last message of each; and the chat of one of them, newest first."""

    phones: list[Bubble]
    phone: str
    chat: list[Bubble]
    person: Recipient
    contacts: list[Contact]
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
        if bubble.phone and digits in bubble.phone:  # nobody can look at a phone that nobody has told
            last_of_each.setdefault(bubble.phone, bubble)
    chosen = phone or next(iter(last_of_each), "")
    bubbles = _bubbles(Message.objects.filter(on_phone(chosen)).order_by("-sent_at", "-id")[:ON_ONE_PHONE], now)
    person = Recipient.objects.filter(phone=chosen).first() or Recipient(phone=chosen)
    contacts = _contacts(chosen, bubbles, now)
    return Inbox(list(last_of_each.values()), chosen, bubbles, person, contacts, _version(latest, now))


def on_phone(phone: str) -> Q:
    """What is on this phone, a hashed send included that came before anyone told the phone."""
    return Q(phone=phone) | Q(phone="", phone_hash=hashes.hashed(phone))


def _contacts(phone: str, bubbles: Sequence[Bubble], now: datetime) -> list[Contact]:
    names = {bubble.oa_id: bubble.oa_name for bubble in bubbles}
    users = User.objects.filter(phone=phone, account__oa_id__in=names).select_related("account") if names else []
    known = {user.account.oa_id: user for user in users}
    strangers = {oa_id: User() for oa_id in names}
    return [
        Contact(
            oa_id, names[oa_id], user.is_follower, user.last_interaction_at, chat.window(user.last_interaction_at, now)
        )
        for oa_id, user in (strangers | known).items()
    ]


def _version(latest: Sequence[Bubble], now: datetime) -> str:
    """Changes when the page would: a new message, an arrival, another minute on the clock."""
    newest = latest[0].msg_id if latest else "-"
    return f"{newest}.{sum(bubble.arrived for bubble in latest)}.{int(now.timestamp()) // 60}"


def _bubbles(messages: Any, now: datetime) -> list[Bubble]:
    pressed = Exists(Click.objects.filter(message=OuterRef("id"), at__lte=now))
    found = messages.select_related("template", "account", "rating").annotate(is_pressed=pressed)
    return [_bubble(message, now) for message in found]


def _bubble(message: Any, now: datetime) -> Bubble:
    template, data = message.template, message.template_data
    return Bubble(
        msg_id=message.msg_id,
        phone=message.phone,
        oa_name=message.account.name,
        title=params.filled(template.title, data) if template else "",
        paragraphs=[params.filled(text, data) for text in template.paragraphs] if template else [message.text],
        button=template.button.get("title", "") if template else "",
        sent_at=message.sent_at,
        arrives_at=message.arrives_at,
        arrived=_arrived(message, now),
        oa_id=message.account.oa_id,
        asks_stars=behaviour.asks_for_stars(message),
        stars=_stars(message, now),
        pressed=message.is_pressed,
        reported=message.reported_at is not None and message.reported_at <= now,
    )


def _stars(message: Message, now: datetime) -> int:
    """The stars given by `now`, 0 for none."""
    rating: Rating | None = getattr(message, "rating", None)
    return rating.rate if rating and rating.at <= now else 0


def _arrived(message: Message, now: datetime) -> bool:
    return message.arrives_at is not None and message.arrives_at <= now


def rows(*, phone: str, offset: int, limit: int, now: datetime) -> list[dict[str, Any]]:
    """Messages for programs, newest first; times ISO 8601 with zone, `delivered_at` null until it has arrived."""
    found = Message.objects.select_related("template").order_by("-sent_at", "-id")
    if phone:
        found = found.filter(on_phone(phones.canonical(phone) or phone))
    return [_row(message, now) for message in found[offset : offset + min(limit, MOST_IN_JSON)]]


def _row(message: Message, now: datetime) -> dict[str, Any]:
    return {
        "msg_id": message.msg_id,
        "tracking_id": message.tracking_id,
        "phone": message.phone,
        "channel": message.channel,
        "user_id": message.user_id,
        "template_id": message.template.template_id if message.template else None,
        "template_data": message.template_data,
        "text": message.text,
        "sent_at": message.sent_at.isoformat(),
        "delivered_at": message.arrives_at.isoformat() if message.arrives_at and message.arrives_at <= now else None,
    }
