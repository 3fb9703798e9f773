"""Files that were taken in."""

from __future__ import annotations

from django.db import models
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Workspace
from datahub.models.sources import Source


class FileImport(models.Model):
    """One uploaded file on its way into a table: looked at, mapped, taken in bit by bit, and perhaps taken back."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Chờ ghép cột")
        RUNNING = "running", _("Đang nhập")
        DONE = "done", _("Đã nhập xong")
        FAILED = "failed", _("Không nhập được")
        UNDOING = "undoing", _("Đang hoàn tác")
        UNDONE = "undone", _("Đã hoàn tác")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="imports")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="imports")
    name = models.CharField(max_length=200, help_text="The file's own name.")
    path = models.CharField(max_length=300, help_text="Under CDP_HOME; removed when the import ends.")
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State.choices, default=State.UPLOADED)
    mapping = models.JSONField(default=dict, db_default=Value({}, output_field=models.JSONField()))
    is_history = models.BooleanField(default=True, help_text="Old visits: nobody is written to because of them.")
    cursor = models.PositiveIntegerField(default=0, help_text="Rows of the file that were settled.")
    total = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    wrong = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=400, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
