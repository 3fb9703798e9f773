"""Hop 8: what Zalo told us afterwards, stored raw by the webhook, applied here in batches, never backwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from campaigns.models import Message
from campaigns.reasons import Reason
from campaigns.states import MessageState
from campaigns.transitions import Move, move
from integrations.base import Receipt
from integrations.models import InboundEvent, OfficialAccount
from integrations.zalo import events


def store(*, account: OfficialAccount, event: events.Event, now: datetime) -> None:
    """Keep one event as it came. A repeat of it is dropped by its key."""
    InboundEvent.objects.bulk_create(
        [InboundEvent(account=account, key=event.key, name=event.name, body=event.body, received_at=now)],
        ignore_conflicts=True,
    )


def apply(*, now: datetime, limit: int) -> int:
    """Apply the next stored events; return how many were taken up."""
    with transaction.atomic():
        pending = list(
            InboundEvent.objects.filter(applied_at=None)
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("id")[:limit]
        )
        receipts = {event.pk: receipt for event in pending if (receipt := events.receipt(event.name, event.body))}
        known = _apply_receipts([(event, receipts[event.pk]) for event in pending if event.pk in receipts], now)
        for event in pending:
            event.applied_at = now
            event.outcome = "applied" if event.pk in known else _unused(event.pk in receipts)
        InboundEvent.objects.bulk_update(pending, ["applied_at", "outcome"])
    return len(pending)


def _unused(is_receipt: bool) -> str:
    return "message_unknown" if is_receipt else "not_handled"


def _apply_receipts(receipts: Sequence[tuple[InboundEvent, Receipt]], now: datetime) -> set[int]:
    """Move the messages that the receipts speak of; return the events whose message was found.

    The account must be the message's own: a receipt signed by one account says nothing about another's messages.
    """
    if not receipts:
        return set()
    found = Message.objects.filter(
        Q(tracking_id__in=[receipt.tracking_id for _, receipt in receipts if receipt.tracking_id])
        | Q(msg_id__in=[receipt.msg_id for _, receipt in receipts if receipt.msg_id])
    ).select_for_update()
    by_name = {name: message for message in found for name in (message.tracking_id, message.msg_id) if name}
    moves: dict[int, Move] = {}
    known = set()
    for event, receipt in receipts:
        subject = by_name.get(receipt.tracking_id) or by_name.get(receipt.msg_id)
        if subject is None or subject.account_id != event.account_id:
            continue
        known.add(event.pk)
        if subject.state != MessageState.DELIVERED:
            moves.setdefault(subject.pk, _delivered(subject, receipt))
    move(list(moves.values()), now=now)
    return known


def _delivered(message: Message, receipt: Receipt) -> Move:
    changes = {
        "delivered_at": receipt.at,
        "msg_id": message.msg_id or receipt.msg_id,
        "sent_at": message.sent_at or receipt.at,
        "lease_until": None,
    }
    return Move(message, MessageState.DELIVERED, Reason.DELIVERED, changes=changes)
