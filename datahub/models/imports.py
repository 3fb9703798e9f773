"""Files that were taken in."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Workspace
from datahub.models.sources import Source


class FileImportQuerySet(models.QuerySet["FileImport"]):
    """Named subsets of imports."""

    def open(self) -> Self:
        """Those a worker is at, or may be again: being mapped, taken in or taken back, paused, or able to go on."""
        state = FileImport.State
        resumable = Q(state=state.FAILED, ended_at=None)  # as FileImport.may_resume
        return self.filter(Q(state__in=(state.UPLOADED, state.RUNNING, state.PAUSED, state.UNDOING)) | resumable)


class FileImport(models.Model):
    """One uploaded file on its way into a table: looked at, mapped, taken in bit by bit, and perhaps taken back."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Chờ ghép cột")
        RUNNING = "running", _("Đang nhập")
        PAUSED = "paused", _("Tạm dừng")
        STOPPED = "stopped", _("Đã dừng hẳn")
        DONE = "done", _("Đã nhập xong")
        FAILED = "failed", _("Không nhập được")
        UNDOING = "undoing", _("Đang hoàn tác")
        UNDONE = "undone", _("Đã hoàn tác")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="imports")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="imports")
    name = models.CharField(max_length=200, help_text="The file's own name.")
    path = models.CharField(max_length=300, blank=True, help_text="Under CDP_HOME; removed when the import ends.")
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State.choices, default=State.UPLOADED)
    reading = models.JSONField(
        default=dict,
        db_default=Value({}, output_field=models.JSONField()),
        help_text="How the file is read, as in datahub.files.reading: sheet, encoding, separator, header row.",
    )
    mapping = models.JSONField(
        default=dict,
        db_default=Value({}, output_field=models.JSONField()),
        help_text="`fields`: the field key of each column or nothing; `key`: the column that tells rows apart, or null.",
    )
    is_history = models.BooleanField(default=True, help_text="Old visits: nobody is written to because of them.")
    cursor = models.PositiveIntegerField(default=0, help_text="Rows of the file that were settled.")
    total = models.PositiveIntegerField(default=0, help_text="Rows below the header; 0: not counted yet.")
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    elsewhere = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Visits that a sheet or another program brought: left as they are."
    )
    wrong = models.PositiveIntegerField(default=0)
    taken_back = models.PositiveIntegerField(default=0, db_default=0, help_text="Records that an undo put right.")
    kept = models.PositiveIntegerField(default=0, db_default=0, help_text="Records that an undo had to leave.")
    rate = models.PositiveIntegerField(default=0, db_default=0, help_text="Rows a second of the last turn.")
    problem = models.CharField(max_length=400, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = FileImportQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def is_working(self) -> bool:
        """Whether a worker has something to do for it."""
        return self.state in (self.State.RUNNING, self.State.UNDOING)

    @property
    def may_resume(self) -> bool:
        """Whether it can go on: it was paused, or it stumbled over something that was not the file."""
        return self.state == self.State.PAUSED or (self.state == self.State.FAILED and self.ended_at is None)

    @property
    def may_undo(self) -> bool:
        """Whether it has come to an end with something to take back."""
        return self.state in (self.State.DONE, self.State.STOPPED, self.State.FAILED) and self.cursor > 0

    @property
    def tone(self) -> str:
        """The colour family of its state."""
        tones = {self.State.DONE: "ok", self.State.FAILED: "bad", self.State.PAUSED: "warn"}
        return tones.get(self.State(self.state), "wait" if self.is_working else "mute")
