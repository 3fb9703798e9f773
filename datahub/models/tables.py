"""A clinic's tables: their columns, and named parts of them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Workspace
from datahub.fields import written


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

    @property
    def live_fields(self) -> list[Field]:
        """The columns that are read and shown, in their order: all but the archived. Prefetch `fields` for many tables."""
        return [field for field in self.fields.all() if field.archived_at is None]


class Field(models.Model):
    """One column (trường). The keys customer_id, customer_name, phone, status, service and visit_date have a meaning of their own."""

    class Type(models.TextChoices):
        TEXT = "text", _("Chữ")
        PHONE = "phone", _("Số điện thoại")
        DATE = "date", _("Ngày")
        TIME = "time", _("Giờ")
        NUMBER = "number", _("Số")
        CHOICE = "choice", _("Lựa chọn")
        YES_NO = "yes_no", _("Có / Không")
        EMAIL = "email", _("E-mail")

    class Owner(models.TextChoices):
        SHEET = "sheet", _("Google Sheet")
        HUB = "hub", _("Data Hub")

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="fields")
    key = models.SlugField(max_length=40)
    label = models.CharField(max_length=80, help_text="The column's name in the sheet.")
    aliases = models.JSONField(default=list, blank=True, help_text="Other names of the column that are understood.")
    type = models.CharField(max_length=8, choices=Type.choices, default=Type.TEXT)
    owner = models.CharField(
        max_length=5,
        choices=Owner.choices,
        default=Owner.SHEET,
        db_default=Owner.SHEET.value,
        help_text="Who writes it: a hub's own column is not read from a sheet.",
    )
    required = models.BooleanField(default=False)
    choices = models.JSONField(default=list, blank=True)
    max_length = models.PositiveSmallIntegerField(default=200)
    minimum = models.CharField(
        max_length=30, blank=True, default="", db_default="", help_text="Of a number or an ISO date; empty: none."
    )
    maximum = models.CharField(max_length=30, blank=True, default="", db_default="")
    archived_at = models.DateTimeField(
        null=True, blank=True, help_text="Set: no longer read or shown; what it held is kept."
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "key"], name="one_field_per_key"),
            models.UniqueConstraint(fields=["dataset", "label"], name="one_field_per_label"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def limits(self) -> str:
        """The least and the most that a number or a day may be, as people write them; empty without limits."""
        ends = [written(self.type, end) if end else "…" for end in (self.minimum, self.maximum)]
        return " – ".join(ends) if self.minimum or self.maximum else ""


class Segment(models.Model):
    """A named filter over one table (phân khúc). Who is in it is asked anew each time."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="segments")
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="segments")
    name = models.CharField(max_length=120)
    tree = models.JSONField(help_text="A filter tree as in datahub.conditions.")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True, help_text="Set: shown no more, but can be brought back.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "name"], condition=models.Q(removed_at=None), name="one_segment_per_name"
            )
        ]

    def __str__(self) -> str:
        return self.name
