"""Who gets what, when: campaigns, the visits in them, the messages they make, and the quota windows they pass."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Workspace
from campaigns.definition import Definition
from campaigns.states import CampaignState, EnrollmentState, MessageState
from datahub.models import Dataset, Record, Source
from integrations.models import MessageTemplate, OfficialAccount


class CampaignGroup(models.Model):
    """What one use of a library template made."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="campaign_groups")
    name = models.CharField(max_length=200)
    library_slug = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


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
    account = models.ForeignKey(OfficialAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="campaigns")
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    version = models.ForeignKey("CampaignVersion", null=True, on_delete=models.PROTECT, related_name="+")
    enroll_from = models.DateTimeField(null=True, help_text="Visits completed before this moment are history, not occasions.")
    activated_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def definition(self) -> Definition:
        """The newest version's definition."""
        assert self.version is not None
        return self.version.parsed


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

    @property
    def parsed(self) -> Definition:
        """The definition as a typed value."""
        return Definition.model_validate(self.definition)


class Occurrence(models.Model):
    """One planned run of a scheduled campaign: a row, so that a run missed in an outage is seen and decided."""

    class State(models.TextChoices):
        RAN = "ran", _("Đã chạy")
        MISSED = "missed", _("Bỏ lỡ")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="occurrences")
    planned_at = models.DateTimeField()
    state = models.CharField(max_length=6, choices=State.choices)
    ran_at = models.DateTimeField(null=True)
    selected = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "planned_at"], name="one_run_per_planned_time")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.planned_at:%Y-%m-%d %H:%M}"


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
    anchor_at = models.DateTimeField(help_text="What a delay counts from: the planned run, or the completion if that was later.")
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


class MessageQuerySet(models.QuerySet["Message"]):
    """Named subsets of messages."""

    def due(self, account: OfficialAccount, now: datetime) -> Self:
        """Messages of this account that may be claimed now: earlier tags first, then the longest waiting."""
        return self.filter(
            account=account, state=MessageState.SCHEDULED, due_at__lte=now, campaign__state=CampaignState.ACTIVE
        ).order_by("tag", "due_at", "id")

    def lease_expired(self, wall: datetime) -> Self:
        """Messages held by a worker that is no more."""
        return self.filter(state__in=[MessageState.LEASED, MessageState.SENDING], lease_until__lt=wall)


class Message(models.Model):
    """One intended send and what became of it. Its row is the whole truth; nothing about it lives in a queue."""

    class State(models.TextChoices):
        SCHEDULED = MessageState.SCHEDULED.value, _("Chờ gửi")
        LEASED = MessageState.LEASED.value, _("Sắp gửi")
        SENDING = MessageState.SENDING.value, _("Đang gửi")
        SENT = MessageState.SENT.value, _("Đã gửi")
        DELIVERED = MessageState.DELIVERED.value, _("Đã nhận")
        UNDELIVERED = MessageState.UNDELIVERED.value, _("Không nhận được")
        SKIPPED = MessageState.SKIPPED.value, _("Bỏ qua")
        CANCELLED = MessageState.CANCELLED.value, _("Đã hủy")
        FAILED = MessageState.FAILED.value, _("Bị từ chối")
        UNCONFIRMED = MessageState.UNCONFIRMED.value, _("Chưa rõ kết quả")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="messages")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="messages")
    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="messages")
    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="messages")
    account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="messages")
    template = models.ForeignKey(MessageTemplate, on_delete=models.PROTECT, related_name="messages")
    step = models.CharField(max_length=40)
    dedupe_key = models.CharField(max_length=200, unique=True, help_text="Lineage, step, visit, occasion: one message each.")
    tracking_id = models.CharField(max_length=48, unique=True)
    tag = models.PositiveSmallIntegerField()
    phone = models.CharField(max_length=15)
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=11, choices=State.choices, default=State.SCHEDULED)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(help_text="Later than this the message is no use and is skipped.")
    attempts = models.PositiveSmallIntegerField(default=0)
    snoozes = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0, help_text="Raised by every claim: a worker that lost its lease cannot write.")
    lease_until = models.DateTimeField(null=True)
    claims = models.JSONField(default=list, help_text="Keys of the quota windows it holds a place in.")
    reason_code = models.CharField(max_length=40, blank=True)
    facts = models.JSONField(default=dict)
    msg_id = models.CharField(max_length=80, blank=True, db_index=True)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    price_vnd = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            # Read by campaigns.dispatch.claim.
            models.Index(fields=["account", "tag", "due_at", "id"], condition=Q(state="scheduled"), name="message_due"),
            # Read by campaigns.dispatch.rescue.
            models.Index(fields=["lease_until"], condition=Q(state__in=["leased", "sending"]), name="message_leased"),
            # Read by the message log and the overview.
            models.Index(fields=["workspace", "-created_at"], name="message_newest_first"),
            # Read by the check that sums close and the campaign page.
            models.Index(fields=["campaign", "state"], name="message_by_state"),
            # Read by the guard: who had a care message delivered in the last six months.
            models.Index(
                fields=["account", "phone", "delivered_at"], condition=Q(tag__lte=2), name="message_care_delivered"
            ),
        ]

    def __str__(self) -> str:
        return self.tracking_id


class MessageEvent(models.Model):
    """One move of one message, with its reason. Append-only."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="events")
    from_state = models.CharField(max_length=11)
    to_state = models.CharField(max_length=11)
    reason_code = models.CharField(max_length=40, blank=True)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["message", "at"], name="message_history")]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"


class QuotaWindow(models.Model):
    """How many places a vendor's rule leaves in one stretch of time, and how many are taken."""

    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE, related_name="quota_windows")
    key = models.CharField(max_length=160, unique=True)
    rule = models.CharField(max_length=40)
    limit = models.PositiveIntegerField(help_text="What is granted up to: the policy's number, or Zalo's where lower.")
    policy_limit = models.PositiveIntegerField(help_text="What our own policy says.")
    used = models.PositiveIntegerField(default=0)
    vendor_used = models.PositiveIntegerField(null=True, help_text="What Zalo last said it had counted; the difference is drift.")
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(used__lte=F("policy_limit")), name="quota_never_passed"),
        ]
        indexes = [models.Index(fields=["account", "rule", "ends_at"], name="quota_by_rule")]

    def __str__(self) -> str:
        return self.key

    @property
    def left(self) -> int:
        """Places still free."""
        return max(0, self.limit - self.used)


class Suppression(models.Model):
    """A phone this clinic does not write to (danh sách không gửi)."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="suppressions")
    phone = models.CharField(max_length=15)
    reason_code = models.CharField(max_length=40)
    until = models.DateTimeField(null=True, help_text="Empty means for good.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "phone"], name="one_suppression_per_phone")]

    def __str__(self) -> str:
        return f"{self.phone} {self.reason_code}"
