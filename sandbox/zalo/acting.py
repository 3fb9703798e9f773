"""A deed of one person, as a page or a script asks for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.models import Account, Message, User
from sandbox.zalo import behaviour, chat, inbox, phones


@dataclass(frozen=True)
class Deed:
    """Who does it, with what, when (UTC)."""

    phone: str
    asked: Mapping[str, Any]
    now: datetime

    def text(self, name: str) -> str:
        return str(self.asked.get(name, "")).strip()


def act(asked: Mapping[str, Any], now: datetime) -> bool:
    """Do what {"phone", "does", …} says; whether anything came of it. ValueError says what is wrong with the asking.

    `does` is one of `DEEDS`. A deed on a message takes "msg_id" (the newest that arrived, if not given), a deed towards
    an account "oa_id" (the one that wrote last, if not given).
    """
    phone = phones.mobile(asked.get("phone", ""))
    deed = DEEDS.get(str(asked.get("does", "")))
    if deed is None:
        raise ValueError(f"does must be one of: {', '.join(DEEDS)}")
    return deed(Deed(phone, asked, now))


def _rate(deed: Deed) -> bool:
    stars = deed.text("stars")
    if stars not in {str(n) for n in range(1, behaviour.MOST_STARS + 1)}:
        raise ValueError(f"stars must be a whole number from 1 to {behaviour.MOST_STARS}")
    return behaviour.rate(_message(deed), int(stars), note=deed.text("note"), at=deed.now)


def _press(deed: Deed) -> bool:
    return behaviour.press(_message(deed), at=deed.now)


def _report(deed: Deed) -> bool:
    return behaviour.report(_message(deed), at=deed.now)


def _follow(deed: Deed) -> bool:
    return behaviour.follow(_user(deed), at=deed.now)


def _unfollow(deed: Deed) -> bool:
    return behaviour.follow(_user(deed), follows=False, at=deed.now)


def _write(deed: Deed) -> bool:
    text = deed.text("text")
    if not 0 < len(text) <= chat.MOST_TEXT:
        raise ValueError(f"text must have 1 to {chat.MOST_TEXT} characters")
    behaviour.write(_user(deed), text, at=deed.now)
    return True


def _share_phone(deed: Deed) -> bool:
    behaviour.share_phone(_user(deed), name=deed.text("name"), phone=deed.phone, at=deed.now)
    return True


def _block(deed: Deed) -> bool:
    behaviour.block(deed.phone)
    return True


def _unblock(deed: Deed) -> bool:
    behaviour.block(deed.phone, blocks=False)
    return True


def _message(deed: Deed) -> Message:
    arrived = Message.objects.filter(inbox.on_phone(deed.phone), arrives_at__lte=deed.now)
    wanted = arrived.filter(msg_id=deed.text("msg_id")) if deed.text("msg_id") else arrived
    found = wanted.select_related("account", "template").order_by("-sent_at", "-id").first()
    if found is None:
        raise ValueError("no such message on this phone")
    return found


def _user(deed: Deed) -> User:
    account = Account.objects.filter(oa_id=deed.text("oa_id")).first() if deed.text("oa_id") else _last_writer(deed)
    if account is None:
        raise ValueError("no such account")
    return behaviour.user_of(account, deed.phone)


def _last_writer(deed: Deed) -> Account | None:
    """The account that wrote to this phone last; to one that nobody wrote to, the first account there is."""
    last = (
        Message.objects.filter(inbox.on_phone(deed.phone)).select_related("account").order_by("-sent_at", "-id").first()
    )
    return last.account if last else Account.objects.order_by("id").first()


DEEDS: dict[str, Callable[[Deed], bool]] = {
    "rate": _rate,
    "press": _press,
    "report": _report,
    "follow": _follow,
    "unfollow": _unfollow,
    "write": _write,
    "share_phone": _share_phone,
    "block": _block,
    "unblock": _unblock,
}
