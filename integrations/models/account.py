"""A clinic's account with Zalo, and how its daily quota changed."""

from __future__ import annotations

from datetime import date, datetime

from django.db import models
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from accounts.secrets import SecretField
from integrations.base import Brake
from integrations.zalo.policy import ZaloPolicy, policy


class OfficialAccount(models.Model):
    """A clinic's Zalo Official Account: its keys, its tokens and the quota policy it lives under."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="official_accounts")
    oa_id = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    app_id = models.CharField(max_length=40, db_index=True)
    app_secret = SecretField(blank=True)
    oa_secret_key = SecretField(blank=True)
    access_token = SecretField(blank=True)
    refresh_token = SecretField(blank=True)
    token_expires_at = models.DateTimeField(null=True, blank=True)
    token_lease_until = models.DateTimeField(
        null=True, blank=True, help_text="Wall time; held by the one who refreshes."
    )
    grant_refused_at = models.DateTimeField(
        null=True, blank=True, help_text="Zalo refused to refresh: connect it again."
    )
    policy = models.CharField(max_length=20, default="zalo-2026")
    daily_quota = models.PositiveIntegerField(null=True, blank=True, help_text="Empty means unlimited.")
    first_promotion_month = models.DateField(
        null=True, blank=True, help_text="First day of the month of its first tag 3."
    )
    blocked_reason = models.CharField(
        max_length=60, blank=True, help_text="Why a person must act before it sends again."
    )
    blocked_facts = models.JSONField(default=dict, blank=True)
    rests_until = models.DateTimeField(
        null=True, blank=True, help_text="Wall time; nothing is sent before: Zalo answered nothing."
    )

    # How it is connected. What Zalo's documents disagree about is a choice here, not a constant.
    pkce_verifier = SecretField(
        blank=True,
        default="",
        db_default="",
        help_text="The verifier whose challenge is saved in Zalo's console; empty: a new one each time.",
    )
    signs_calls = models.BooleanField(
        default=False, db_default=False, help_text="Send appsecret_proof with every call."
    )
    hashes_phones = models.BooleanField(
        default=False, db_default=False, help_text="Send by SHA-256 of the phone instead of the phone."
    )

    # The rules it lives under from a local day on, after those of `policy`.
    next_policy = models.CharField(max_length=20, blank=True, default="", db_default="")
    next_policy_on = models.DateField(null=True, blank=True)
    tag_one_reserve = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Percent of the daily quota that only transaction messages may use."
    )
    allowed_tags = models.JSONField(null=True, blank=True, help_text="Tags Zalo says it may send; empty: not told.")

    # Where it stands with Zalo (integrations/zalo/standing.py).
    quality_now = models.CharField(max_length=10, default="UNDEFINED", db_default="UNDEFINED")
    quality_7d = models.CharField(max_length=10, default="UNDEFINED", db_default="UNDEFINED")
    first_sent_on = models.DateField(null=True, blank=True, help_text="Day D: it is first judged on D+8.")
    quota_changed_on = models.DateField(null=True, blank=True, help_text="The last step; none for 7 days after it.")
    penalised_on = models.DateField(null=True, blank=True, help_text="The last penalty: at most one a day.")
    brake = models.PositiveSmallIntegerField(
        default=Brake.NONE, db_default=Brake.NONE.value, help_text="`integrations.base.Brake`."
    )
    package_name = models.CharField(max_length=80, blank=True, default="", db_default="")
    package_until = models.DateField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True, help_text="When Zalo last told its numbers.")
    heard = models.JSONField(
        default=dict,
        db_default=Value({}, output_field=models.JSONField()),
        blank=True,
        help_text="What events told (quota, tags) → when: an older word comes too late.",
    )
    forged_at = models.DateTimeField(
        null=True, blank=True, help_text="A webhook call with a wrong signature; of several in a minute, the first."
    )
    forged_minutes = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Minutes in which there was such a call."
    )

    def __str__(self) -> str:
        return self.name

    def rests(self, wall: datetime) -> bool:
        """Whether sending pauses at `wall` (real time, UTC) because Zalo answered nothing."""
        return self.rests_until is not None and self.rests_until > wall

    def policy_on(self, day: date) -> str:
        """The name of the rules it lives under on a local day."""
        changed = self.next_policy and self.next_policy_on is not None and self.next_policy_on <= day
        return self.next_policy if changed else self.policy

    def rules_on(self, day: date) -> ZaloPolicy:
        """The rules it lives under on a local day. Raises FileNotFoundError for a name there is no file for."""
        return policy(self.policy_on(day))


class QuotaChange(models.Model):
    """One step of an account on its ladder. A quota that is empty is unlimited."""

    class Cause(models.TextChoices):
        STEP_DOWN = "step_down", _("Xuống một mốc: chất lượng 7 ngày kém")
        PENALTY = "penalty", _("Phạt: báo xấu vượt 2% hạn mức ngày")
        TOLD = "told", _("Zalo thông báo")
        BY_HAND = "by_hand", _("Quản trị viên nhập")

    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE, related_name="quota_changes")
    before = models.PositiveIntegerField(null=True)
    after = models.PositiveIntegerField(null=True)
    cause = models.CharField(max_length=9, choices=Cause.choices)
    at = models.DateTimeField()

    class Meta:
        # Read by the account page, newest first.
        indexes = [models.Index(fields=["account", "-at"], name="quota_change_newest")]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
