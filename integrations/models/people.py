"""What vendors told us, and whom they know."""

from __future__ import annotations

from django.db import models

from integrations.models.account import OfficialAccount


class InboundEvent(models.Model):
    """A webhook call from a vendor, kept raw, applied once."""

    account = models.ForeignKey(OfficialAccount, null=True, on_delete=models.CASCADE, related_name="inbound_events")
    key = models.CharField(
        max_length=200, unique=True, help_text="Vendor's own identity of the event: a repeat is dropped."
    )
    name = models.CharField(max_length=60)
    body = models.JSONField()
    received_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=60, blank=True)

    class Meta:
        # Read by campaigns.receipts.apply, which drains what is not applied yet.
        indexes = [models.Index(fields=["id"], condition=models.Q(applied_at=None), name="inbound_not_applied")]

    def __str__(self) -> str:
        return f"{self.name} {self.key}"


class ZaloUser(models.Model):
    """A person as one account knows them at Zalo.

    `phone` is what they typed, and anybody can type anybody's: patients are written to by it once the clinic confirmed it.
    """

    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE, related_name="users")
    user_id = models.CharField(max_length=40)
    phone = models.CharField(max_length=15, blank=True, help_text="84 and nine digits; empty while unknown.")
    phone_at = models.DateTimeField(
        null=True, blank=True, help_text="When the person gave the phone: the newest counts."
    )
    phone_confirmed_at = models.DateTimeField(
        null=True, blank=True, help_text="When somebody of the clinic confirmed that the phone is theirs."
    )
    is_follower = models.BooleanField(default=False)
    last_interaction_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(help_text="The newest event that changed `is_follower`: older ones come too late.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "user_id"], name="one_row_per_zalo_user")]
        # Read by the channel ladder: who is behind these phones?
        indexes = [models.Index(fields=["account", "phone"], name="zalo_user_by_phone")]

    def __str__(self) -> str:
        return self.user_id
