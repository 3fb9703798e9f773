"""The page of one account: where it stands on Zalo's ladder, how near a penalty is, and how it came here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from campaigns.models import ReportCount, StandingDay
from campaigns.standing import facts
from integrations.base import Brake
from integrations.models import MessageTemplate, OfficialAccount, QuotaChange
from integrations.vietnam import local
from integrations.zalo import standing, windows
from integrations.zalo.policy import ZaloPolicy
from integrations.zalo.standing import LOW, Standing, Week

DAYS = 60
STEPS = 12
ENTRIES = 10


class Rung(NamedTuple):
    """One step of the ladder, the highest first. `goes` is where the next judgement would move the account."""

    quota: int | None
    is_here: bool
    is_start: bool
    opens_promotion: bool
    goes: str
    is_off_ladder: bool = False


@dataclass(frozen=True)
class Judgement:
    """The next judgement, `days` from today, of what arrives from `first` until before `on`.

    `needed` is None at the top of the ladder; `after` is the daily quota it would give as things stand.
    """

    on: date
    days: int
    first: date
    last: date
    delivered: int
    needed: int | None
    after: int | None
    moves: str

    @property
    def missing(self) -> int:
        """How many more must arrive for a step up."""
        return max(0, (self.needed or 0) - self.delivered)


class Mark(NamedTuple):
    """A number of reports at which something happens, and how many more it takes. No brake is the penalty."""

    brake: Brake | None
    at: int
    left: int


@dataclass(frozen=True)
class ReportsToday:
    """Today's reports. No marks: the account is unlimited, and nobody knows what 2 % of it is."""

    total: int
    marks: list[Mark]
    safe: int | None


class Braked(NamedTuple):
    """A template that is poor or held back, with its own reports of today."""

    template: MessageTemplate
    reports: int


@dataclass(frozen=True)
class AccountStanding:
    """How an account stands now.

    `is_judged` says that our rules gave a quota this morning and nothing has moved the account since; `expected` is
    their row where Zalo says otherwise. `slow_places` are those of an hour, where a brake slows the account.
    """

    account: OfficialAccount
    rules: ZaloPolicy
    covers_today: bool
    rungs: list[Rung]
    judgement: Judgement
    reports: ReportsToday
    brake: Brake
    slow_places: int | None
    templates: list[Braked]
    expected: StandingDay | None
    is_judged: bool


@dataclass(frozen=True)
class AccountHistory:
    """How it came here: the last sixty finished days (None: nothing was written), its steps, and today's entries.

    `undoes` is the entry that Hoàn tác would take back, None where there is none.
    """

    first: date
    middle: date
    last: date
    days: list[tuple[date, StandingDay | None]]
    steps: list[QuotaChange]
    entries: list[ReportCount]
    undoes: ReportCount | None


def account_standing(account: OfficialAccount, now: datetime) -> AccountStanding:
    """Where the account stands, in a constant number of questions."""
    today = local(now).date()
    rules, by_template = account.rules_on(today), facts.reports_by_template(account, today)
    stood = facts.standing_now(account, rules, by_template.total(), now)
    judgement, judged = _judgement(account, rules, stood, today), _judged(account, today)
    templates = account.templates.listed().order_by("name", "pk")
    return AccountStanding(
        account=account,
        rules=rules,
        covers_today=rules.covers(today),
        rungs=_rungs(rules, account.daily_quota, judgement),
        judgement=judgement,
        reports=_reports(rules, account.daily_quota, by_template.total()),
        brake=Brake(account.brake),
        slow_places=_slow_places(account, rules),
        templates=[Braked(each, by_template[each.pk]) for each in templates if each.brake or each.quality == LOW],
        expected=judged if judged and judged.expected_quota != account.daily_quota else None,
        is_judged=judged is not None,
    )


def account_history(account: OfficialAccount, now: datetime) -> AccountHistory:
    """What the last sixty finished days were like."""
    today = local(now).date()
    first, last = today - timedelta(days=DAYS), today - timedelta(days=1)
    rows = {row.day: row for row in StandingDay.objects.filter(account=account, day__gte=first, day__lt=today)}
    days = [first + timedelta(days=offset) for offset in range(DAYS)]
    entered = ReportCount.objects.filter(account=account, day=today).select_related("template", "entered_by")
    entries = list(entered.order_by("-id"))
    undoes = facts.newest_standing(reversed(entries))
    return AccountHistory(
        first=first,
        middle=first + timedelta(days=DAYS // 2),
        last=last,
        days=[(day, rows.get(day)) for day in days],
        steps=list(QuotaChange.objects.filter(account=account).order_by("-at", "-id")[:STEPS]),
        # However far back it is, what can be taken back is listed with its button.
        entries=[entry for index, entry in enumerate(entries) if index < ENTRIES or entry == undoes],
        undoes=undoes,
    )


def _judged(account: OfficialAccount, today: date) -> StandingDay | None:
    """Yesterday's row with this morning's judgement, unless something has moved the account since."""
    if account.quota_changed_on == today:
        return None
    return StandingDay.objects.filter(account=account, day=today - timedelta(days=1)).first()


def _slow_places(account: OfficialAccount, rules: ZaloPolicy) -> int | None:
    if account.daily_quota is None or account.brake not in (Brake.SLOW, Brake.HOLD_PROMOTION):
        return None
    return windows.slow_places(account.daily_quota, rules.brake.slow_hour_percent)


def _judgement(account: OfficialAccount, rules: ZaloPolicy, stood: Standing, today: date) -> Judgement:
    """This morning's is over, so the next one is tomorrow's at the earliest."""
    on = standing.next_judgement(rules, stood, today + timedelta(days=1))
    window = rules.standing.window_days
    first, end = on - timedelta(days=window), today + timedelta(days=1)
    delivered = sum(day.total for day in facts.arrived_by_day(account, first, end).values()) if first < end else 0
    after = standing.judge(rules, stood, Week(account.quality_7d, delivered), on).daily_quota
    moves = "stay"
    if after != account.daily_quota:
        moves = "down" if facts.is_lower(after, account.daily_quota) else "up"
    return Judgement(
        on=on,
        days=(on - today).days,
        first=first,
        last=on - timedelta(days=1),
        delivered=delivered,
        needed=standing.needed_for_step_up(rules, account.daily_quota),
        after=after,
        moves=moves,
    )


def _rungs(rules: ZaloPolicy, quota: int | None, judgement: Judgement) -> list[Rung]:
    """Every step, the highest first, and the account's own quota between them where it is none of them."""
    off = quota not in rules.ladder
    every = [*rules.ladder, quota] if off else list(rules.ladder)
    opens = rules.promotion.opens_at_quota
    return [
        Rung(
            quota=step,
            is_here=step == quota,
            is_start=step == rules.start,
            opens_promotion=bool(opens) and step == opens,
            goes=judgement.moves if judgement.moves != "stay" and step == judgement.after else "",
            is_off_ladder=off and step == quota,
        )
        for step in sorted(every, key=lambda step: (step is not None, -(step or 0)))
    ]


def _reports(rules: ZaloPolicy, quota: int | None, total: int) -> ReportsToday:
    if quota is None:
        return ReportsToday(total, [], None)
    penalty = standing.reports_until_penalty(rules, quota, 0) or 0
    marks: list[tuple[Brake | None, int]] = [*standing.brake_marks(rules, quota), (None, penalty)]
    safe = int(quota * rules.standing.safe_report_percent / 100)
    return ReportsToday(total, [Mark(brake, at, max(0, at - total)) for brake, at in marks], safe)
