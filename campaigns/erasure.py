"""Xóa dữ liệu: everything that is known of one customer, taken out of every table; what was counted stays counted.

A do-not-send mark goes on protecting the phone without holding it, and the sheet's rows are turned away when they come
again (datahub.people.erasure). Places in quota windows stay taken: what was sent was sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import CharField, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from accounts.audit import record_audit
from accounts.models import User, Workspace
from campaigns import suppressions
from campaigns.models import Enrollment, Message, MessageEvent, Reaction, Suppression
from campaigns.reasons import Reason
from campaigns.states import EnrollmentState, MessageState
from campaigns.transitions import Move, move
from datahub.models import Customer
from datahub.people import erasure as hub
from datahub.people.customers import hold_intake
from datahub.people.traces import Traces
from datahub.phones import phone as read_phone
from integrations.models import InboundEvent, OfficialAccount, ZaloUser

# What says only that a message arrived: it names nobody but the message, and is found by its key.
_RECEIPT = "user_received_message"


class NotNow(StrEnum):
    """Why nothing was erased yet: ask again when it is over."""

    GONE = "gone"
    SENDING = "sending"
    FILE = "file"
    EVENTS = "events"


@transaction.atomic
def erase(*, customer: Customer, actor: User, now: datetime) -> NotNow | None:
    """Erase the customer, under all their codes; None when it is done. `now` is UTC. There is no way back."""
    hold_intake(customer.workspace)
    customer = Customer.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=customer.pk)
    if customer.erased_at or customer.merged_into_id:
        return NotNow.GONE
    person = hub.identify(customer)
    # A step that is being taken now writes its message first: only then are all messages known.
    list(Enrollment.objects.filter(record__in=person.record_ids).order_by("pk").select_for_update(of=("self",)))
    messages = list(Message.objects.filter(record__in=person.record_ids).order_by("pk").select_for_update(of=("self",)))
    events = _events(person, messages)
    if hub.has_open_files(customer):
        return NotNow.FILE
    if any(message.state in (MessageState.LEASED, MessageState.SENDING) for message in messages):
        return NotNow.SENDING
    if events.filter(applied_at=None).exists():
        return NotNow.EVENTS
    _stop(person, messages, now)
    events.update(body={})
    _wipe_messages(person)
    _wipe_people(person)
    hub.wipe(person, now)
    record_audit(
        workspace=customer.workspace,
        actor=actor,
        action="customer.erase",
        subject=customer.pk,
        now=now,
        records=len(person.record_ids),
        messages=len(messages),
    )
    return None


def readmit(*, workspace: Workspace, named: str, actor: User, now: datetime) -> bool:
    """Let the rows of an erased person in again, who is named by their code or phone; False where nobody is known by it."""
    number = read_phone(named)
    with transaction.atomic():
        phone = number if isinstance(number, str) else ""
        people = hub.readmit(workspace_id=workspace.pk, code=named.strip().upper(), phone=phone)
        for customer in people:
            record_audit(workspace=workspace, actor=actor, action="customer.readmit", subject=customer, now=now)
    return bool(people)


def _stop(person: hub.Person, messages: Iterable[Message], now: datetime) -> None:
    """What waits is cancelled with its reason before anything is wiped."""
    waiting = [message for message in messages if message.state == MessageState.SCHEDULED]
    move([Move(message, MessageState.CANCELLED, Reason.CUSTOMER_ERASED) for message in waiting], now=now)
    Enrollment.objects.filter(record__in=person.record_ids, state=EnrollmentState.WAITING).update(
        state=EnrollmentState.CANCELLED, reason_code=Reason.CUSTOMER_ERASED
    )


def _wipe_messages(person: hub.Person) -> None:
    mine = Message.objects.filter(record__in=person.record_ids)
    _scrub(mine, ["facts", "tried"], person.traces)
    _scrub(MessageEvent.objects.filter(message__in=mine), ["facts"], person.traces)
    _scrub(Enrollment.objects.filter(record__in=person.record_ids), ["facts"], person.traces)
    reactions = Reaction.objects.filter(message__in=mine)
    _scrub(reactions, ["choices"], person.traces)
    reactions.update(note="")
    # The key is made from code and phone: whoever tries them all would find them.
    mine.update(phone="", user_id="", params={}, text="", dedupe_key=Concat(Value("erased:"), Cast("pk", CharField())))


def _wipe_people(person: hub.Person) -> None:
    """The phone in the lists of people; one that somebody else has stays theirs."""
    workspace = person.customer.workspace_id
    for mark in Suppression.objects.filter(workspace=workspace, phone__in=person.phones):
        mark.note = person.traces.scrub(mark.note)
        if mark.phone in person.alone:
            mark.phone, mark.note = suppressions.veiled(mark.phone)[0], ""
        mark.save(update_fields=["phone", "note"])
    _zalo_users(person).delete()


def _zalo_users(person: hub.Person) -> QuerySet[ZaloUser]:
    return ZaloUser.objects.filter(account__workspace=person.customer.workspace_id, phone__in=person.alone)


def _events(person: hub.Person, messages: Iterable[Message]) -> QuerySet[InboundEvent]:
    """What Zalo told of the person, as it came: by the phone, by their Zalo id, by the messages they had."""
    accounts = OfficialAccount.objects.filter(workspace=person.customer.workspace_id)
    told = {message.pk: [name for name in (message.msg_id, message.tracking_id) if name] for message in messages}
    keys = [
        f"{account}:zalo:{_RECEIPT}:{name}"
        for account in accounts.values_list("pk", flat=True)
        for names in told.values()
        for name in names
    ]
    answered = Reaction.objects.filter(message__in=list(told)).values_list("message", flat=True).distinct()
    users = {*_zalo_users(person).values_list("user_id", flat=True)}
    users |= {message.user_id for message in messages if message.user_id} if person.alone else set()
    numbers = {phone[2:] for phone in person.alone}
    needles = sorted({*users, *numbers, *(name for pk in answered if pk for name in told[pk])})
    named = Q(pk__in=[])
    for needle in needles:
        named |= Q(told__contains=needle)
    found = InboundEvent.objects.filter(account__in=accounts).annotate(told=Cast("body", TextField()))
    return found.filter(Q(key__in=keys) | (~Q(name=_RECEIPT) & named))


def _scrub(rows: QuerySet[Any], columns: list[str], traces: Traces) -> None:
    for row in rows.only(*columns):
        changed = _changed(row, columns, traces)
        if changed:
            type(row)._default_manager.filter(pk=row.pk).update(**changed)


def _changed(row: Model, columns: list[str], traces: Traces) -> dict[str, Any]:
    """The columns that name the person, without them."""
    scrubbed = {column: traces.scrub(getattr(row, column)) for column in columns}
    return {column: value for column, value in scrubbed.items() if value != getattr(row, column)}
