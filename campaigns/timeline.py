"""One customer's story, newest first: visits, messages, what they answered, what they agreed to, and what was done about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import AuditEntry
from campaigns.models import Message, Reaction
from datahub.models import Customer, RecordEvent
from datahub.people.consents import said_by
from datahub.people.customers import codes_of

PAGE_SIZE = 30
# No story is read further back by hand; each page costs a little more than the one before.
LAST_PAGE = 40
# What the story does not show twice, or is nobody's business but the audit trail's.
_ELSEWHERE = ("customer.consent", "customer.reveal")
_OF_TWO = ("customer.merge", "customer.unmerge")


@dataclass(frozen=True)
class Entry:
    """One thing that happened; `kind` says what `thing` is: visit, message, reaction, consent or audit."""

    at: datetime
    kind: str
    thing: Any


@dataclass(frozen=True)
class Page:
    """One page of the story; `number` counts from 1."""

    entries: list[Entry]
    number: int
    has_more: bool


def timeline(customer: Customer, number: int = 1) -> Page:
    """The page of that number: six questions, whatever the customer went through."""
    number = max(1, min(number, LAST_PAGE))
    until = number * PAGE_SIZE
    told = sorted(_told(customer, until + 1), key=attrgetter("at"), reverse=True)
    return Page(told[until - PAGE_SIZE : until], number, len(told) > until and number < LAST_PAGE)


def _told(customer: Customer, count: int) -> Iterator[Entry]:
    """The newest `count` of each kind: the newest of all are among them."""
    mine = codes_of(customer)
    subjects = [str(pk) for pk in mine.values_list("pk", flat=True)]
    deeds = AuditEntry.objects.filter(
        workspace=customer.workspace_id, subject__in=subjects, action__startswith="customer."
    ).exclude(action__in=_ELSEWHERE)
    # A merge is told once, though it is written down for both.
    audit = deeds.exclude(~Q(subject=str(customer.pk)), action__in=_OF_TWO)
    kinds: dict[str, QuerySet[Any]] = {
        "visit": RecordEvent.objects.filter(record__customer__in=mine).select_related("record__dataset"),
        "reaction": Reaction.objects.filter(message__record__customer__in=mine).select_related("message__template"),
        "consent": said_by(customer).select_related("by"),
        "audit": audit.select_related("actor"),
    }
    for kind, found in kinds.items():
        yield from _entries(kind, found.order_by("-at", "-id")[:count], "at")
    messages = Message.objects.filter(record__customer__in=mine).select_related("template", "record")
    yield from _entries("message", messages.order_by("-created_at", "-id")[:count], "created_at")


def _entries(kind: str, things: Iterable[Any], moment: str) -> Iterator[Entry]:
    return (Entry(getattr(thing, moment), kind, thing) for thing in things)
