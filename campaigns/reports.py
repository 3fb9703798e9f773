"""Figures for the first page and the quota page. Everything is counted from rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import ExtractHour, TruncDate
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from campaigns.definition import ScheduleTrigger
from campaigns.guard import promotion_month_quota
from campaigns.models import Campaign, Enrollment, Message, QuotaWindow
from campaigns.schedule import next_run
from campaigns.states import OPEN, CampaignState, EnrollmentState, MessageState
from campaigns.sums import campaign_sums, flow_counts
from datahub.models import SheetRow
from integrations.models import OfficialAccount
from integrations.vietnam import VIETNAM, at, local, next_midnight, next_month
from integrations.zalo.policy import policy

__all__ = ["campaign_sums", "flow_counts", "overview", "quota_page"]

Gate = tuple[str, int | None, datetime]
"""A rule that stands whether or not a message has met it: its name, its limit, and when it ends."""

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
    """One local day of sends, each counted once.

    `sent` were taken by Zalo and, as far as we know, not lost; `delivered` are those of them that arrived; `failed`
    were refused or lost. What we left out ourselves is none of these.
    """

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
    hourly = _hourly(workspace, at(local(now).date()))
    days = _last_days(workspace, now)
    unconfirmed = Message.objects.filter(workspace=workspace, state=MessageState.UNCONFIRMED).count()
    rows_in_error = SheetRow.objects.filter(workspace=workspace, accepted=False).count()
    accounts = OfficialAccount.objects.filter(workspace=workspace).order_by("name")
    return Overview(
        sent_today=sum(hourly),
        delivered_today=days[-1].delivered,
        waiting=_waiting(workspace),
        unconfirmed=unconfirmed,
        rows_in_error=rows_in_error,
        quotas=[line for account in accounts for line in _lines(account, now, [_daily_gate(account, now)])],
        next_runs=_next_runs(workspace, now),
        hourly=hourly,
        last_7_days=days,
        attention=_attention(workspace, unconfirmed, rows_in_error),
    )


def _waiting(workspace: Workspace) -> int:
    # By way of the campaigns: their indexes know the states, the workspace's would read every message ever made.
    visits = Enrollment.objects.filter(campaign__workspace=workspace, state=EnrollmentState.WAITING)
    messages = Message.objects.filter(campaign__workspace=workspace, state__in=OPEN)
    return visits.count() + messages.count()


def _next_runs(workspace: Workspace, now: datetime) -> list[NextRun]:
    active = Campaign.objects.filter(workspace=workspace, state=CampaignState.ACTIVE).select_related("version")
    found = [
        NextRun(campaign, next_run(campaign.definition.trigger, after=now))
        for campaign in active.readable()
        if isinstance(campaign.definition.trigger, ScheduleTrigger)
    ]
    return sorted(found, key=lambda run: run.at)


def _hourly(workspace: Workspace, today: datetime) -> list[int]:
    sent = Message.objects.filter(workspace=workspace, sent_at__gte=today, sent_at__lt=today + timedelta(days=1))
    counts = dict(sent.annotate(hour=ExtractHour("sent_at", tzinfo=VIETNAM)).values_list("hour").annotate(Count("id")))
    return [counts.get(hour, 0) for hour in range(24)]


def _last_days(workspace: Workspace, now: datetime) -> list[Day]:
    """The last seven local days. A message belongs to the day it left, a refused one to the day it was to leave."""
    first = local(now).date() - timedelta(days=6)
    left = _by_day(
        Message.objects.filter(workspace=workspace, sent_at__gte=at(first)),
        "sent_at",
        sent=Count("id", filter=~Q(state=MessageState.UNDELIVERED)),
        delivered=Count("id", filter=Q(state=MessageState.DELIVERED)),
        lost=Count("id", filter=Q(state=MessageState.UNDELIVERED)),
    )
    refused = _by_day(
        Message.objects.filter(campaign__workspace=workspace, state=MessageState.FAILED, due_at__gte=at(first)),
        "due_at",
        count=Count("id"),
    )
    days = [first + timedelta(days=offset) for offset in range(7)]
    return [_day(day, left.get(day, {}), refused.get(day, {})) for day in days]


def _by_day(messages: QuerySet[Message], moment: str, **counts: Count) -> dict[date, dict[str, int]]:
    rows = messages.annotate(day=TruncDate(moment, tzinfo=VIETNAM)).values_list("day").annotate(**counts)
    return {day: dict(zip(counts, numbers, strict=True)) for day, *numbers in rows}


def _day(day: date, left: dict[str, int], refused: dict[str, int]) -> Day:
    return Day(day, left.get("sent", 0), left.get("delivered", 0), left.get("lost", 0) + refused.get("count", 0))


def _attention(workspace: Workspace, unconfirmed: int, rows_in_error: int) -> list[tuple[str, str, tuple[object, ...]]]:
    lines: list[tuple[str, str, tuple[object, ...]]] = []
    for account in OfficialAccount.objects.filter(workspace=workspace):
        if account.blocked_reason:
            text = _("Zalo đang từ chối tài khoản {name}, tin của OA này đang chờ.")
            lines.append((text.format(name=account.name), "campaigns:connections", ()))
        elif account.grant_refused_at:
            text = _("Quyền gửi tin của {name} sắp hết hạn, cần kết nối lại.")
            lines.append((text.format(name=account.name), "campaigns:connections", ()))
    if unconfirmed:
        lines.append((_("{n} tin chưa rõ kết quả.").format(n=unconfirmed), "campaigns:messages", ()))
    if rows_in_error:
        lines.append((_("{n} dòng trong Google Sheet cần sửa.").format(n=rows_in_error), "datahub:errors", ()))
    return lines


def quota_page(*, workspace: Workspace, now: datetime) -> list[AccountQuota]:
    """Every account's gates as they stand now; a gate nobody passed today shows its whole limit."""
    accounts = OfficialAccount.objects.filter(workspace=workspace).order_by("name")
    return [
        AccountQuota(account, _lines(account, now, _gates(account, now), rules=_RULES), _deferred_today(account, now))
        for account in accounts
    ]


