"""What limits sending, and the pulse of the engine."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Workspace
from datahub.models import Customer
from integrations.models import MessageTemplate, OfficialAccount


class QuotaWindow(models.Model):
    """How many places a vendor's rule leaves in one stretch of time, and how many are taken."""

    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE, related_name="quota_windows")
    key = models.CharField(max_length=160, unique=True)
    rule = models.CharField(max_length=40)
    limit = models.PositiveIntegerField(help_text="What is granted up to: the policy's number, or Zalo's where lower.")
    vendor_limit = models.PositiveIntegerField(null=True, help_text="What Zalo's own word leaves, where it gave one.")
    ceiling = models.PositiveIntegerField(help_text="The highest limit it ever had: the database refuses more.")
    used = models.PositiveIntegerField(default=0)
    vendor_used = models.PositiveIntegerField(
        null=True, help_text="What Zalo last said it had counted; the difference is drift."
    )
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(used__lte=F("ceiling")), name="quota_never_passed"),
        ]
        indexes = [models.Index(fields=["account", "rule", "ends_at"], name="quota_by_rule")]

    def __str__(self) -> str:
        return self.key


class Suppression(models.Model):
    """A phone this clinic does not write to (danh sách không gửi), by any way or only by Zalo.

    One row a phone: while a mark for every way is in force, one for Zalo adds nothing.
    """

    class Way(models.TextChoices):
        EVERY = "", _("Mọi kênh")
        ZALO = "zalo", _("Kênh Zalo")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="suppressions")
    phone = models.CharField(max_length=15)
    way = models.CharField(max_length=4, choices=Way.choices, default=Way.EVERY, db_default=Way.EVERY.value, blank=True)
    reason_code = models.CharField(max_length=40)
    until = models.DateTimeField(null=True, help_text="Empty means for good.")
    customer = models.ForeignKey(
        Customer,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="marks",
        help_text="Whom it was said of, where it was said of a person.",
    )
    note = models.CharField(
        max_length=300, blank=True, default="", db_default="", help_text="Why, in a person's words."
    )
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "phone"], name="one_suppression_per_phone")]

    def __str__(self) -> str:
        return f"{self.phone} {self.reason_code}"


class FrequencyCap(models.Model):
    """The clinic's own rule: at most `limit` messages of a tag to one person in a calendar day, week or month."""

    class Period(models.TextChoices):
        DAY = "day", _("ngày")
        WEEK = "week", _("tuần")
        MONTH = "month", _("tháng")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="frequency_caps")
    tag = models.PositiveSmallIntegerField(choices=MessageTemplate.TagChoice.choices)
    period = models.CharField(max_length=5, choices=Period.choices)
    limit = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "tag", "period"], name="one_cap_per_period")]

    def __str__(self) -> str:
        return f"{self.limit}/{self.period}"


# The duties that beat.
TICK, ROUNDS = "tick", "rounds"


class Heartbeat(models.Model):
    """When a recurring duty last ran (what /healthz looks at), or until when its runner has it to itself."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Cursor(models.Model):
    """How far a duty has read a table that only grows.

    Rows are committed in another order than they are numbered: up to `seen`, the last number at the look before, what was
    still open then has been committed by now.
    """

    name = models.CharField(max_length=40, unique=True)
    position = models.BigIntegerField(default=0)
    seen = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.position}"


class ReportCount(models.Model):
    """So many patients reported a message of this account (báo xấu). Zalo gives no count: people tell us.

    Append-only: a correction is a negative count. `day` is the local day the reports were made.
    """

    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE, related_name="report_counts")
    template = models.ForeignKey(MessageTemplate, null=True, on_delete=models.CASCADE, related_name="report_counts")
    day = models.DateField()
    count = models.IntegerField()
    entered_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        # Read by the hourly check and the account page.
        indexes = [models.Index(fields=["account", "day"], name="reports_by_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.count}"


class StandingDay(models.Model):
    """How an account stood on one local day: what its judgement was made from, and what it came to.

    `daily_quota` is the day's own, empty if unlimited; `expected_quota` what the rules gave for the next day.
    """

    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE, related_name="standing_days")
    day = models.DateField()
    daily_quota = models.PositiveIntegerField(null=True)
    expected_quota = models.PositiveIntegerField(null=True)
    quality_7d = models.CharField(max_length=10)
    delivered = models.PositiveIntegerField(help_text="Messages of this day that arrived.")
    care_delivered = models.PositiveIntegerField(help_text="Those of tag 1 and 2 among them.")
    promotion_sent = models.PositiveIntegerField()
    reports = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "day"], name="one_standing_per_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.daily_quota}"
