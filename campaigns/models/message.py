"""One intended send and its history."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from campaigns.models.campaign import Campaign
from campaigns.models.enrollment import Enrollment
from campaigns.states import CampaignState, MessageState
from datahub.models import Record
from integrations.base import ChannelName
from integrations.models import MessageTemplate, OfficialAccount


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

    def with_told(self) -> Self:
        """Each knows `was_told`. `attempts` does not tell: one that cost nothing is given back."""
        answered = MessageEvent.objects.filter(message=OuterRef("pk"), from_state=MessageState.SENDING)
        return self.annotate(was_told=Exists(answered))


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
    dedupe_key = models.CharField(
        max_length=200, unique=True, help_text="Lineage, step, visit, occasion: one message each."
    )
    tracking_id = models.CharField(max_length=48, unique=True)
    tag = models.PositiveSmallIntegerField()
    phone = models.CharField(max_length=15)
    params = models.JSONField(default=dict)
    channel = models.CharField(
        max_length=4,
        default=ChannelName.ZNS,
        db_default=ChannelName.ZNS.value,
        help_text="The way it goes, or went, last.",
    )
    user_id = models.CharField(
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text="Zalo's id of the patient, for the ways that need it.",
    )
    text = models.TextField(
        blank=True, default="", db_default="", help_text="The whole text of a chat message or an SMS."
    )
    tried = models.JSONField(
        default=list,
        db_default=Value([], output_field=models.JSONField()),
        help_text="Ways that surely did not reach the patient: channel, reason.",
    )
    state = models.CharField(max_length=11, choices=State.choices, default=State.SCHEDULED)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(help_text="Later than this the message is no use and is skipped.")
    attempts = models.PositiveSmallIntegerField(default=0)
    snoozes = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(
        default=0, help_text="Raised by every claim: a worker that lost its lease cannot write."
    )
    lease_until = models.DateTimeField(null=True)
    claims = models.JSONField(default=list, help_text="Keys of the quota windows it holds a place in.")
    reason_code = models.CharField(max_length=40, blank=True)
    facts = models.JSONField(default=dict)
    msg_id = models.CharField(max_length=80, blank=True, db_index=True)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    price_vnd = models.PositiveIntegerField(default=0, help_text="0 once it is known that it is not charged.")
    poll_at = models.DateTimeField(null=True, help_text="When to ask the vendor about it, if no receipt came by then.")
    created_at = models.DateTimeField()

    # Not stored: the ways that the ladder found open at the last look after the one taken, the cheapest first.
    other_ways: tuple[ChannelName, ...] = ()
    # Not stored: whether a vendor was ever told of it and answered, where `with_told` was asked.
    was_told: bool = False

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            # Read by campaigns.dispatch.claim.
            models.Index(fields=["account", "tag", "due_at", "id"], condition=Q(state="scheduled"), name="message_due"),
            # Read by campaigns.dispatch.rescue.
            models.Index(fields=["lease_until"], condition=Q(state__in=["leased", "sending"]), name="message_leased"),
            # Read by the overview.
            models.Index(fields=["workspace", "sent_at"], name="message_by_sent_at"),
            # Read by /healthz and the overview.
            models.Index(fields=["workspace"], condition=Q(state="unconfirmed"), name="message_unconfirmed"),
            # Read by the message log.
            models.Index(fields=["workspace", "-created_at"], name="message_newest_first"),
            # Read by the check that sums close and the campaign page.
            models.Index(fields=["campaign", "state"], name="message_by_state"),
            # Read by campaigns.status_poll: what was sent and never receipted.
            models.Index(fields=["poll_at"], condition=Q(state="sent"), name="message_to_poll"),
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


class Reaction(models.Model):
    """What a patient did with a message: a rating, or a press of an answer button. `message` is empty for one not ours."""

    class Kind(models.TextChoices):
        RATED = "rated", _("Đánh giá")
        CLICKED = "clicked", _("Bấm nút")

    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE, related_name="reactions")
    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="reactions")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    rate = models.PositiveSmallIntegerField(null=True, help_text="One to five stars.")
    note = models.TextField(blank=True)
    choices = models.JSONField(default=list, help_text="What was ticked or pressed.")
    at = models.DateTimeField()

    class Meta:
        # Zalo repeats an event until it is answered: the same word about the same message is one reaction.
        constraints = [models.UniqueConstraint(fields=["message", "kind", "at"], name="one_reaction_per_word")]

    def __str__(self) -> str:
        return f"{self.kind} {self.rate or ''}"