def _lines(
    account: OfficialAccount, now: datetime, gates: Sequence[Gate], *, rules: Iterable[str] = ("daily_quota",)
) -> list[QuotaLine]:
    """The windows of these rules that are open now, and those of the standing `gates` that no message has met yet."""
    order = list(rules)
    windows = QuotaWindow.objects.filter(account=account, ends_at__gt=now, rule__in=order).order_by("key")
    lines = [_line(account, window) for window in windows]
    met = {line.rule for line in lines}
    lines += [
        QuotaLine(account, rule, str(_RULES[rule]), 0, limit, limit, ends_at, None)
        for rule, limit, ends_at in gates
        if rule not in met
    ]
    return sorted(lines, key=lambda line: order.index(line.rule))


def _line(account: OfficialAccount, window: QuotaWindow) -> QuotaLine:
    drift = None if window.vendor_used is None else window.used - window.vendor_used
    return QuotaLine(
        account, window.rule, str(_RULES[window.rule]), window.used, window.limit, window.left, window.ends_at, drift
    )


def _daily_gate(account: OfficialAccount, now: datetime) -> Gate:
    return "daily_quota", account.daily_quota, next_midnight(now)


def _gates(account: OfficialAccount, now: datetime) -> list[Gate]:
    rules = policy(account.policy)
    gates = [_daily_gate(account, now)]
    share = rules.promotion.day_share_percent
    if share is not None and account.daily_quota is not None:
        gates.append(("promotion_day_quota", account.daily_quota * share // 100, next_midnight(now)))
    gates.append(("promotion_month_quota", promotion_month_quota(account, rules, now), next_month(now)))
    return gates


def _deferred_today(account: OfficialAccount, now: datetime) -> int:
    """Messages still waiting because a quota sent them on."""
    waiting = Message.objects.filter(account=account, state=MessageState.SCHEDULED, snoozes__gt=0, due_at__gt=now)
    return waiting.filter(reason_code__endswith="_quota").count()
