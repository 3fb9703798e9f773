"""The people a clinic treats."""

from __future__ import annotations

from django.db import models
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Workspace


class Customer(models.Model):
    """A person the clinic treats, known by the clinic's own code. A phone may be shared by a family."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="customers")
    code = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    phone = models.CharField(max_length=15, help_text="84 and nine digits.")
    labels = models.JSONField(default=list, db_default=Value([], output_field=models.JSONField()), blank=True)
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="merged",
        help_text="The same person under another code.",
    )
    erased_at = models.DateTimeField(
        null=True, blank=True, help_text="Name and phone were wiped at the person's request."
    )
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "code"], name="one_customer_per_code")]

    def __str__(self) -> str:
        return self.name


class Merge(models.Model):
    """Two codes turned out to be one person. Keeps what moved, so that it can be taken apart again."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="merges")
    kept = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="merges_kept")
    gone = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="merges_gone")
    record_ids = models.JSONField(help_text="Records that moved from `gone` to `kept`.")
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.gone_id} → {self.kept_id}"


class Consent(models.Model):
    """A person's word on being written to for one purpose, with its proof. Append-only: the newest stands."""

    class Purpose(models.TextChoices):
        CARE = "care", _("Chăm sóc sau khám")
        PROMOTION = "promotion", _("Ưu đãi, khuyến mãi")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="consents")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=9, choices=Purpose.choices)
    granted = models.BooleanField()
    proof = models.CharField(max_length=300, help_text="Where it was said: a form, a sheet row, a call.")
    wording = models.CharField(max_length=60, blank=True, help_text="The version of the text that was agreed to.")
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        # Read by the customer's page and before a promotion leaves.
        indexes = [models.Index(fields=["customer", "purpose", "-at"], name="consent_newest_first")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.granted}"
