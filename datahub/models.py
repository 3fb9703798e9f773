"""Clean clinic data: tables with a schema of their own, where rows come from, and what became of each row."""

from __future__ import annotations

import secrets
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from accounts.secrets import SecretField
from datahub.text import search_key


def new_key() -> str:
    """A public, unguessable address part."""
    return secrets.token_hex(12)


def new_secret() -> str:
    """A signing secret."""
    return secrets.token_urlsafe(32)


class Dataset(models.Model):
    """A Data Hub table (bảng): its fields are data, edited by the clinic."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="datasets")
    name = models.CharField(max_length=120)
    done_value = models.CharField(
        max_length=60, default="Đã hoàn thành", help_text="The status that completes a visit."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="one_dataset_per_name")]

    def __str__(self) -> str:
        return self.name


class Field(models.Model):
    """One column (trường). The keys customer_id, customer_name, phone, status, service and visit_date have a meaning of their own."""

    class Type(models.TextChoices):
        TEXT = "text", _("Chữ")
        PHONE = "phone", _("Số điện thoại")
        DATE = "date", _("Ngày")
        NUMBER = "number", _("Số")
        CHOICE = "choice", _("Lựa chọn")

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="fields")
    key = models.SlugField(max_length=40)
    label = models.CharField(max_length=80, help_text="The column's name in the sheet.")
    aliases = models.JSONField(default=list, blank=True, help_text="Other names of the column that are understood.")
    type = models.CharField(max_length=8, choices=Type.choices, default=Type.TEXT)
    required = models.BooleanField(default=False)
    choices = models.JSONField(default=list, blank=True)
    max_length = models.PositiveSmallIntegerField(default=200)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "key"], name="one_field_per_key"),
            models.UniqueConstraint(fields=["dataset", "label"], name="one_field_per_label"),
        ]

    def __str__(self) -> str:
        return self.label


class Source(models.Model):
    """A sheet that feeds a dataset, with its own address and secret. Closed until the sync campaign is active."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="sources")
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="sources")
    name = models.CharField(max_length=120)
    key = models.CharField(max_length=40, unique=True, default=new_key)
    secret = SecretField(default=new_secret)
    is_open = models.BooleanField(default=False)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Batch(models.Model):
    """One webhook call as it came and as it was answered: the same batch id gets the same answer."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="batches")
    batch_id = models.CharField(max_length=80)
    body_sha256 = models.CharField(max_length=64)
    body = models.TextField()
    answer = models.TextField(help_text="The very bytes of the answer.")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "batch_id"], name="one_answer_per_batch")]

    def __str__(self) -> str:
        return self.batch_id


class Customer(models.Model):
    """A person the clinic treats, known by the clinic's own code. A phone may be shared by a family."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="customers")
    code = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    phone = models.CharField(max_length=15, help_text="84 and nine digits.")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "code"], name="one_customer_per_code")]

    def __str__(self) -> str:
        return self.name


class RecordQuerySet(models.QuerySet["Record"]):
    """Named subsets of records."""

    def search(self, text: str) -> Self:
        """Records whose customer code, name (marks and case ignored) or phone contains `text`."""
        return self.filter(search__contains=search_key(text)) if text.strip() else self


class Record(models.Model):
    """One visit (lượt khám): the clean values of one sheet row. The row's stable id is its identity, its place is not."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="records")
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="records")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="records")
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


class SheetRow(models.Model):
    """The last verdict on a sheet row, right or wrong. A wrong row has no record."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="sheet_rows")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="sheet_rows")
    row_id = models.CharField(max_length=80)
    row_number = models.PositiveIntegerField()
    fingerprint = models.CharField(max_length=64, help_text="Of the values as read: an equal repeat changes nothing.")
    accepted = models.BooleanField()
    status = models.CharField(max_length=600, help_text="The text in the cell Trạng thái gửi Webhook.")
    errors = models.JSONField(default=list)
    values = models.JSONField(default=dict, help_text="As typed, for a wrong row only.")
    said_status = models.CharField(
        max_length=60, blank=True, help_text="The visit's status in the sheet when the row was last right."
    )
    record = models.ForeignKey(Record, null=True, on_delete=models.SET_NULL, related_name="sheet_rows")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "row_id"], name="one_verdict_per_row")]
        # Read by the overview and by the page of rows in error.
        indexes = [
            models.Index(fields=["workspace", "-seen_at"], condition=models.Q(accepted=False), name="rows_in_error")
        ]

    def __str__(self) -> str:
        return f"{self.row_number}: {self.status}"


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
