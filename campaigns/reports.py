"""Figures for the first page and the quota page. Everything is counted from rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Q
from django.db.models.functions import ExtractHour, TruncDate
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from campaigns.definition import ScheduleTrigger
from campaigns.guard import promotion_month_quota
from campaigns.models import Campaign, Message, QuotaWindow
from campaigns.schedule import next_run
from campaigns.states import OPEN, OUT, CampaignState, MessageState
from campaigns.sums import Sums, campaign_sums, flow_counts
from datahub.models import SheetRow
from integrations.models import OfficialAccount
from integrations.vietnam import VIETNAM, at, local, next_midnight, next_month
from integrations.zalo.policy import policy

__all__ = ["Sums", "campaign_sums", "flow_counts", "overview", "quota_page"]

_RULES = {
    "daily_quota": _("Hạn mức ngày của OA"),
    "promotion_day_quota": _("Tin hậu mãi trong ngày"),
    "promotion_month_quota": _("Tin hậu mãi trong tháng"),
    "template_day_quota": _("Hạn mức ngày của mẫu tin"),
}


class QuotaLine(NamedTuple):
    """One gate. `limit` None means unlimited; `drift` is our count minus Zalo's, None where Zalo has not said."""

    account: OfficialAccount
    rule: str
    label: str
    used: int
    limit: int | None
    left: int | None
    ends_at: datetime
    drift: int | None


class NextRun(NamedTuple):
    """When a scheduled campaign runs next."""

    campaign: Campaign
    at: datetime


class Day(NamedTuple):
    """One local day of sends."""

    date: date
    sent: int
    delivered: int
    failed: int


@dataclass(frozen=True)
class Overview:
    """The first page in numbers; days and hours are Vietnam's."""

    sent_today: int
    delivered_today: int
    waiting: int
    unconfirmed: int
    rows_in_error: int
    quotas: list[QuotaLine]
    next_runs: list[NextRun]
    hourly: list[int]
    last_7_days: list[Day]
    attention: list[tuple[str, str, tuple[object, ...]]]


@dataclass(frozen=True)
class AccountQuota:
    """One account's gates, and how many of today's messages had to wait for one."""

    account: OfficialAccount
    lines: list[QuotaLine]
    deferred_today: int


def overview(*, workspace: Workspace, now: datetime) -> Overview:
    """What an admin looks at first."""
    messages = Message.objects.filter(workspace=workspace)
    today = at(local(now).date())
    sent_today = messages.filter(sent_at__gte=today)
    unconfirmed = messages.filter(state=MessageState.UNCONFIRMED).count()
    rows_in_error = SheetRow.objects.filter(workspace=workspace, accepted=False).count()
    return Overview(
        sent_today=sent_today.count(),
        delivered_today=messages.filter(delivered_at__gte=today).count(),
        waiting=messages.filter(state__in=OPEN).count() + _waiting_visits(workspace),
        unconfirmed=unconfirmed,
        rows_in_error=rows_in_error,
        quotas=[line for each in quota_page(workspace=workspace, now=now) for line in each.lines[:1]],
        next_runs=_next_runs(workspace, now),
        hourly=_hourly(workspace, today),
        last_7_days=_last_days(workspace, now),
        attention=_attention(workspace, unconfirmed, rows_in_error),
    )


def _waiting_visits(workspace: Workspace) -> int:
    return workspace.enrollments.filter(state="waiting").count()


def _next_runs(workspace: Workspace, now: datetime) -> list[NextRun]:
    active = Campaign.objects.filter(workspace=workspace, state=CampaignState.ACTIVE).select_related("version")
    found = [
        NextRun(campaign, next_run(campaign.definition.trigger, after=now))
        for campaign in active
        if isinstance(campaign.definition.trigger, ScheduleTrigger)
    ]
    return sorted(found, key=lambda run: run.at)


