"""What the list of campaigns says of each: counts of visits and messages, in two queries whatever their number."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count

from accounts.models import Workspace
from campaigns.models import Enrollment, Message
from campaigns.states import OPEN, OUT, EnrollmentState, MessageState


@dataclass(frozen=True)
class Tally:
    """One campaign in numbers."""

    visits: Counter[str]
    messages: Counter[str]

    @property
    def selected(self) -> int:
        """Visits ever taken in."""
        return self.visits.total()

    @property
    def waiting(self) -> int:
        """Visits that wait at a step, and messages that have not left."""
        return self.visits[EnrollmentState.WAITING] + sum(self.messages[state] for state in OPEN)

    @property
    def sent(self) -> int:
        """Messages that Zalo took."""
        return sum(self.messages[state] for state in OUT)

    @property
    def not_sent(self) -> int:
        """Messages that will not leave."""
        return sum(
            self.messages[state] for state in (MessageState.SKIPPED, MessageState.CANCELLED, MessageState.FAILED)
        )

    @property
    def unconfirmed(self) -> int:
        """Messages of which nobody knows."""
        return self.messages[MessageState.UNCONFIRMED]


def tallies(workspace: Workspace) -> dict[int, Tally]:
    """Campaign id → its numbers; a campaign with no visit is not in it."""
    found: dict[int, Tally] = {}
    for rows, kind in (
        (Enrollment.objects.filter(workspace=workspace), "visits"),
        (Message.objects.filter(workspace=workspace), "messages"),
    ):
        for campaign, state, count in rows.values_list("campaign", "state").annotate(Count("id")):
            getattr(found.setdefault(campaign, Tally(Counter(), Counter())), kind)[state] += count
    return found
