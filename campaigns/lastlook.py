"""The last look before a message may leave: still wanted, still useful, still allowed, still fitting its template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import Workspace
from campaigns import suppressions
from campaigns.definition import Definition, SendStep
from campaigns.models import Message, Suppression
from campaigns.models.campaign import readable
from campaigns.reasons import Reason
from campaigns.schedule import SendHours
from campaigns.states import MessageState
from campaigns.steps import Visit, planned_for, render
from campaigns.transitions import Move
from datahub.models import Customer
from integrations.base import ChannelName, Tag
from integrations.vietnam import local
from integrations.zalo.contract import param_problems

# How long a message waits for a template that Zalo has disabled before it is looked at again.
TEMPLATE_PAUSE = timedelta(hours=1)


@dataclass(frozen=True)
class Marks:
    """Phones that are not to be written to, each with its clinic: by no way, or not by Zalo."""

    suppressed: frozenset[tuple[int, str]]
    not_on_zalo: frozenset[tuple[int, str]]

    def close(self, message: Message, way: ChannelName) -> bool:
        """Whether the message may not go by this way."""
        phone = (message.workspace_id, message.phone)
        return phone in self.suppressed or (way != ChannelName.SMS and phone in self.not_on_zalo)


@dataclass(frozen=True)
class Look(Marks):
    """What the batch needs to know, read once."""

    definitions: dict[int, Definition]
    now: datetime

    def step(self, message: Message) -> SendStep:
        """The step the message belongs to, as it was when its visit was taken in."""
        sends = self.definitions[message.enrollment.version_id].sends
        return next(step for step in sends if step.key == message.step)


def prepare(messages: Sequence[Message], now: datetime) -> Look:
    """Read the versions and suppressions that a batch needs: two queries whatever its size."""
    definitions = readable({message.enrollment.version_id for message in messages})
    found = marks({message.workspace_id for message in messages}, {message.record.phone for message in messages}, now)
    return Look(found.suppressed, found.not_on_zalo, definitions, now)


def marks(workspaces: Iterable[int], phones: Iterable[str], now: datetime) -> Marks:
    """What is marked of these phones at these clinics: one query. The mark of a phone that was erased still holds."""
    named = {name: phone for phone in phones for name in (phone, *suppressions.veiled(phone))}
    suppressed = Suppression.objects.filter(
        Q(until=None) | Q(until__gt=now), workspace_id__in=workspaces, phone__in=list(named)
    )
    by_way: dict[str, set[tuple[int, str]]] = {way: set() for way in Suppression.Way.values}
    for workspace_id, phone, way in suppressed.values_list("workspace_id", "phone", "way"):
        by_way[way].add((workspace_id, named[phone]))
    return Marks(
        suppressed=frozenset(by_way[Suppression.Way.EVERY]), not_on_zalo=frozenset(by_way[Suppression.Way.ZALO])
    )


def refused(tag: int, customer: Customer, workspace: Workspace, now: datetime) -> Reason | None:
    """What the customer's own word forbids, or their silence where the clinic asks before an offer (decision 0011).

    A transaction answers what the customer did themselves, and goes whatever they said.
    """
    if customer.erased_at:
        return Reason.CUSTOMER_ERASED
    if customer.is_stopped(now):
        return Reason.SUPPRESSED
    if tag == Tag.TRANSACTION:
        return None
    if customer.care is False:
        return Reason.CARE_REFUSED
    if tag != Tag.PROMOTION or customer.promotion:
        return None
    if customer.promotion is False:
        return Reason.PROMOTION_REFUSED
    return Reason.CONSENT_MISSING if workspace.asks_before_offers else None


def refresh(message: Message, look: Look) -> None:
    """Bring phone and parameters up to what the record says now: it may have been corrected while the message waited.

    Ways that did not reach one phone may reach another.
    """
    if message.phone != message.record.phone:
        message.phone, message.tried = message.record.phone, []
    message.params = render(look.step(message), message.record.values)


def planned(message: Message, look: Look) -> datetime | Move:
    """When the record, as it is now, has the message leave; the move that stops it where nobody can tell."""
    record = message.record
    visit = Visit(record.values, message.enrollment.anchor_at, record.completed_at)
    moment = planned_for(look.definitions[message.enrollment.version_id], message.step, visit)
    if isinstance(moment, str):
        return Move(message, MessageState.CANCELLED, Reason.ANCHOR_MISSING, {"field": moment})
    return moment


def _replan(message: Message, look: Look) -> Move | None:
    """Corrected while a worker held it, the message may be due at another time than it was claimed for, or at none."""
    moment = planned(message, look)
    if isinstance(moment, Move):
        return moment
    message.expires_at = moment + timedelta(hours=look.step(message).useful_hours)
    if moment > look.now:
        return Move(message, MessageState.SCHEDULED, Reason.AMENDED, changes={"due_at": moment})
    return None


def objection(message: Message, look: Look) -> Move | None:
    """Why this message may not leave now, as the move that follows; None when nothing speaks against it."""
    replanned = _replan(message, look)
    if look.now > message.expires_at:
        return Move(message, MessageState.SKIPPED, Reason.TOO_LATE, _lateness(message))
    if (message.workspace_id, message.phone) in look.suppressed:
        return Move(message, MessageState.SKIPPED, Reason.SUPPRESSED)
    if refusal := refused(message.tag, message.record.customer, message.workspace, look.now):
        return Move(message, MessageState.SKIPPED, refusal)
    if not look.definitions[message.enrollment.version_id].filter.matches(
        message.record.values, local(look.now).date()
    ):
        return Move(message, MessageState.CANCELLED, Reason.NO_LONGER_MATCHES)
    if replanned:
        return replanned
    problems = param_problems(message.template.params, message.params)
    if problems:
        first = problems[0]
        facts = {"param": first.name, "problem": first.code, "limit": first.limit, "actual": first.actual}
        return Move(message, MessageState.SKIPPED, Reason.PARAM_INVALID, facts)
    return not_yet(message, look.now)


def snoozed(message: Message, reason: Reason | str, until: datetime, facts: dict[str, object]) -> Move:
    """Not now, at nobody's fault: the same state, a later due time, no attempt spent."""
    told = {**facts, "until": until.isoformat()}
    changes = {"due_at": until, "snoozes": message.snoozes + 1}
    return Move(message, MessageState.SCHEDULED, reason, told, changes)


def _lateness(message: Message) -> dict[str, object]:
    facts: dict[str, object] = {"useful_until": message.expires_at.isoformat()}
    if message.reason_code:
        facts["waited_for"] = message.reason_code
    return facts


def send_hours(message: Message) -> SendHours:
    """The clinic's own hours."""
    return SendHours(message.workspace.send_from, message.workspace.send_until)


def not_yet(message: Message, now: datetime) -> Move | None:
    """Why the message must wait, for its template or for the clinic's hours; None when it may go now."""
    if not message.template.is_enabled:
        facts: dict[str, object] = {"status": message.template.status}
        return snoozed(message, Reason.TEMPLATE_NOT_APPROVED, now + TEMPLATE_PAUSE, facts)
    hours = send_hours(message)
    opens = hours.next_open(now)
    if message.tag != Tag.TRANSACTION and opens > now:
        facts = {"from": f"{hours.opens:%H:%M}", "until_hour": f"{hours.closes:%H:%M}"}
        return snoozed(message, Reason.QUIET_HOURS, opens, facts)
    return None
