"""Accounts with the outside world, the templates they own, and what they told us."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from accounts.secrets import SecretField


class OfficialAccount(models.Model):
    """A clinic's Zalo Official Account: its keys, its tokens and the quota policy it lives under."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="official_accounts")
    oa_id = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    app_id = models.CharField(max_length=40, db_index=True)
    app_secret = SecretField(blank=True)
    oa_secret_key = SecretField(blank=True)
    access_token = SecretField(blank=True)
    refresh_token = SecretField(blank=True)
    token_expires_at = models.DateTimeField(null=True, blank=True)
    token_lease_until = models.DateTimeField(
        null=True, blank=True, help_text="Wall time; held by the one who refreshes."
    )
    grant_refused_at = models.DateTimeField(
        null=True, blank=True, help_text="Zalo refused to refresh: connect it again."
    )
    policy = models.CharField(max_length=20, default="zalo-2026")
    daily_quota = models.PositiveIntegerField(null=True, blank=True, help_text="Empty means unlimited.")
    first_promotion_month = models.DateField(
        null=True, blank=True, help_text="First day of the month of its first tag 3."
    )
    blocked_reason = models.CharField(
        max_length=60, blank=True, help_text="Why a person must act before it sends again."
    )
    blocked_facts = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return self.name


class MessageTemplate(models.Model):
    """A ZNS template as Zalo approved it. `params` is Zalo's `listParams`: name, type, require, maxLength, minLength."""

    class TagChoice(models.IntegerChoices):
        TRANSACTION = 1, _("Giao dịch")
        CUSTOMER_CARE = 2, _("Chăm sóc khách hàng")
        PROMOTION = 3, _("Hậu mãi")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="message_templates")
    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE, related_name="templates")
    template_id = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    tag = models.PositiveSmallIntegerField(choices=TagChoice.choices)
    status = models.CharField(max_length=20, default="ENABLE")
    quality = models.CharField(max_length=12, default="UNDEFINED")
    params = models.JSONField(default=list)
    price_vnd = models.PositiveIntegerField(default=0)
    timeout_ms = models.PositiveIntegerField(default=7_200_000)
    daily_quota = models.PositiveIntegerField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "template_id"], name="one_row_per_template")]

    def __str__(self) -> str:
        return self.name


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
