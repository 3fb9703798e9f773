"""What limits sending, and the pulse of the engine."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import Workspace
from integrations.models import OfficialAccount


class QuotaWindow(models.Model):
    """How many places a vendor's rule leaves in one stretch of time, and how many are taken."""

    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE, related_name="quota_windows")
    key = models.CharField(max_length=160, unique=True)
    rule = models.CharField(max_length=40)
    limit = models.PositiveIntegerField(help_text="What is granted up to: the policy's number, or Zalo's where lower.")
    vendor_limit = models.PositiveIntegerField(null=True, help_text="What Zalo's own word leaves, where it gave one.")
    ceiling = models.PositiveIntegerField(help_text="The highest limit it ever had: the database refuses more.")
    used = models.PositiveIntegerField(default=0)
    vendor_used = models.PositiveIntegerField(
        null=True, help_text="What Zalo last said it had counted; the difference is drift."
    )
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(used__lte=F("ceiling")), name="quota_never_passed"),
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


class Heartbeat(models.Model):
    """When a recurring duty last ran to its end: what /healthz looks at."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
