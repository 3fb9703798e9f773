"""One send: who asks, whether Zalo agrees, and writing the message down. Nothing is de-duplicated, as at Zalo."""

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from sandbox import vietnam
from sandbox.models import Account, Fault, Message, Recipient, Template
from sandbox.zalo import accounts, checks, counters, faults, limits, quota
from sandbox.zalo.answers import epoch_ms, failed, succeeded

# SQLite lets one write at a time and makes the others poll; queueing here cuts the slowest answers from 2 s to 0.3 s.
# Correctness does not rest on it: other processes are kept apart by the database.
_one_writer = threading.Lock()


@dataclass(frozen=True)
class Reply:
    """What goes back over the wire. `fault` is the scripted misfortune that spoils it on the way."""

    body: dict[str, Any]
    fault: Fault | None = None


@dataclass(frozen=True)
class _Case:
    """One send with everything that was looked up for it."""

    account: Account
    template: Template | None
    person: Recipient
    request: checks.Request
    now: datetime


def send(*, access_token: str, body: Mapping[str, Any], now: datetime) -> Reply:
    """Answer POST /message/template at `now`. An accepted message is stored before this returns."""
    request = checks.read(body)
    account, template = _account_and_template(access_token, request.template_id, now)
    if account is None:
        return Reply(failed(-124))
    fault = faults.waiting(account.oa_id, request.phone or "")
    if fault and fault.kind in faults.REFUSING and faults.consume(fault):
        return _refused_by(fault, account, now)
    case = _Case(account, template, _person(request.phone), request, now)
    problem = checks.first_problem(_facts(case))
    if problem or not template:
        return Reply(problem or failed(-109))
    return _accept(case, template, fault)


def _account_and_template(token: str, template_id: str, now: datetime) -> tuple[Account | None, Template | None]:
    """Both in one query when they belong together, as they nearly always do.

    No `.first()` here: it sorts and copies the query, a fifth of the time of a send.
    """
    template = next(iter(Template.objects.select_related("account").filter(template_id=template_id)), None)
    if template and template.account.access_token == token and template.account.access_expires_at > now:
        return template.account, template
    return Account.objects.filter(access_token=token, access_expires_at__gt=now).first(), template


def _person(phone: str | None) -> Recipient:
    """Whoever is behind the phone; a number nobody listed is an ordinary Zalo user."""
    return next(iter(Recipient.objects.filter(phone=phone)), None) or Recipient(phone=phone or "")


def _refused_by(fault: Fault, account: Account, now: datetime) -> Reply:
    if fault.kind == "token_death":
        accounts.kill_access_token(account, now)
        return Reply(failed(-124))
    return Reply(failed(fault.code), fault)


def _facts(case: _Case) -> checks.Facts:
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


def _served_lately(case: _Case) -> bool:
    since = vietnam.months_before(case.now, limits.PROMOTION_MEMORY_MONTHS)
    return Message.objects.filter(
        account=case.account, phone=case.person.phone, tag__in=(1, 2), arrives_at__gte=since, arrives_at__lte=case.now
    ).exists()


def _accept(case: _Case, template: Template, fault: Fault | None) -> Reply:
    """Take the quotas and store the message in one transaction: either both happened or neither."""
    with _one_writer, transaction.atomic(using="sandbox"):
        taken = _take(case, template)
        if "error" in taken:
            transaction.set_rollback(True, using="sandbox")
            return Reply(taken)
        if fault and (fault.kind in faults.REFUSING or not faults.consume(fault)):
            fault = None
        message = Message.objects.create(template=template, **_columns(case, template.tag, fault))
        if message.arrives_at is None and message.tag != limits.PROMOTION and not case.request.in_development:
            counters.add(quota.undelivered_counter(case.account.oa_id, vietnam.month_key(case.now)), 1)
    data = {
        "msg_id": message.msg_id,
        "sent_time": epoch_ms(case.now),
        "sending_mode": case.request.sending_mode,
        "quota": taken,
    }
    return Reply(succeeded(data), fault if fault and fault.kind in faults.ANSWERING else None)


def _take(case: _Case, template: Template) -> dict[str, Any]:
    """The quota part of the reply; or Zalo's refusal, and the caller takes everything back."""
    day_key = quota.day_counter(case.account.oa_id, case.now)
    if case.request.in_development:  # what it costs is not published: here it counts nowhere
        return _told(case.account, counters.used([day_key])[day_key])
    beyond = case.request.sending_mode == checks.BEYOND_QUOTA
    used_today = 0
    for claim in quota.claims(case.account, template, case.person.phone, beyond=beyond, now=case.now):
        used = counters.take(claim.key, claim.limit)
        if used is None:
            return failed(claim.code)
        if claim.key == day_key:
            used_today = used
    return _told(case.account, used_today) if _pay(case.account, template.price_vnd) else failed(-115)


def _told(account: Account, used_today: int) -> dict[str, str | None]:
    """The daily quota as a send reply tells it: numbers as strings, unlike /message/quota."""
    numbers = {"dailyQuota": account.daily_quota, "remainingQuota": quota.remaining(account.daily_quota, used_today)}
    return {name: None if number is None else str(number) for name, number in numbers.items()}


def _pay(account: Account, price_vnd: int) -> bool:
    """Charge an accepted message at once. Zalo charges what arrives in time; a sandbox needs no refunds."""
    if account.balance_vnd is None:
        return True
    enough = Account.objects.filter(id=account.id, balance_vnd__gte=price_vnd)
    return enough.update(balance_vnd=F("balance_vnd") - price_vnd) == 1


def _columns(case: _Case, tag: int, fault: Fault | None) -> dict[str, Any]:
    kind = fault.kind if fault else ""
    arrives = case.person.reachable and kind != "undelivered"
    arrives_at = case.now + timedelta(seconds=case.account.receipt_delay_s) if arrives else None
    late = timedelta(seconds=fault.seconds if fault and kind == "receipt_late" else 0)
    return {
        "msg_id": secrets.token_hex(10),
        "tracking_id": case.request.tracking_id,
        "account": case.account,
        "template_data": case.request.template_data or {},
        "phone": case.person.phone,
        "tag": tag,
        "sent_at": case.now,
        "arrives_at": arrives_at,
        "receipt_due_at": arrives_at + late if arrives_at and kind != "receipt_missing" else None,
        "receipt_copies": 2 if kind == "receipt_duplicate" else 1,
    }
