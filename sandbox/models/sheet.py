"""The practice sheets."""

from django.db import models


class PracticeSheet(models.Model):
    """One practice sheet: a Google Sheet played on this machine."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    webhook_url = models.CharField(max_length=500)
    secret = models.CharField(max_length=200)
    columns = models.JSONField(default=list)
    rows = models.JSONField(default=list)  # lists of display strings; the header row is `columns`
    revision = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.name
