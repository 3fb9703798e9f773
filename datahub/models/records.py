"""Visits, and what changed in them."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from datahub.field_text import FieldText
from datahub.models.customers import Customer
from datahub.models.tables import Dataset
from datahub.schema import PHONE, SERVICE, STATUS, VISIT_DATE
from datahub.search import containing

# Fields that the values hold and a column repeats, so that counting by them need not open a million rows.
COLUMNS = (PHONE, SERVICE, STATUS, VISIT_DATE)


class RecordQuerySet(models.QuerySet["Record"]):
    """Named subsets of records."""

    def search(self, text: str) -> Self:
        """Records in which the search box finds `text`."""
        return self.filter(containing(text)) if text.strip() else self


class Record(models.Model):
    """One visit (lượt khám): the clean values of one sheet row. The row's stable id is its identity, its place is not."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="records")
    # Indexes of several columns begin with these two: they need none of their own.
    dataset = models.ForeignKey(Dataset, db_index=False, on_delete=models.CASCADE, related_name="records")
    source = models.ForeignKey("datahub.Source", db_index=False, on_delete=models.CASCADE, related_name="records")
    row_id = models.CharField(max_length=80)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="records")
    values = models.JSONField(help_text="Field key → clean value as text; dates are ISO.")
    phone = models.CharField(max_length=15)
    status = models.CharField(max_length=60, blank=True)
    service = models.GeneratedField(
        expression=FieldText(SERVICE), output_field=models.TextField(), db_persist=True, help_text="As in the values."
    )
    visit_date = models.GeneratedField(
        expression=FieldText(VISIT_DATE),
        output_field=models.TextField(),
        db_persist=True,
        help_text="ISO, as in the values.",
    )
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
    file_import = models.ForeignKey(
        "datahub.FileImport",
        null=True,
        blank=True,
        db_index=False,
        on_delete=models.SET_NULL,
        related_name="records",
        help_text="The file that brought it, while that can be taken back.",
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = RecordQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "row_id"], name="one_record_per_row")]
        indexes = [
            # Read by the Data Hub page, from any place on.
            models.Index(fields=["dataset", "-updated_at", "-id"], name="record_newest_first"),
            # Read by the webhook: was this visit typed in another row?
            models.Index(fields=["dataset", "visit_key"], name="record_by_visit"),
            # Read by campaigns.enrollment for a scheduled run.
            models.Index(fields=["dataset", "status", "completed_at"], name="record_by_status"),
            # Read by datahub.filters: what asks of these alone is counted from the index alone.
            models.Index(fields=["dataset", STATUS, SERVICE, VISIT_DATE, PHONE], name="record_counted"),
            # Read by datahub.filters and by the customers' pages.
            models.Index(fields=["dataset", PHONE], name="record_by_phone"),
            # Read by datahub.imports.undo.
            models.Index(
                fields=["file_import", "id"], condition=models.Q(file_import__isnull=False), name="record_by_file"
            ),
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
        "datahub.FileImport",
        null=True,
        blank=True,
        db_index=False,
        on_delete=models.SET_NULL,
        related_name="events",
        help_text="The file that changed it, while that can be taken back.",
    )
    at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # Read by campaigns.enrollment.
            models.Index(fields=["id"], condition=models.Q(handled_at=None), name="event_not_handled"),
            # Read by the record's history.
            models.Index(fields=["record", "-at"], name="event_history"),
            # Read by datahub.imports.undo.
            models.Index(
                fields=["file_import", "id"], condition=models.Q(file_import__isnull=False), name="event_by_file"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"
