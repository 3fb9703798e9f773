"""What is known of a Google Sheet besides its rows."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from accounts.secrets import SecretField
from datahub.models.sources import Source


class ScriptPulse(models.Model):
    """What the sheet's own script last said of itself."""

    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="pulse")
    at = models.DateTimeField()
    version = models.CharField(max_length=20, blank=True)
    waiting = models.PositiveIntegerField(default=0, help_text="Rows that are marked to be sent and were not answered.")
    facts = models.JSONField(default=dict, help_text="Tabs, headers, problems, what is left of the day's calls.")

    def __str__(self) -> str:
        return f"{self.source_id} {self.version}"


class SheetLink(models.Model):
    """A sheet that was shared with a service account: we read it and write its statuses ourselves."""

    class State(models.TextChoices):
        WORKING = "working", _("Đang hoạt động")
        WAITING = "waiting", _("Chờ thử lại")
        REFUSED = "refused", _("Bị từ chối")

    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="link")
    service_account = SecretField(help_text="The key file's JSON.")
    client_email = models.CharField(max_length=200, help_text="Whom the sheet must be shared with.")
    spreadsheet_id = models.CharField(max_length=120)
    worksheet = models.CharField(max_length=120, blank=True, help_text="The tab; empty: not chosen, nothing is read.")
    gid = models.PositiveBigIntegerField(null=True, blank=True, help_text="The tab's number: its title may change.")
    state = models.CharField(max_length=7, choices=State.choices, default=State.WORKING)
    problem = models.CharField(max_length=400, blank=True, help_text="What keeps it from working, for the admin.")
    failures = models.PositiveSmallIntegerField(default=0)
    next_pull_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    pulled_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True, help_text="When a read last found something else.")
    digest = models.CharField(max_length=64, blank=True, help_text="Of what the last read found.")
    headers = models.JSONField(default=list, help_text="The columns' names at the last read.")

    class Meta:
        # Read by datahub.linked.pulls: whose turn it is.
        indexes = [models.Index(fields=["next_pull_at"], name="sheet_link_due")]

    def __str__(self) -> str:
        return self.spreadsheet_id


class LinkedRow(models.Model):
    """What one row of a linked sheet was last answered, and to which request: the script keeps this in a cell's note."""

    link = models.ForeignKey(SheetLink, on_delete=models.CASCADE, related_name="rows")
    row_id = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64, help_text="Of what staff had typed.")
    request = models.CharField(max_length=20)
    status = models.CharField(max_length=600, help_text="What its cell should say.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "row_id"], name="one_answer_per_linked_row")]

    def __str__(self) -> str:
        return self.row_id


class CallPace(models.Model):
    """Calls made to Google within one minute, by service account and by project, counted across all processes."""

    key = models.CharField(max_length=260, unique=True)
    minute = models.DateTimeField()
    used = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.key


class OutcomeCell(models.Model):
    """What the cell “Kết quả gửi tin” of a row should say. An outbox: `told_at` empty means the sheet has not heard it."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="outcome_cells")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="outcome_cells")
    row_id = models.CharField(max_length=80)
    text = models.CharField(max_length=300)
    changed_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "row_id"], name="one_outcome_per_row")]
        # Read by whoever writes to the sheet next.
        indexes = [models.Index(fields=["source", "id"], condition=Q(told_at=None), name="outcome_untold")]

    def __str__(self) -> str:
        return self.text


class Checkup(models.Model):
    """One whole look at a sheet: what is wrong with it, and which rows are on one side only."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="checkups")
    at = models.DateTimeField()
    rows = models.PositiveIntegerField(help_text="Rows with anything in them.")
    headers = models.JSONField(default=list, help_text="The columns' names as they stood, from the left.")
    findings = models.JSONField(default=list, help_text="Of datahub.doctor: code, column, rows, sentence, repair.")

    class Meta:
        # Read by the source's page: the newest.
        indexes = [models.Index(fields=["source", "-at"], name="checkup_newest_first")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.at:%Y-%m-%d}"
