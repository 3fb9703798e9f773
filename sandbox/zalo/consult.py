"""POST /v3.0/oa/message/cs: a consultation message, from a person's own words to theirs (zalo-api §6)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from sandbox import vietnam
from sandbox.models import Account, Fault, Message, User
from sandbox.zalo import accounts, chat, checks, counters, door, faults, sending
from sandbox.zalo.accepting import Case, columns, pay
from sandbox.zalo.answers import epoch_ms, failed, field_invalid, succeeded
from sandbox.zalo.personality import Stumble
from sandbox.zalo.replies import Call, Reply

CHANNEL = "cs"
NO_TAG = 0
_RESTRICTS = {-118: -227, -110: -227, -119: -227, -114: -227}  # anything else about a person: -244


def send(*, call: Call, body: Mapping[str, Any], now: datetime) -> Reply:
    """Answer at `now`. An accepted message is stored before this returns."""
    account = accounts.authenticate(call.access_token, now)
    if account is None:
        return Reply(call.host.no_token())
    recipient = body.get("recipient")
    user_id = str(recipient.get("user_id", "")) if isinstance(recipient, dict) else ""
    user = account.users.filter(user_id=user_id).first()
    passage = door.enter(account, call, phone=user.phone if user else "", now=now)
    if passage.refusal:
        return passage.refusal
    text = _text(body.get("message"))
    problem = _problem(user, text, now)
    if problem or user is None or isinstance(text, dict):
        return Reply(problem or field_invalid("user_id"), None, passage.headers, passage.wait_s)
    answer, fault = _accept(account, user, text, passage.fault, now)
    return Reply(answer, fault, passage.headers, passage.wait_s)


def _text(message: object) -> str | dict[str, Any]:
    """What the phone will show, or the refusal of the message."""
    if not isinstance(message, dict):
        return field_invalid("message")
    attachment = message.get("attachment")
    if attachment is not None and not (isinstance(attachment, dict) and isinstance(attachment.get("payload"), dict)):
        return field_invalid("attachment")
    text = message.get("text", "")
    if not isinstance(text, str) or not (text.strip() or attachment):
        return field_invalid("text")
    if len(text) > chat.MOST_TEXT:
        return failed(-210)
    return text or f"[{attachment['type'] if attachment and 'type' in attachment else 'attachment'}]"


def _problem(user: User | None, text: str | dict[str, Any], now: datetime) -> dict[str, Any] | None:
    if user is None:
        return field_invalid("user_id")
    if isinstance(text, dict):
        return text
    person = sending.person(user.phone)
    if person.blocked:
        return failed(-244)
    about = -118 if not person.on_zalo else person.refusal
    code = _RESTRICTS.get(about, -244) if about else chat.refusal(user.last_interaction_at, now)
    return failed(code) if code else None


def _accept(
    account: Account, user: User, text: str, fault: Fault | Stumble | None, now: datetime
) -> tuple[dict[str, Any], Fault | Stumble | None]:
    with transaction.atomic(using="sandbox"):
        told = _take(account, user, now)
        if told is None:
            return failed(-211), None
        if fault and not door.spend(fault):
            fault = None
        request = checks.read_uid({}, user.user_id, user.phone)
        case = Case(account, None, sending.person(user.phone), replace(request, template_data={}), now)
        row = columns(case, fault) | {"channel": CHANNEL, "text": text, "tag": NO_TAG}
        message = Message.objects.create(**row)
    data = {"message_id": message.msg_id, "user_id": user.user_id, "sent_time": epoch_ms(now), "quota": told}
    return succeeded(data), fault if fault and fault.kind in faults.ANSWERING else None


def _take(account: Account, user: User, now: datetime) -> dict[str, Any] | None:
    """The quota that pays for the message as the reply tells it; None if there is none left and no money."""
    rules = chat.RULES[account.policy]
    if user.last_interaction_at and chat.is_free(account.policy, user.last_interaction_at, user.free_replies_used, now):
        still_free = User.objects.filter(id=user.id)
        if rules.free_replies is not None:  # two messages at once must not both take the last free reply
            still_free = still_free.filter(free_replies_used__lt=rules.free_replies)
        if still_free.update(free_replies_used=F("free_replies_used") + 1):
            left = None if rules.free_replies is None else rules.free_replies - user.free_replies_used - 1
            return _quota(account, chat.REPLY, left)
    package = chat.PACKAGES.get(account.package, 0)
    used = counters.take(package_counter(account.oa_id, now), package)
    if used is not None:
        return _quota(account, chat.SUB_QUOTA, package - used)
    return _quota(account, chat.PURCHASED, None) if pay(account, rules.price_vnd) else None


def package_counter(oa_id: str, now: datetime) -> str:
    """The key that counts the messages of a Vietnamese month that came out of the package."""
    return f"{oa_id}:cs:{vietnam.month_key(now)}"


def _quota(account: Account, kind: str, left: int | None) -> dict[str, Any]:
    told = {"quota_type": kind, "owner_type": "OA", "owner_id": account.oa_id}
    return told if left is None else told | {"remain": left}
