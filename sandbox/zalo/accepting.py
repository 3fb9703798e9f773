"""Saying yes to a template message: its quotas, its price and its row, all or nothing."""

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from sandbox import vietnam
from sandbox.models import Account, Fault, Message, Recipient, Template
from sandbox.zalo import behaviour, checks, counters, door, faults, limits, quota, tallies
from sandbox.zalo.answers import failed
from sandbox.zalo.personality import PERSONALITIES, Stumble

# SQLite lets one write at a time and makes the others poll; queueing here cuts the slowest answers from 2 s to 0.3 s.
# Correctness does not rest on it: other processes are kept apart by the database.
_one_writer = threading.Lock()


@dataclass(frozen=True)
class Case:
    """One send with everything that was looked up for it."""

    account: Account
    template: Template | None
    person: Recipient
    request: checks.Request
    now: datetime


@dataclass(frozen=True)
class Accepted:
    """A stored message, how many sends of the day are now used, and the misfortune that meets the answer."""

    message: Message
    used_today: int
    fault: Fault | Stumble | None


def facts(case: Case) -> checks.Facts:
    """All that the checks ask about this send."""
    account, template, person = case.account, case.template, case.person
    promotion = template is not None and template.tag == limits.PROMOTION
    return checks.Facts(
        now=case.now,
        request=case.request,
        standing_error=account.standing_error,
        tags=limits.tags_allowed(account.policy, account.daily_quota, account.allowed_tags),
        is_admin=person.phone in account.admin_phones,
        beyond_quota=account.beyond_quota,
        template=_template_facts(account, template) if template else None,
        recipient=checks.RecipientFacts(
            on_zalo=person.on_zalo,
            blocked=person.blocked,
            refusal=person.refusal,
            served_lately=not promotion or _served_lately(case),
        ),
    )


def _template_facts(account: Account, template: Template) -> checks.TemplateFacts:
    return checks.TemplateFacts(
        ours=template.account_id == account.id, status=template.status, tag=template.tag, params=template.params
    )


def _served_lately(case: Case) -> bool:
    since = vietnam.months_before(case.now, limits.PROMOTION_MEMORY_MONTHS)
    served = Message.objects.filter(
        account=case.account, tag__in=(1, 2), arrives_at__gte=since, arrives_at__lte=case.now
    )
    return served.filter(**{case.request.known_by: _who(case)}).exists()


def _who(case: Case) -> str:
    """The person as the quotas know them: by phone, or by what the send has in its place."""
    return str(getattr(case.request, case.request.known_by))


def accept(case: Case, template: Template, fault: Fault | Stumble | None) -> Accepted | dict[str, Any]:
    """Take the quotas and store the message in one transaction: either both happened or neither, and then why not."""
    with _one_writer, transaction.atomic(using="sandbox"):
        used_today = _take(case, template)
        if isinstance(used_today, dict):
            transaction.set_rollback(True, using="sandbox")
            return used_today
        if fault and (fault.kind in faults.REFUSING or not door.spend(fault)):
            fault = None
        message = Message.objects.create(template=template, tag=template.tag, **columns(case, fault))
        if not case.request.in_development:
            oa_id, tag = case.account.oa_id, message.tag
            tallies.note_arrival(oa_id, tag=tag, sent_at=case.now, arrives_at=message.arrives_at)
            behaviour.react(message, case.person)
    return Accepted(message, used_today, fault if fault and fault.kind in faults.ANSWERING else None)


def _take(case: Case, template: Template) -> int | dict[str, Any]:
    """How many sends of the day are used with this one; or Zalo's refusal, and the caller takes everything back."""
    day_key = quota.day_counter(case.account.oa_id, case.now)
    if case.request.in_development:  # what it costs is not published: here it counts nowhere
        return counters.used([day_key])[day_key]
    beyond = case.request.sending_mode == checks.BEYOND_QUOTA
    used_today = 0
    for claim in quota.claims(case.account, template, _who(case), beyond=beyond, now=case.now):
        used = counters.take(claim.key, claim.limit)
        if used is None:
            return failed(claim.code)
        if claim.key == day_key:
            used_today = used
    price_vnd = template.price_uid_vnd if case.request.user_id else template.price_vnd
    return used_today if pay(case.account, price_vnd) else failed(-115)


def pay(account: Account, price_vnd: int) -> bool:
    """Charge an accepted message at once. Zalo charges what arrives in time; a sandbox needs no refunds."""
    if account.balance_vnd is None:
        return True
    enough = Account.objects.filter(id=account.id, balance_vnd__gte=price_vnd)
    return enough.update(balance_vnd=F("balance_vnd") - price_vnd) == 1


def columns(case: Case, fault: Fault | Stumble | None) -> dict[str, Any]:
    """The row of an accepted message, short of its template and tag: when it arrives and when its receipt is due."""
    kind = fault.kind if fault else ""
    arrives = case.person.reachable and kind != "undelivered"
    takes_s = case.account.receipt_delay_s * PERSONALITIES[case.account.personality].receipts_times
    arrives_at = case.now + timedelta(seconds=takes_s) if arrives else None
    late = timedelta(seconds=fault.seconds if fault and kind == "receipt_late" else 0)
    return {
        "msg_id": secrets.token_hex(10),
        "tracking_id": case.request.tracking_id,
        "account": case.account,
        "template_data": case.request.template_data or {},
        "phone": case.person.phone,
        "phone_hash": case.request.phone_hash,
        "user_id": case.request.user_id,
        "channel": case.request.channel,
        "sent_at": case.now,
        "arrives_at": arrives_at,
        "receipt_due_at": arrives_at + late if arrives_at and kind != "receipt_missing" else None,
        "receipt_copies": 2 if kind == "receipt_duplicate" else 1,
    }
