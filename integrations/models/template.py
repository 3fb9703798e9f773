"""The templates an account owns, as Zalo approved them."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from integrations.base import Brake
from integrations.models.account import OfficialAccount
from integrations.vietnam import local

# Templates approved before this day go by phone only (zalo-api: "ZBS Template Message").
BY_UID_SINCE = date(2025, 12, 10)
# Of Zalo's statuses, the one in which a template may be sent, and the one of what is no longer there.
ENABLED, DELETED = "ENABLE", "DELETE"


class MessageTemplateQuerySet(models.QuerySet["MessageTemplate"]):
    """Named subsets of templates."""

    def listed(self) -> Self:
        """Those that Zalo still has."""
        return self.exclude(status=DELETED)


class MessageTemplate(models.Model):
    """A ZNS template as Zalo approved it. `params` is Zalo's `listParams`: name, type, require, maxLength, minLength."""

    class TagChoice(models.IntegerChoices):
        TRANSACTION = 1, _("Giao dịch")
        CUSTOMER_CARE = 2, _("Chăm sóc khách hàng")
        PROMOTION = 3, _("Hậu mãi")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="message_templates")
    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE, related_name="templates")
    template_id = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    tag = models.PositiveSmallIntegerField(choices=TagChoice.choices)
    status = models.CharField(max_length=20, default=ENABLED)
    quality = models.CharField(max_length=12, default="UNDEFINED")
    params = models.JSONField(default=list)
    price_vnd = models.PositiveIntegerField(default=0)
    timeout_ms = models.PositiveIntegerField(default=7_200_000)
    daily_quota = models.PositiveIntegerField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)
    heard = models.JSONField(
        default=dict,
        db_default=Value({}, output_field=models.JSONField()),
        blank=True,
        help_text="What events told (status, quality, daily_quota) → when.",
    )
    reason = models.CharField(
        max_length=400, blank=True, default="", db_default="", help_text="Why Zalo rejected or disabled it."
    )
    price_uid_vnd = models.PositiveIntegerField(default=0, db_default=0)
    preview_url = models.CharField(max_length=500, blank=True, default="", db_default="")
    buttons = models.JSONField(
        default=list,
        db_default=Value([], output_field=models.JSONField()),
        blank=True,
        help_text="Zalo's `listButtons`: type, title, content.",
    )
    sample = models.JSONField(
        default=dict,
        db_default=Value({}, output_field=models.JSONField()),
        blank=True,
        help_text="Parameter → Zalo's sample value.",
    )
    registered_at = models.DateTimeField(null=True, blank=True)
    remaining_quota = models.PositiveIntegerField(null=True, blank=True)
    brake = models.PositiveSmallIntegerField(
        default=Brake.NONE, db_default=Brake.NONE.value, help_text="`integrations.base.Brake`."
    )
    # Zalo's API does not tell a template's wording: a person pastes it once, for the preview and the wording check.
    title = models.CharField(max_length=200, blank=True, default="", db_default="")
    body = models.TextField(
        blank=True, default="", db_default="", help_text="Paragraphs with <param> placeholders, one a line."
    )

    objects = MessageTemplateQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "template_id"], name="one_row_per_template")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_enabled(self) -> bool:
        """Whether Zalo lets it be sent."""
        return self.status == ENABLED

    @property
    def goes_by_uid(self) -> bool:
        """Whether Zalo sends it to a user id too, as far as its age tells."""
        return self.registered_at is not None and local(self.registered_at).date() >= BY_UID_SINCE
