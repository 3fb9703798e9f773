"""What Google would know: service accounts, spreadsheets made of practice sheets, who they are shared with, and misfortunes."""

from django.db import models

from sandbox.models.sheet import PracticeSheet


class GoogleAccount(models.Model):
    """A service account with its one key. The private half is kept only to hand out the practice key file."""

    client_email = models.CharField(max_length=200, unique=True)
    project_id = models.CharField(max_length=80)
    private_key_id = models.CharField(max_length=40)
    private_key = models.TextField()
    is_deleted = models.BooleanField(default=False)  # its tokens die, and no new ones are given: invalid_grant
    api_enabled = models.BooleanField(default=True)  # the Sheets API of its project
    reads_per_minute = models.PositiveIntegerField(default=60)
    writes_per_minute = models.PositiveIntegerField(default=60)
    project_reads_per_minute = models.PositiveIntegerField(default=300)

    def __str__(self) -> str:
        return self.client_email


class GoogleToken(models.Model):
    """An access token; several may be alive at once."""

    token = models.CharField(max_length=120, unique=True)
    account = models.ForeignKey(GoogleAccount, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()  # of the real time: training may not age a token

    def __str__(self) -> str:
        return f"token of {self.account_id}"


class GoogleBook(models.Model):
    """A spreadsheet."""

    spreadsheet_id = models.CharField(max_length=80, unique=True)
    title = models.CharField(max_length=120)
    shared_with = models.JSONField(default=dict)  # client_email → "reader" or "writer"

    def __str__(self) -> str:
        return self.title


class GoogleTab(models.Model):
    """One tab of a spreadsheet: a practice sheet under a title of its own."""

    book = models.ForeignKey(GoogleBook, on_delete=models.CASCADE, related_name="tabs")
    sheet = models.ForeignKey(PracticeSheet, on_delete=models.CASCADE, related_name="tabs")
    gid = models.PositiveBigIntegerField(default=0)
    title = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField(default=0)
    row_count = models.PositiveIntegerField(default=1000)  # of the grid; grows with the sheet
    column_count = models.PositiveIntegerField(default=26)
    hidden_columns = models.JSONField(default=list)  # indexes from 0
    merges = models.JSONField(default=list)  # GridRange objects

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["book", "title"], name="one_google_tab_per_title"),
            models.UniqueConstraint(fields=["book", "gid"], name="one_google_tab_per_gid"),
        ]

    def __str__(self) -> str:
        return self.title


class GoogleFault(models.Model):
    """A scripted misfortune; each use takes one from `remaining`."""

    kind = models.CharField(max_length=20)
    remaining = models.PositiveIntegerField()
    call = models.CharField(max_length=20, blank=True)  # the one kind of call it strikes; "" is any but the token's
    spreadsheet_id = models.CharField(max_length=80, blank=True)  # "" is every one
    seconds = models.FloatField(default=0)

    def __str__(self) -> str:
        return f"{self.kind} × {self.remaining}"
