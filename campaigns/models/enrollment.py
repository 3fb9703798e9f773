"""One visit in one campaign."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from campaigns.models.campaign import Campaign, CampaignVersion, Occurrence
from campaigns.states import CampaignState, EnrollmentState
from datahub.models import Record


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    """Named subsets of enrollments."""

    def due(self, now: datetime) -> Self:
        """Waiting visits of active campaigns whose step has come."""
        return self.filter(
            state=EnrollmentState.WAITING, due_at__lte=now, campaign__state=CampaignState.ACTIVE
        ).order_by("due_at", "id")


class Enrollment(models.Model):
    """One visit in one campaign, once per completion. `position` is the index of its next step."""

    class State(models.TextChoices):
        WAITING = EnrollmentState.WAITING.value, _("Đang chờ")
        DONE = EnrollmentState.DONE.value, _("Đã xong")
        CANCELLED = EnrollmentState.CANCELLED.value, _("Đã hủy")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="enrollments")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="enrollments")
    version = models.ForeignKey(CampaignVersion, on_delete=models.PROTECT, related_name="enrollments")
    occurrence = models.ForeignKey(Occurrence, null=True, on_delete=models.SET_NULL, related_name="enrollments")
    lineage = models.UUIDField()
    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="enrollments")
    occasion = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    position = models.PositiveSmallIntegerField(default=0)
    anchor_at = models.DateTimeField(
        help_text="What a delay counts from: the planned run, or the completion if that was later."
    )
    due_at = models.DateTimeField()
    reason_code = models.CharField(max_length=40, blank=True)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lineage", "record", "occasion"], name="once_per_visit_and_occasion")
        ]
        indexes = [
            # Read by campaigns.progress.advance.
            models.Index(fields=["due_at", "id"], condition=Q(state="waiting"), name="enrollment_due"),
            # Read by the campaign page and by the check that sums close.
            models.Index(fields=["campaign", "state"], name="enrollment_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.record_id}#{self.occasion}"
