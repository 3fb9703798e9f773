"""Where rows come from, and what became of each."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import models
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from accounts.secrets import SecretField
from datahub.models.records import Record
from datahub.models.tables import Dataset


def new_key() -> str:
    """A public, unguessable address part."""
    return secrets.token_hex(12)


def new_secret() -> str:
    """A signing secret."""
    return secrets.token_urlsafe(32)


class Source(models.Model):
    """What feeds a dataset: a sheet, a file, another program. Closed until the sync campaign is active."""

    class Kind(models.TextChoices):
        SCRIPT = "script", _("Google Sheet – cài Apps Script")
        SHEETS = "sheets", _("Google Sheet – chia sẻ cho tài khoản dịch vụ")
        FILE = "file", _("Tệp CSV / Excel")
        JSON = "json", _("Webhook JSON")
        API = "api", _("API")

    SHEETS = (Kind.SCRIPT, Kind.SHEETS)
    """Kinds whose rows have places, and people who move and copy them."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="sources")
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="sources")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.SCRIPT, db_default=Kind.SCRIPT.value)
    key = models.CharField(max_length=40, unique=True, default=new_key)
    secret = SecretField(default=new_secret)
    mapping = models.JSONField(
        default=dict,
        db_default=Value({}, output_field=models.JSONField()),
        blank=True,
        help_text="Outside name of a column, or path into a JSON body → field key.",
    )
    is_open = models.BooleanField(default=False)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def is_sheet(self) -> bool:
        """Whether it is one of `SHEETS`."""
        return self.kind in self.SHEETS

    def last_checkup_at(self) -> datetime | None:
        """When the whole sheet was last looked over; None if never."""
        return self.checkups.order_by("-at").values_list("at", flat=True).first()


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
        # Read by datahub.retention.
        indexes = [
            models.Index(
                fields=["received_at"], condition=~models.Q(body="") | ~models.Q(answer=""), name="batch_to_forget"
            )
        ]

    def __str__(self) -> str:
        return self.batch_id


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
