"""The people a clinic treats."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Workspace
from datahub.search import containing


class Label(models.Model):
    """A word that a clinic sorts its customers by."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(max_length=40)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="one_label_per_name")]

    def __str__(self) -> str:
        return self.name


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Named subsets of customers."""

    def search(self, text: str) -> Self:
        """Customers in whom the search box finds `text`."""
        return self.filter(containing(text)) if text.strip() else self

    def standing(self) -> Self:
        """Those that are neither merged into another nor erased."""
        return self.filter(merged_into=None, erased_at=None)


class Customer(models.Model):
    """A person the clinic treats, known by the clinic's own code. A phone may be shared by a family.

    `care` and `promotion` are the newest words of `Consent` for this person, under whatever code: None while nothing was
    said. They stand here because they are asked before every message.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="customers")
    code = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    phone = models.CharField(max_length=15, help_text="84 and nine digits.")
    search = models.CharField(
        max_length=400,
        default="",
        db_default="",
        help_text="Code, name without marks, phone: what the search looks in.",
    )
    labels = models.ManyToManyField(Label, related_name="customers", blank=True)
    care = models.BooleanField(null=True, blank=True)
    promotion = models.BooleanField(null=True, blank=True)
    stopped_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when nobody writes to this person, whatever their phone becomes."
    )
    stopped_until = models.DateTimeField(null=True, blank=True, help_text="Empty while stopped: for good.")
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
    file_import = models.ForeignKey(
        "datahub.FileImport",
        null=True,
        blank=True,
        db_index=False,
        on_delete=models.SET_NULL,
        related_name="customers",
        help_text="The file that first named them.",
    )
    updated_at = models.DateTimeField()

    objects = CustomerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "code"], name="one_customer_per_code")]
        indexes = [
            # Read by the page of customers.
            models.Index(fields=["workspace", "-id"], name="customer_newest_first"),
            # Read by the do-not-send list, by the search for duplicates, and by an erasure.
            models.Index(fields=["workspace", "phone"], name="customer_by_phone"),
        ]

    def __str__(self) -> str:
        return self.name

    def is_stopped(self, now: datetime) -> bool:
        """Whether the clinic does not write to this person at `now` (UTC)."""
        return self.stopped_at is not None and (self.stopped_until is None or self.stopped_until > now)


class Merge(models.Model):
    """Two codes turned out to be one person. Keeps what moved, so that it can be taken apart again."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="merges")
    kept = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="merges_kept")
    gone = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="merges_gone")
    moved = models.JSONField(help_text="Ids of what went from `gone` to `kept`: records, customers, labels.")
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


class ErasureMark(models.Model):
    """By this a code or a phone is known again of which nothing else was kept: its sheet row may come once more."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="erasure_marks")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="erasure_marks")
    digest = models.CharField(max_length=64, help_text="accounts.secrets.marks of the code or the phone.")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "digest"], name="one_erasure_mark")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.digest[:8]}"
