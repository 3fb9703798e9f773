"""A clinic's account with an SMS vendor, for patients whom Zalo cannot reach."""

from __future__ import annotations

from django.db import models

from accounts.models import Workspace
from accounts.secrets import SecretField


class SmsAccount(models.Model):
    """A brand name at eSMS. One a clinic."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="sms_account")
    api_key = SecretField()
    secret_key = SecretField()
    brandname = models.CharField(max_length=20)
    price_vnd = models.PositiveIntegerField(default=850, help_text="What one SMS costs, for the choice of channel.")
    blocked_reason = models.CharField(max_length=60, blank=True)
    blocked_facts = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return self.brandname
