"""Watching where an account stands: the hourly check, the nightly judgement, the brake, and reports typed in by hand.

Zalo decides; we follow (`change_quota(TOLD)`). What our own counts say it is about to take away is taken away here at
once; what it is about to give is only shown as expected until Zalo says so.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max, Sum

from accounts.audit import record_audit
from accounts.models import User
from campaigns.models import ReportCount, StandingDay
from campaigns.standing import facts
from integrations.base import Brake, Clock, Tag
from integrations.models import MessageTemplate, OfficialAccount, QuotaChange
from integrations.vietnam import local
from integrations.zalo import standing
from integrations.zalo.quota_changes import change_quota
from integrations.zalo.standing import Standing, Week

# Counts of a finished day still grow by late receipts and corrections: they are written anew for so long.
SETTLES_IN_DAYS = 7
_COUNTS = ["delivered", "care_delivered", "promotion_sent", "reports"]


def hourly(account: OfficialAccount, clock: Clock) -> None:
    """Take a predicted penalty at once, and set the brake by today's reports: at midnight that lifts it."""
    now = clock.now()
    account.refresh_from_db()
    today = local(now).date()
    rules, reports = account.rules_on(today), facts.reports_by_template(account, today).total()
    before = facts.standing_now(account, rules, reports, now)
    after = standing.penalise(rules, before, reports, today)
    if after is not before:
        change_quota(account, after=after.daily_quota, cause=QuotaChange.Cause.PENALTY, at=now)
    rebrake(account, now)


def nightly(account: OfficialAccount, clock: Clock) -> None:
    """Write a StandingDay for every finished local day that has none yet, and take a step down that is due this morning.

    After an outage several days are written; only the last of their judgements is about today.
    """
    now = clock.now()
    account.refresh_from_db()
    today = local(now).date()
    written = StandingDay.objects.filter(account=account).aggregate(last=Max("day"))["last"]
    yesterday = today - timedelta(days=1)
    first = written + timedelta(days=1) if written else account.first_sent_on or yesterday
    if first > yesterday:
        return
    settling = min(first, today - timedelta(days=SETTLES_IN_DAYS))
    days = _standing_days(account, max(settling, account.first_sent_on or first), first, today)
    with transaction.atomic():
        StandingDay.objects.bulk_create(
            days, update_conflicts=True, unique_fields=["account", "day"], update_fields=_COUNTS
        )
        judged = days[-1].expected_quota
        # Not where Zalo has spoken this morning already.
        if account.quota_changed_on != today and facts.is_lower(judged, account.daily_quota):
            change_quota(account, after=judged, cause=QuotaChange.Cause.STEP_DOWN, at=now)
    rebrake(account, now)


def enter_reports(
    *, account: OfficialAccount, template: MessageTemplate | None, count: int, actor: User | None, now: datetime
) -> int | None:
    """A person tells of `count` reports of today; a negative count takes a mistake back. The brake follows at once.

    Returns the day's total for this template (or for none) as it now is, or None, with nothing written, where more
    would be taken back than was told. Raises ValueError for another account's template.
    """
    if template is not None and template.account_id != account.pk:
        raise ValueError("the template belongs to another account")
    today = local(now).date()
    with transaction.atomic():
        OfficialAccount.objects.select_for_update().only("pk").get(pk=account.pk)
        told = ReportCount.objects.filter(account=account, template=template, day=today)
        total = (told.aggregate(total=Sum("count"))["total"] or 0) + count
        if total < 0:
            return None
        ReportCount.objects.create(account=account, template=template, day=today, count=count, entered_by=actor, at=now)
        record_audit(
            workspace=account.workspace,
            actor=actor,
            action="account.reports",
            subject=account.oa_id,
            now=now,
            count=count,
            template=template.template_id if template else "",
        )
        rebrake(account, now)
    return total


@transaction.atomic
def take_back(*, account: OfficialAccount, entry_id: int, actor: User | None, now: datetime) -> bool:
    """Undo today's newest entry that stands with its opposite; the brake follows. False, with nothing written, for any other.

    Only the newest, so that one pressed twice undoes once.
    """
    OfficialAccount.objects.select_for_update().only("pk").get(pk=account.pk)
    entered = ReportCount.objects.filter(account=account, day=local(now).date())
    last = facts.newest_standing(entered.select_related("template").order_by("id"))
    if last is None or last.pk != entry_id:
        return False
    done = enter_reports(account=account, template=last.template, count=-last.count, actor=actor, now=now)
    return done is not None


@transaction.atomic
def rebrake(account: OfficialAccount, now: datetime) -> None:
    """Set the brake of the account and of each of its templates by today's reports; a change is written down."""
    today = local(now).date()
    held = OfficialAccount.objects.select_for_update().only("brake", "daily_quota").get(pk=account.pk)
    rules, reports = account.rules_on(today), facts.reports_by_template(account, today)
    account.brake = standing.brake_for(rules, held.daily_quota, reports.total())
    if held.brake != account.brake:
        OfficialAccount.objects.filter(pk=account.pk).update(brake=account.brake)
        _audit(account, "account.brake", account.oa_id, held.brake, account.brake, reports.total(), now)
    changed = []
    for template in MessageTemplate.objects.filter(account=account).only("template_id", "tag", "quality", "brake"):
        was, own = template.brake, reports[template.pk]
        template.brake = standing.template_brake_for(
            rules, held.daily_quota, tag=Tag(template.tag), reports_today=own, quality=template.quality
        )
        if template.brake != was:
            changed.append(template)
            _audit(account, "template.brake", template.template_id, was, template.brake, own, now)
    MessageTemplate.objects.bulk_update(changed, ["brake"])


def _audit(
    account: OfficialAccount, action: str, subject: str, before: int, after: int, reports: int, now: datetime
) -> None:
    names = {"before": Brake(before).name.lower(), "after": Brake(after).name.lower()}
    record_audit(
        workspace=account.workspace, actor=None, action=action, subject=subject, now=now, reports=reports, **names
    )


def _standing_days(account: OfficialAccount, start: date, first: date, today: date) -> list[StandingDay]:
    """One row for each day from `start` until yesterday; those from `first` on are judged, the others only counted."""
    window = account.rules_on(today).standing.window_days
    arrived = facts.arrived_by_day(account, start - timedelta(days=window), today)
    promotion = facts.promotion_sent_by_day(account, start, today)
    reports = facts.reports_by_day(account, start, today)
    history = facts.QuotaHistory(account, start)
    rows = []
    for offset in range((today - start).days):
        day = start + timedelta(days=offset)
        stood, here = history.at_end_of(day), arrived.get(day, facts.Arrived())
        row = StandingDay(
            account=account,
            day=day,
            daily_quota=stood.daily_quota,
            expected_quota=stood.daily_quota,
            quality_7d=account.quality_7d,
            delivered=here.total,
            care_delivered=here.care,
            promotion_sent=promotion.get(day, 0),
            reports=reports.get(day, 0),
        )
        if day >= first:
            row.expected_quota = _judged(
                account, stood, facts.week_before(arrived, day + timedelta(days=1), window), day
            )
        rows.append(row)
    return rows


def _judged(account: OfficialAccount, stood: Standing, delivered: int, day: date) -> int | None:
    """What the rules give on the morning after `day`."""
    morning = day + timedelta(days=1)
    week = Week(account.quality_7d, delivered)
    return standing.judge(account.rules_on(morning), stood, week, morning).daily_quota
