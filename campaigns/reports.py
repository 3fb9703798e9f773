"""Figures for the first page. Everything is counted from rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import ExtractHour, TruncDate

from accounts.models import Workspace
from campaigns.attention import Line, attention
from campaigns.definition import ScheduleTrigger
from campaigns.gates import QuotaLine, daily_lines
from campaigns.models import Campaign, Enrollment, Message
from campaigns.schedule import next_run
from campaigns.states import OPEN, CampaignState, EnrollmentState, MessageState
from datahub.models import SheetRow
from integrations.models import OfficialAccount
from integrations.vietnam import VIETNAM, at, local


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
    attention: list[Line]


def overview(*, workspace: Workspace, now: datetime) -> Overview:
    """What an admin looks at first."""
    hourly = _hourly(workspace, at(local(now).date()))
    days = _last_days(workspace, now)
    unconfirmed = Message.objects.filter(workspace=workspace, state=MessageState.UNCONFIRMED).count()
    rows_in_error = SheetRow.objects.filter(workspace=workspace, accepted=False).count()
    accounts = list(OfficialAccount.objects.filter(workspace=workspace).order_by("name", "pk"))
    return Overview(
        sent_today=sum(hourly),
        delivered_today=days[-1].delivered,
        waiting=_waiting(workspace),
        unconfirmed=unconfirmed,
        rows_in_error=rows_in_error,
        quotas=daily_lines(accounts, now),
        next_runs=_next_runs(workspace, now),
        hourly=hourly,
        last_7_days=days,
        attention=attention(accounts, unconfirmed, rows_in_error, now),
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
