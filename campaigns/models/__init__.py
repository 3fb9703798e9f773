"""Who gets what, when: campaigns, the visits in them, the messages they make, and the quota windows they pass."""

from campaigns.models.campaign import Campaign, CampaignGroup, CampaignVersion, Occurrence
from campaigns.models.enrollment import Enrollment, EnrollmentQuerySet
from campaigns.models.guard import Heartbeat, QuotaWindow, Suppression
from campaigns.models.message import Message, MessageEvent, MessageQuerySet

__all__ = [
    "Campaign",
    "CampaignGroup",
    "CampaignVersion",
    "Enrollment",
    "EnrollmentQuerySet",
    "Heartbeat",
    "Message",
    "MessageEvent",
    "MessageQuerySet",
    "Occurrence",
    "QuotaWindow",
    "Suppression",
]
