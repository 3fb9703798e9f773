"""The rounds that Zalo makes on its own: hourly penalty, judgement at midnight, quality, templates put out of use.

Only accounts with `standing_is_live` are moved. `Account.judged_on` is the last day that a round has looked at: after a
jump of the clock each day since is judged by itself, in order, as if somebody had been there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction

from sandbox import vietnam
from sandbox.models import Account, Counter, Template
from sandbox.zalo import events, ladder, limits, outbox, quota, tallies
from sandbox.zalo.ladder import Standing
from sandbox.zalo.tallies import ONE_DAY, Tally

_LAST_ROUND = "standing:round"  # the counter that holds the hour of the last one
POOR_TEMPLATE = "Mẫu ZNS bị vô hiệu hoá do chất lượng gửi thấp"


@dataclass(frozen=True)
class Step:
    """One move on the ladder at a moment (UTC)."""

    before: int | None
    after: int | None
    at: datetime


def run_hourly(now: datetime) -> int:
    """`advance`, once an hour however often it is asked and by how many processes; how many accounts moved."""
    hour = int(now.timestamp()) // 3600
    if Counter.objects.filter(key=_LAST_ROUND, used__gte=hour).exists():
        return 0
    Counter.objects.get_or_create(key=_LAST_ROUND)
    ours = Counter.objects.filter(key=_LAST_ROUND, used__lt=hour).update(used=hour)
    return advance(now) if ours else 0


def advance(now: datetime) -> int:
    """Bring every live account up to `now` (UTC): penalties, judgements, quality; returns how many moved on the ladder.

    Asked again at the same moment it changes nothing. An account that another round has moved meanwhile is left to it.
    """
    return sum(_bring_up(account, now) for account in Account.objects.filter(standing_is_live=True).order_by("id"))


def _bring_up(account: Account, now: datetime) -> bool:
    today = vietnam.local(now).date()
    since = account.judged_on or vietnam.local(account.created_at).date()
    if since > today:
        return False
    tally = tallies.read(account.oa_id, since=since - ONE_DAY * ladder.WINDOW_DAYS, until=today)
    start = Standing(
        account.daily_quota,
        account.first_sent_on or tallies.first_day(account.oa_id),
        account.quota_changed_on,
        account.penalised_on,
    )
    end, steps = _replay(account, start, tally, since, now)
    with transaction.atomic(using="sandbox"):
        if not _keep(account, end, tally, today):
            return False
        for step in steps:
            _tell(account, step)
        _look_at_templates(account, tally, today, now)
    return bool(steps)


def _replay(
    account: Account, standing: Standing, tally: Tally, since: date, now: datetime
) -> tuple[Standing, list[Step]]:
    """Every day from `since` to today: the judgement at its midnight, unless it was made, then its penalty."""
    steps: list[Step] = []

    def move(to: Standing, at: datetime) -> Standing:
        if to.daily_quota != standing.daily_quota:
            steps.append(Step(standing.daily_quota, to.daily_quota, at))
        return to

    for day in tallies.days(since, vietnam.local(now).date()):
        if day != account.judged_on:
            reports, delivered = _week(tally, day)
            word = ladder.quality(reports, delivered)
            judged = ladder.judge(account.policy, standing, quality=word, delivered=delivered, day=day)
            standing = move(judged, _midnight(day))
        reports = tally.reports([day])
        penalised = ladder.penalise(account.policy, standing, reports=reports, day=day)
        standing = move(penalised, min(now, _midnight(day + ONE_DAY) - timedelta(seconds=1)))
    return standing, steps


def _week(tally: Tally, day: date) -> tuple[int, int]:
    """Reports and deliveries of the seven whole days before `day`."""
    week = list(tallies.days(day - ONE_DAY * ladder.WINDOW_DAYS, day - ONE_DAY))
    return tally.reports(week), tally.delivered(week)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), vietnam.VIETNAM)


def _keep(account: Account, standing: Standing, tally: Tally, today: date) -> bool:
    """Write down what the round found. False if another round was faster; without a change nothing is written."""
    current = list(tallies.days(today - ONE_DAY * (ladder.CURRENT_DAYS - 1), today))
    found = {
        "daily_quota": standing.daily_quota,
        "first_sent_on": standing.first_sent_on,
        "quota_changed_on": standing.changed_on,
        "penalised_on": standing.penalised_on,
        "judged_on": today,
        "quality_now": ladder.quality(tally.reports(current), tally.delivered(current)),
        "quality_7d": ladder.quality(*_week(tally, today)),
    }
    if all(getattr(account, name) == value for name, value in found.items()):
        return True
    as_read = Account.objects.filter(
        id=account.id,
        daily_quota=account.daily_quota,
        judged_on=account.judged_on,
        penalised_on=account.penalised_on,
    )
    return as_read.update(**found) == 1


def _tell(account: Account, step: Step) -> None:
    moved = events.change_oa_daily_quota(oa_id=account.oa_id, before=step.before, after=step.after)
    outbox.queue(account, "change_oa_daily_quota", moved, at=step.at)
    before, after = (_tags(account, daily_quota) for daily_quota in (step.before, step.after))
    if before == after:
        return
    names = [[limits.TAG_NAMES[tag] for tag in tags] for tags in (before, after)]
    tags = events.change_oa_template_tags(oa_id=account.oa_id, before=names[0], after=names[1])
    outbox.queue(account, "change_oa_template_tags", tags, at=step.at)
    quota.note_tags(account, after, step.at)


def _tags(account: Account, daily_quota: int | None) -> list[int]:
    return limits.tags_allowed(account.policy, daily_quota, account.allowed_tags)


def _look_at_templates(account: Account, tally: Tally, today: date, now: datetime) -> None:
    """Tell of templates whose quality is another than before; a poor one is put out of use at once."""
    week = list(tallies.days(today - ONE_DAY * (ladder.WINDOW_DAYS - 1), today))
    if not tally.reports(week) and not account.templates.exclude(quality=ladder.HIGH).exists():
        return
    for template, quality in _changed_templates(account, week):
        account.templates.filter(id=template.id).update(quality=quality)
        fields = events.change_template_quality(oa_id=account.oa_id, template_id=template.template_id, quality=quality)
        outbox.queue(account, "change_template_quality", fields, at=now)
        if quality == ladder.LOW and template.status == Template.Status.ENABLE:
            _put_out_of_use(account, template, now)


def _changed_templates(account: Account, week: list[date]) -> Iterator[tuple[Template, str]]:
    """With the new quality. A template that sent nothing in the week keeps the quality that it had."""
    templates = list(account.templates.order_by("id"))
    counts = tallies.of_templates([each.template_id for each in templates], since=week[0], until=week[-1])
    for template in templates:
        quality = ladder.quality(*counts[template.template_id])
        if quality not in (ladder.UNDEFINED, template.quality):
            yield template, quality


def _put_out_of_use(account: Account, template: Template, now: datetime) -> None:
    moved = account.templates.filter(id=template.id, status=Template.Status.ENABLE).update(
        status=Template.Status.DISABLE, reason=POOR_TEMPLATE
    )
    if moved:
        fields = events.change_template_status(
            oa_id=account.oa_id,
            template_id=template.template_id,
            before=Template.Status.ENABLE.name,
            after=Template.Status.DISABLE.name,
            reason=POOR_TEMPLATE,
        )
        outbox.queue(account, "change_template_status", fields, at=now)
