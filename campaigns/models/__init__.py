"""Who gets what, when: campaigns, the visits in them, the messages they make, and the quota windows they pass."""

from campaigns.models.campaign import Campaign, CampaignGroup, CampaignVersion, Occurrence
from campaigns.models.enrollment import Enrollment, EnrollmentQuerySet
from campaigns.models.guard import (
    ROUNDS,
    TICK,
    Cursor,
    FrequencyCap,
    Heartbeat,
    QuotaWindow,
    ReportCount,
    StandingDay,
    Suppression,
)
from campaigns.models.message import Message, MessageEvent, MessageQuerySet, Reaction

__all__ = [
    "ROUNDS",
    "TICK",
    "Campaign",
    "CampaignGroup",
    "CampaignVersion",
    "Cursor",
    "Enrollment",
    "EnrollmentQuerySet",
    "FrequencyCap",
    "Heartbeat",
    "Message",
    "MessageEvent",
    "MessageQuerySet",
    "Occurrence",
    "QuotaWindow",
    "Reaction",
    "ReportCount",
    "StandingDay",
    "Suppression",
]
