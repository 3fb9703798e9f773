"""Visits, and what changed in them."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from datahub.models.customers import Customer
from datahub.models.tables import Dataset
from datahub.text import search_key


class RecordQuerySet(models.QuerySet["Record"]):
    """Named subsets of records."""

    def search(self, text: str) -> Self:
        """Records whose customer code, name (marks and case ignored) or phone contains `text`."""
        return self.filter(search__contains=search_key(text)) if text.strip() else self


class Record(models.Model):
    """One visit (lượt khám): the clean values of one sheet row. The row's stable id is its identity, its place is not."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="records")
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="records")
    source = models.ForeignKey("datahub.Source", on_delete=models.CASCADE, related_name="records")
    row_id = models.CharField(max_length=80)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="records")
    values = models.JSONField(help_text="Field key → clean value as text; dates are ISO.")
    phone = models.CharField(max_length=15)
    status = models.CharField(max_length=60, blank=True)
    search = models.CharField(
        max_length=400, help_text="Code, name without marks, phone: what the search box looks in."
    )
    visit_key = models.CharField(max_length=64, help_text="The visit itself, however many rows were typed for it.")
    completed_at = models.DateTimeField(null=True, help_text="When it last became done; empty while it is not.")
    completions = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    is_history = models.BooleanField(
        default=False, db_default=False, help_text="Taken in from an old file: nobody is written to because of it."
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = RecordQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "row_id"], name="one_record_per_row")]
        indexes = [
            # Read by the Data Hub page.
            models.Index(fields=["dataset", "-updated_at"], name="record_newest_first"),
            # Read by the webhook: was this visit typed in another row?
            models.Index(fields=["dataset", "visit_key"], name="record_by_visit"),
            # Read by campaigns.enrollment for a scheduled run.
            models.Index(fields=["dataset", "status", "completed_at"], name="record_by_status"),
        ]

    def __str__(self) -> str:
        return self.row_id


class RecordEvent(models.Model):
    """What changed in a record, by whom and when. Campaigns that trigger on change read the unhandled ones."""

    class Kind(models.TextChoices):
        CREATED = "created", _("Ghi nhận mới")
        UPDATED = "updated", _("Cập nhật")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="record_events")
    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    changes = models.JSONField(help_text="Field key → [old, new].")
    actor = models.CharField(max_length=120, help_text="The sheet source or the person.")
    file_import = models.ForeignKey(
        "datahub.FileImport", null=True, blank=True, on_delete=models.SET_NULL, related_name="events"
    )
    at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # Read by campaigns.enrollment.
            models.Index(fields=["id"], condition=models.Q(handled_at=None), name="event_not_handled"),
            # Read by the record's history.
            models.Index(fields=["record", "-at"], name="event_history"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"
