"""What patients do with a message: stars, a note, a press of an answer button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Avg, Count
from django.utils.translation import gettext as _

from campaigns.hearing import Heard
from campaigns.models import Campaign, Message, MessageEvent, Reaction
from integrations.base import Reacted


@dataclass(frozen=True)
class Ratings:
    """How patients rated a campaign's messages; `average` is of one to five stars."""

    count: int
    average: float


def keep(reacted: Sequence[Heard[Reacted]], messages: Mapping[int, Message]) -> None:
    """Keep each word once. `messages` is by the event's id; one that speaks of no message of ours is kept without it,
    and told once all the same, because its event is.
    """
    rows = [
        Reaction(
            account_id=each.account,
            message=messages.get(each.event),
            kind=each.said.kind,
            rate=each.said.rate,
            note=each.said.note,
            choices=list(each.said.choices),
            at=each.said.at,
        )
        for each in reacted
    ]
    Reaction.objects.bulk_create(rows, ignore_conflicts=True)


def history(message: Message) -> list[MessageEvent | Reaction]:
    """The message's moves and what the patient did with it, oldest first."""
    moves, reacted = message.events.order_by("at", "id"), message.reactions.order_by("at")
    return sorted([*moves, *reacted], key=lambda line: line.at)


def words(reaction: Reaction) -> str:
    """One line of a message's history. What the patient ticked or pressed is in their own words."""
    chosen = ", ".join(reaction.choices)
    if reaction.kind == Reaction.Kind.CLICKED:
        return _("Khách bấm nút “%(button)s”") % {"button": chosen}
    stars = _("Khách đánh giá %(rate)s★") % {"rate": reaction.rate}
    return f"{stars}: {chosen}" if chosen else stars


def ratings(campaign: Campaign) -> Ratings | None:
    """How the campaign's messages were rated; None while nobody did."""
    found = Reaction.objects.filter(message__campaign=campaign, kind=Reaction.Kind.RATED)
    sums = found.aggregate(count=Count("id"), average=Avg("rate"))
    return Ratings(sums["count"], sums["average"]) if sums["count"] else None
