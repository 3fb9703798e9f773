"""Sums that close: every visit a campaign selected is in exactly one place."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from campaigns.definition import SendStep
from campaigns.models import Campaign, CampaignVersion, Enrollment, Message
from campaigns.states import EnrollmentState, MessageState


@dataclass(frozen=True)
class Sums:
    """Where the visits and messages of a campaign are. `expected` is how many messages the passed steps must have made."""

    selected: int
    waiting: int
    cancelled_visits: int
    done: int
    expected: int
    scheduled: int = 0
    leased: int = 0
    sending: int = 0
    sent: int = 0
    delivered: int = 0
    undelivered: int = 0
    skipped: int = 0
    cancelled: int = 0
    failed: int = 0
    unconfirmed: int = 0

    @property
    def total(self) -> int:
        """All messages."""
        return sum(getattr(self, state.value) for state in MessageState)

    @property
    def in_progress(self) -> int:
        """Messages that may still leave."""
        return self.scheduled + self.leased + self.sending

    @property
    def closes(self) -> bool:
        """Whether every selected visit and every passed send step is accounted for."""
        return self.selected == self.waiting + self.cancelled_visits + self.done and self.expected == self.total


def campaign_sums(campaign: Campaign) -> Sums:
    """Count the rows, never a stored counter."""
    visits = Enrollment.objects.filter(campaign=campaign)
    states = dict(visits.values_list("state").annotate(Count("id")))
    messages = dict(Message.objects.filter(campaign=campaign).values_list("state").annotate(Count("id")))
    return Sums(
        selected=sum(states.values()),
        waiting=states.get(EnrollmentState.WAITING, 0),
        cancelled_visits=states.get(EnrollmentState.CANCELLED, 0),
        done=states.get(EnrollmentState.DONE, 0),
        expected=_expected(campaign),
        **messages,
    )


def _expected(campaign: Campaign) -> int:
    """Messages that must exist: the send steps before each visit's position, in the version that took it in."""
    positions = Enrollment.objects.filter(campaign=campaign).values_list("version", "position").annotate(Count("id"))
    versions = CampaignVersion.objects.in_bulk({version for version, _, _ in positions})
    steps = {pk: version.parsed.steps for pk, version in versions.items()}
    return sum(
        count * sum(isinstance(step, SendStep) for step in steps[version][:position])
        for version, position, count in positions
    )


def flow_counts(campaign: Campaign) -> dict[str, int]:
    """Step key → visits that wait at it, for the picture of the flow."""
    waiting = Enrollment.objects.filter(
        campaign=campaign, version_id=campaign.version_id, state=EnrollmentState.WAITING
    )
    by_position = dict(waiting.values_list("position").annotate(Count("id")))
    return {step.key: by_position.get(index, 0) for index, step in enumerate(campaign.definition.steps)}
