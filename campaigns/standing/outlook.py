"""An account's promotion quota ahead: next month's forecast, this month's burn-down, and what would earn more.

Finished days come from their StandingDay rows, the rest is counted; the arithmetic is `integrations/zalo/forecast.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate

from campaigns.definition import Definition, DelayStep, SendStep
from campaigns.guardfacts import promotion_month_quota
from campaigns.models import Campaign, Enrollment, Message, StandingDay
from campaigns.models.campaign import readable
from campaigns.standing import facts
from campaigns.states import OPEN, CampaignState, EnrollmentState, MessageState
from datahub.models import Record
from integrations.base import Tag
from integrations.models import MessageTemplate, OfficialAccount
from integrations.vietnam import VIETNAM, at, local, month_start
from integrations.zalo import forecast
from integrations.zalo.forecast import PACE_DAYS, BurnDown, CareFacts, EarnPlan, Forecast, Idle, IdleStep, Lookback

# What an idle step would send in a month: as many visits as were completed in the last one.
A_MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Outlook:
    """What the quota page shows of an account's promotion quota. `last_forecast` None: there was no month before."""

    forecast: Forecast
    burn_down: BurnDown
    plan: EarnPlan
    last_forecast: Lookback | None


@dataclass(frozen=True)
class _History:
    """Day → tag 1 and 2 that arrived, and day → promotion that was sent, today included."""

    care: Mapping[date, int]
    promotion: Mapping[date, int]


def outlook(account: OfficialAccount, now: datetime) -> Outlook:
    """Everything about the account's promotion quota ahead, in a constant number of questions."""
    today = local(now).date()
    rules, month = account.rules_on(today), month_start(today)
    history = _history(account, today)
    templates = {each.pk: each for each in MessageTemplate.objects.filter(account=account, tag__lt=Tag.PROMOTION)}
    care = _care_facts(account, history, today, planned=_planned(account, templates, month_start(today, 1)))
    limit = promotion_month_quota(account, rules, now)
    known = any(day < month_start(month, -1) and count for day, count in history.care.items())
    return Outlook(
        forecast=forecast.forecast(rules, care),
        burn_down=forecast.burn_down(limit, history.promotion, today),
        plan=forecast.earn_plan(rules, care, list(_idle_steps(account, templates, now))),
        last_forecast=forecast.look_back(rules, history.care, month) if known else None,
    )


def _care_facts(account: OfficialAccount, history: _History, today: date, *, planned: int) -> CareFacts:
    month = month_start(today)
    care = history.care
    return CareFacts(
        on=today,
        last_month=sum(count for day, count in care.items() if month_start(month, -1) <= day < month),
        so_far=sum(count for day, count in care.items() if month <= day),
        today=care.get(today, 0),
        planned=planned,
        week=sum(care.get(today - timedelta(days=back), 0) for back in range(1, PACE_DAYS + 1)),
        is_first_month=account.first_promotion_month is None,
    )


def _history(account: OfficialAccount, today: date) -> _History:
    """Three calendar months: two make a quota, and the one before them the forecast that was made of it.

    Counted from the first day that no StandingDay was written for; that is today, once the watch has gone on so long.
    """
    first, end = month_start(today, -2), today + timedelta(days=1)
    rows = {row.day: row for row in StandingDay.objects.filter(account=account, day__gte=first, day__lt=today)}
    days = [first + timedelta(days=offset) for offset in range((end - first).days)]
    since = next(day for day in days if day not in rows)
    arrived = facts.arrived_by_day(account, since, end)
    care = {day: rows[day].care_delivered for day in days if day < since}
    promotion = {day: rows[day].promotion_sent for day in days if day < since}
    return _History(
        care=care | {day: counts.care for day, counts in arrived.items()},
        promotion=promotion | facts.promotion_sent_by_day(account, since, end),
    )


def _planned(account: OfficialAccount, templates: Mapping[int, MessageTemplate], end: date) -> int:
    """Care messages on their way or still to come before the local day `end`, of active campaigns."""
    on_the_way = Message.objects.filter(
        account=account, tag__lt=Tag.PROMOTION, state__in=[*OPEN, MessageState.SENT], due_at__lt=at(end)
    ).filter(campaign__state=CampaignState.ACTIVE)
    enabled = {pk for pk, template in templates.items() if template.is_enabled}
    waiting = Enrollment.objects.filter(
        workspace_id=account.workspace_id,
        state=EnrollmentState.WAITING,
        campaign__state=CampaignState.ACTIVE,
        due_at__lt=at(end),
    )
    groups = list(
        waiting.annotate(day=TruncDate("due_at", tzinfo=VIETNAM), start=TruncDate("anchor_at", tzinfo=VIETNAM))
        .values_list("version", "position", "day", "start")
        .annotate(Count("id"))
    )
    definitions = readable({group[0] for group in groups})
    to_come: int = sum(
        count * _sends_before(definitions[version], position, day, start, enabled, end)
        for version, position, day, start, count in groups
        if version in definitions
    )
    return on_the_way.count() + to_come


def _sends_before(definition: Definition, position: int, due: date, start: date, care: set[int], end: date) -> int:
    """How many care messages a visit that waits at `position` until `due` still gets before `end`, by whole days.

    A later step that counts from another date than these is left out: when it comes is not known here.
    """
    day, sends = due, 0
    here = definition.steps[position] if position < len(definition.steps) else None
    for step in definition.steps[position:]:
        if isinstance(step, DelayStep) and step is not here:
            if step.anchor == "enrolled":
                day = start + timedelta(minutes=step.minutes)
            elif isinstance(here, DelayStep) and step.anchor == here.anchor:
                day = due + timedelta(minutes=step.minutes - here.minutes)
            else:
                break
        if day >= end:
            break
        if isinstance(step, SendStep):
            sends += step.template in care
    return sends


def _idle_steps(
    account: OfficialAccount, templates: Mapping[int, MessageTemplate], now: datetime
) -> Iterable[IdleStep]:
    """Send steps of care messages that exist in the clinic's campaigns and send nothing."""
    done = Record.objects.filter(workspace_id=account.workspace_id, completed_at__gte=now - A_MONTH)
    visits = dict(done.values_list("dataset").annotate(Count("id")))
    campaigns = Campaign.objects.filter(workspace_id=account.workspace_id, version__isnull=False)
    for campaign in campaigns.select_related("version").readable():
        for step in campaign.definition.sends:
            why = _why_idle(campaign, step, templates)
            if why:
                yield IdleStep(campaign.pk, campaign.name, step.key, why, visits.get(campaign.dataset_id, 0))


def _why_idle(campaign: Campaign, step: SendStep, templates: Mapping[int, MessageTemplate]) -> Idle | None:
    if step.template is not None and step.template not in templates:
        return None  # another account's, or promotion
    if campaign.state == CampaignState.PAUSED:
        return Idle.PAUSED
    if campaign.state == CampaignState.DRAFT:
        return Idle.DRAFT
    if step.template is None:
        return Idle.NO_TEMPLATE
    return None if templates[step.template].is_enabled else Idle.TEMPLATE_OFF
