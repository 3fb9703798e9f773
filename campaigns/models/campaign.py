"""What a clinic set up: groups, campaigns, their frozen versions, and the runs they had."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from accounts.models import User, Workspace
from campaigns.definition import Definition
from campaigns.states import CampaignState
from datahub.models import Dataset, Source

logger = logging.getLogger(__name__)


class CampaignGroup(models.Model):
    """What one use of a library template made."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="campaign_groups")
    name = models.CharField(max_length=200)
    library_slug = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """Named subsets of campaigns."""

    def readable(self) -> Iterator[Campaign]:
        """Those whose definition this release can read; one that it cannot is said aloud and does not stop the others."""
        for campaign in self:
            try:
                campaign.definition  # noqa: B018  # parsing is the question
            except (ValidationError, ValueError):
                logger.exception("the definition of campaign %s cannot be read", campaign.pk)
            else:
                yield campaign


class Campaign(models.Model):
    """One campaign. What it does is in its newest version; `lineage` is what a visit may pass only once."""

    class State(models.TextChoices):
        DRAFT = CampaignState.DRAFT.value, _("Nháp")
        ACTIVE = CampaignState.ACTIVE.value, _("Đang chạy")
        PAUSED = CampaignState.PAUSED.value, _("Tạm dừng")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="campaigns")
    group = models.ForeignKey(CampaignGroup, on_delete=models.CASCADE, related_name="campaigns")
    name = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0)
    lineage = models.UUIDField(default=uuid.uuid4, db_index=True)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="campaigns")
    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.PROTECT, related_name="campaigns")
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    version = models.ForeignKey("CampaignVersion", null=True, on_delete=models.PROTECT, related_name="+")
    enroll_from = models.DateTimeField(
        null=True, help_text="Visits completed before this moment are history, not occasions."
    )
    activated_at = models.DateTimeField(null=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def definition(self) -> Definition:
        """The newest version's definition."""
        if self.version is None:
            raise ValueError(f"campaign {self.pk} was never published")
        return self.version.parsed

    @property
    def version_since(self) -> datetime | None:
        """When the newest version became so."""
        return self.version.created_at if self.version else None


class CampaignVersion(models.Model):
    """A frozen definition. Visits in flight stay on the version that took them in."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="one_version_per_number")]

    def __str__(self) -> str:
        return f"v{self.number}"

    @cached_property
    def parsed(self) -> Definition:
        """The definition as a typed value; read once, for it is asked of the same version by every row of a batch."""
        return Definition.model_validate(self.definition)


def readable(version_ids: Iterable[int]) -> dict[int, Definition]:
    """Version id → definition, for those that this release can read; one that it cannot is said aloud and left out."""
    found = {}
    for version in CampaignVersion.objects.filter(pk__in=set(version_ids)):
        try:
            found[version.pk] = version.parsed
        except ValidationError:
            logger.exception("campaign version %s cannot be read", version.pk)
    return found


class Occurrence(models.Model):
    """One planned run of a scheduled campaign: a row, so that a run missed in an outage is seen and decided."""

    class State(models.TextChoices):
        OPEN = "open", _("Đang chọn khách")
        RAN = "ran", _("Đã chạy")
        MISSED = "missed", _("Bỏ lỡ")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="occurrences")
    planned_at = models.DateTimeField()
    state = models.CharField(max_length=6, choices=State.choices)
    ran_at = models.DateTimeField(null=True)
    cursor = models.BigIntegerField(default=0, help_text="The last record this run looked at.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "planned_at"], name="one_run_per_planned_time")]
        # Read by campaigns.enrollment: runs that still have visits to pick up.
        indexes = [models.Index(fields=["planned_at"], condition=Q(state="open"), name="occurrence_open")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.planned_at:%Y-%m-%d %H:%M}"