def _hourly(workspace: Workspace, today: datetime) -> list[int]:
    sent = Message.objects.filter(workspace=workspace, sent_at__gte=today, sent_at__lt=today + timedelta(days=1))
    counts = dict(sent.annotate(hour=ExtractHour("sent_at", tzinfo=VIETNAM)).values_list("hour").annotate(Count("id")))
    return [counts.get(hour, 0) for hour in range(24)]


def _last_days(workspace: Workspace, now: datetime) -> list[Day]:
    first = local(now).date() - timedelta(days=6)
    rows = (
        Message.objects.filter(workspace=workspace, created_at__gte=at(first))
        .annotate(day=TruncDate("created_at", tzinfo=VIETNAM))
        .values("day")
        .annotate(
            sent=Count("id", filter=Q(state__in=OUT)),
            delivered=Count("id", filter=Q(state=MessageState.DELIVERED)),
            failed=Count("id", filter=Q(state__in=[MessageState.FAILED, MessageState.SKIPPED])),
        )
    )
    found = {row["day"]: Day(row["day"], row["sent"], row["delivered"], row["failed"]) for row in rows}
    days = [first + timedelta(days=offset) for offset in range(7)]
    return [found.get(day, Day(day, 0, 0, 0)) for day in days]


def _attention(workspace: Workspace, unconfirmed: int, rows_in_error: int) -> list[tuple[str, str, tuple[object, ...]]]:
    lines: list[tuple[str, str, tuple[object, ...]]] = []
    for account in OfficialAccount.objects.filter(workspace=workspace).exclude(blocked_reason=""):
        lines.append((_("Zalo đang từ chối tài khoản {name}.").format(name=account.name), "campaigns:connections", ()))
    if unconfirmed:
        lines.append((_("{n} tin chưa rõ kết quả.").format(n=unconfirmed), "campaigns:messages", ()))
    if rows_in_error:
        lines.append((_("{n} dòng trong Google Sheet cần sửa.").format(n=rows_in_error), "datahub:errors", ()))
    return lines


def quota_page(*, workspace: Workspace, now: datetime) -> list[AccountQuota]:
    """Every account's gates as they stand now; a gate nobody passed today shows its whole limit."""
    accounts = OfficialAccount.objects.filter(workspace=workspace).order_by("name")
    return [AccountQuota(account, _lines(account, now), _deferred_today(account, now)) for account in accounts]


def _lines(account: OfficialAccount, now: datetime) -> list[QuotaLine]:
    windows = list(
        QuotaWindow.objects.filter(account=account, ends_at__gt=now, rule__in=_RULES).order_by("rule", "key")
    )
    by_rule = {window.rule for window in windows}
    lines = [_line(account, window) for window in windows]
    for rule, limit, ends_at in _standing_gates(account, now):
        if rule not in by_rule:
            lines.append(QuotaLine(account, rule, str(_RULES[rule]), 0, limit, limit, ends_at, None))
    order = list(_RULES)
    return sorted(lines, key=lambda line: order.index(line.rule))


def _line(account: OfficialAccount, window: QuotaWindow) -> QuotaLine:
    drift = None if window.vendor_used is None else window.used - window.vendor_used
    return QuotaLine(
        account, window.rule, str(_RULES[window.rule]), window.used, window.limit, window.left, window.ends_at, drift
    )


def _standing_gates(account: OfficialAccount, now: datetime) -> list[tuple[str, int | None, datetime]]:
    rules = policy(account.policy)
    gates: list[tuple[str, int | None, datetime]] = [("daily_quota", account.daily_quota, next_midnight(now))]
    share = rules.promotion.day_share_percent
    if share is not None and account.daily_quota is not None:
        gates.append(("promotion_day_quota", account.daily_quota * share // 100, next_midnight(now)))
    gates.append(("promotion_month_quota", promotion_month_quota(account, rules, now), next_month(now)))
    return gates


def _deferred_today(account: OfficialAccount, now: datetime) -> int:
    """Messages still waiting because a quota sent them on."""
    waiting = Message.objects.filter(account=account, state=MessageState.SCHEDULED, snoozes__gt=0, due_at__gt=now)
    return waiting.filter(reason_code__endswith="_quota").count()
