"""Hop 8: what Zalo told us afterwards, stored raw by the webhook, applied here in batches, in any order, never backwards.

What is said of a message is applied here and in `reactions.py`, of people, accounts and templates in `hearing.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F, Q, QuerySet

from campaigns import hearing, reactions
from campaigns.delivery import delivered
from campaigns.hearing import Effect, Heard, saying
from campaigns.models import Message
from campaigns.standing import watch
from campaigns.states import MessageState
from campaigns.transitions import Move, move
from integrations.base import Reacted, Receipt, Told
from integrations.models import InboundEvent, OfficialAccount
from integrations.zalo.events import Event
from integrations.zalo.told import is_ours, told

logger = logging.getLogger(__name__)

# A word about a send by user id names only Zalo's message id, which we know once the answer is written: longer than a
# lease, after which no answer comes any more.
ANSWER_COMES_WITHIN = timedelta(minutes=3)
FORGED_ONCE_IN = timedelta(minutes=1)


def store(*, account: OfficialAccount, event: Event, now: datetime) -> None:
    """Keep one event as it came. A repeat of it is dropped by its key."""
    InboundEvent.objects.bulk_create(
        [InboundEvent(account=account, key=event.key, name=event.name, body=event.body, received_at=now)],
        ignore_conflicts=True,
    )


def note_forged(account: OfficialAccount, now: datetime) -> None:
    """Note a call with a signature that is not Zalo's, so that the account's page can tell of it. Nothing else changes.

    At most once a minute: anybody may call, and the account's row is what every worker reads and writes.
    """
    quiet = Q(forged_at=None) | Q(forged_at__lte=now - FORGED_ONCE_IN)
    noted = OfficialAccount.objects.filter(quiet, pk=account.pk)
    noted.update(forged_minutes=F("forged_minutes") + 1, forged_at=now)


def forget_events(*, now: datetime, limit: int) -> int:
    """Delete the oldest applied events past EVENTS_KEPT_DAYS, `limit` looked at; return how many went.

    What they told stays where it was applied.
    """
    kept_since = now - timedelta(days=settings.EVENTS_KEPT_DAYS)
    oldest = InboundEvent.objects.order_by("id").values_list("id", "received_at", "applied_at")[:limit]
    past = [pk for pk, received_at, applied_at in oldest if applied_at and received_at < kept_since]
    return InboundEvent.objects.filter(pk__in=past).delete()[0]


def apply(*, now: datetime, limit: int) -> int:
    """Apply the next stored events, each once; return how many are done with.

    An event that cannot be applied is left out, said aloud and not tried again; its neighbours are applied one by one.
    """
    # Those that wait for an answer of ours come last, so that they hold up nobody.
    pending = InboundEvent.objects.filter(applied_at=None).order_by("outcome", "id")
    try:
        return _apply(pending[:limit], now)
    except OperationalError:
        raise  # the database's trouble, not the events'
    except Exception:
        logger.exception("zalo: a batch of events cannot be applied together, now one by one")
    return sum(_apply_alone(pk, now) for pk in list(pending.values_list("pk", flat=True)[:limit]))


def _apply_alone(pk: int, now: datetime) -> int:
    one = InboundEvent.objects.filter(pk=pk, applied_at=None)
    try:
        return _apply(one.order_by("id"), now)
    except OperationalError:
        raise
    except Exception:
        logger.exception("zalo: event %s cannot be applied and is put aside", pk)
    return one.update(applied_at=now, outcome=Effect.FAILED)


def _apply(events: QuerySet[InboundEvent], now: datetime) -> int:
    """Give these events their effects; how many are done with. Brakes are set anew at once, not at the next full hour.

    After the transaction and not in it: a brake locks the account before its templates, events the other way round.
    """
    done, accounts = _write(events, now)
    for account in OfficialAccount.objects.filter(pk__in=accounts).order_by("pk"):
        watch.rebrake(account, now)
    return done


@transaction.atomic
def _write(events: QuerySet[InboundEvent], now: datetime) -> tuple[int, set[int]]:
    """The effects of these events and the word that they had them: how many are done with, the accounts to brake anew."""
    pending = list(events.select_for_update(skip_locked=True, of=("self",)))
    heard = [
        Heard(event.pk, event.account_id, event.received_at, said)
        for event in pending
        if event.account_id and (said := told(event.name, event.body))
    ]
    effects = _about_messages(heard, now) | hearing.hear(heard)
    for event in pending:
        event.outcome = effects.get(event.pk) or _unread(event)
        event.applied_at = None if event.outcome == Effect.WAITING else now
    InboundEvent.objects.bulk_update(pending, ["applied_at", "outcome"])
    braked = (each for each in heard if hearing.moves_the_brake(each.said))
    accounts = {each.account for each in braked if effects[each.event] == Effect.APPLIED}
    return sum(event.applied_at is not None for event in pending), accounts


def _unread(event: InboundEvent) -> Effect:
    """What becomes of an event that told us nothing."""
    if not is_ours(event.name):
        return Effect.NOT_HANDLED
    logger.error("zalo: event %s (%s) is not as Zalo writes it; it is kept as it came", event.pk, event.name)
    return Effect.NOT_UNDERSTOOD


def _about_messages(heard: Sequence[Heard[Told]], now: datetime) -> dict[int, Effect]:
    """Deliver, and keep reactions; the effect of every event that speaks of a message."""
    spoken: list[Heard[Receipt | Reacted]] = [*saying(Receipt, heard), *saying(Reacted, heard)]
    if not spoken:
        return {}
    known = _find(spoken)
    effects = {each.event: _effect(each, known, now) for each in spoken}
    moves: dict[int, Move] = {}
    for each in saying(Receipt, heard):
        subject = known.get(each.event)
        if subject and subject.state != MessageState.DELIVERED:
            moves.setdefault(subject.pk, delivered(subject, at=each.said.at, msg_id=each.said.msg_id))
    move(list(moves.values()), now=now)
    ready = [each for each in saying(Reacted, heard) if effects[each.event] != Effect.WAITING]
    reactions.keep(ready, known)
    return effects


def _find(spoken: Sequence[Heard[Receipt | Reacted]]) -> dict[int, Message]:
    """Event id → the message it speaks of, locked.

    The account must be the message's own: an event signed by one account says nothing about another's messages.
    """
    tracking_ids = [each.said.tracking_id for each in spoken if each.said.tracking_id]
    msg_ids = [each.said.msg_id for each in spoken if each.said.msg_id]
    found = Message.objects.filter(Q(tracking_id__in=tracking_ids) | Q(msg_id__in=msg_ids))
    messages = list(found.select_related("template").select_for_update(of=("self",)).order_by("pk"))
    ours = {(message.account_id, message.tracking_id): message for message in messages}
    zalos = {(message.account_id, message.msg_id): message for message in messages if message.msg_id}
    subjects = {
        each.event: ours.get((each.account, each.said.tracking_id)) or zalos.get((each.account, each.said.msg_id))
        for each in spoken
    }
    return {event: message for event, message in subjects.items() if message}


def _effect(each: Heard[Receipt | Reacted], known: Mapping[int, Message], now: datetime) -> Effect:
    if each.event in known:
        return Effect.APPLIED
    named_by_zalo = each.said.msg_id and not each.said.tracking_id
    may_be_ours = named_by_zalo and each.received_at > now - ANSWER_COMES_WITHIN
    return Effect.WAITING if may_be_ours else Effect.MESSAGE_UNKNOWN
