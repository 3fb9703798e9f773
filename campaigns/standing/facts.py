"""What the pure rules of standing are made from, read in a constant number of questions. Days are Vietnam's."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from campaigns.guardfacts import BY_TEMPLATE
from campaigns.models import Message, ReportCount
from integrations.base import Tag
from integrations.models import OfficialAccount, QuotaChange
from integrations.vietnam import VIETNAM, at, local
from integrations.zalo import standing
from integrations.zalo.policy import ZaloPolicy
from integrations.zalo.standing import Standing

# A phone that was off receives what was sent days ago; bounds the search by the index on `sent_at`.
LATEST_ARRIVAL = timedelta(days=7)


@dataclass(frozen=True)
class Arrived:
    """Messages that arrived on one day: tag 1 and 2, and tag 3."""

    care: int = 0
    promotion: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.care + self.promotion


def newest_standing(entries: Iterable[ReportCount]) -> ReportCount | None:
    """Of one day's entries, oldest first, the newest positive one that was not taken back; None when there is none.

    Taking back adds the opposite of its template's newest such entry: the two cancel each other. Any other negative
    entry is a correction; what it leaves less of than an entry told cannot be taken back whole, so None then too.
    """
    stands: dict[int | None, list[ReportCount]] = defaultdict(list)
    totals: Counter[int | None] = Counter()
    for entry in entries:
        of_template = stands[entry.template_id]
        totals[entry.template_id] += entry.count
        if entry.count > 0:
            of_template.append(entry)
        elif of_template and of_template[-1].count == -entry.count:
            of_template.pop()
    newest = max((of_one[-1] for of_one in stands.values() if of_one), key=lambda entry: entry.pk, default=None)
    return newest if newest and totals[newest.template_id] >= newest.count else None


def arrived_by_day(account: OfficialAccount, first: date, end: date) -> dict[date, Arrived]:
    """Day → what arrived, from `first` until before `end`; a day without any is left out."""
    arrived = _counted(account).filter(
        sent_at__gte=at(first) - LATEST_ARRIVAL, delivered_at__gte=at(first), delivered_at__lt=at(end)
    )
    care, promotion = Count("id", filter=Q(tag__lt=Tag.PROMOTION)), Count("id", filter=Q(tag=Tag.PROMOTION))
    rows = arrived.annotate(day=TruncDate("delivered_at", tzinfo=VIETNAM)).values_list("day")
    return {day: Arrived(*counts) for day, *counts in rows.annotate(care=care, promotion=promotion)}


def promotion_sent_by_day(account: OfficialAccount, first: date, end: date) -> dict[date, int]:
    """Day → promotion messages that Zalo took on it, from `first` until before `end`."""
    sent = _counted(account).filter(tag=Tag.PROMOTION, sent_at__gte=at(first), sent_at__lt=at(end))
    rows = sent.annotate(day=TruncDate("sent_at", tzinfo=VIETNAM)).values_list("day")
    return dict(rows.annotate(Count("id")))


def reports_by_day(account: OfficialAccount, first: date, end: date) -> dict[date, int]:
    """Day → reports, corrections taken off, from `first` until before `end`."""
    told = ReportCount.objects.filter(account=account, day__gte=first, day__lt=end)
    return {day: max(0, count) for day, count in told.values_list("day").annotate(Sum("count"))}


def reports_by_template(account: OfficialAccount, day: date) -> Counter[int | None]:
    """MessageTemplate id → reports of that day; None is those told of no template."""
    told = ReportCount.objects.filter(account=account, day=day)
    return Counter({key: max(0, count) for key, count in told.values_list("template").annotate(Sum("count"))})


def reports_of_all(day: date) -> dict[int, int]:
    """Account id → reports of that day."""
    told = ReportCount.objects.filter(day=day).values_list("account").annotate(Sum("count"))
    return {account: max(0, count) for account, count in told}


def standing_now(account: OfficialAccount, rules: ZaloPolicy, reports_today: int, now: datetime) -> Standing:
    """Where the account stands. A lowering that Zalo told of today and that today's reports explain was the penalty:
    we must not take a second step for the same reports."""
    today = local(now).date()
    told = QuotaChange.objects.filter(account=account, cause=QuotaChange.Cause.TOLD, at__gte=at(today), at__lte=now)
    lowered = any(
        is_lower(change.after, change.before) and standing.penalty_due(rules, change.before, reports_today)
        for change in told
    )
    return Standing(
        daily_quota=account.daily_quota,
        first_sent_on=account.first_sent_on,
        changed_on=account.quota_changed_on,
        penalised_on=today if lowered else account.penalised_on,
    )


class QuotaHistory:
    """How an account stood at the end of past days, from the changes written down since `first`."""

    def __init__(self, account: OfficialAccount, first: date) -> None:
        self._account = account
        self._newest_first = list(QuotaChange.objects.filter(account=account, at__gte=at(first)).order_by("-at", "-id"))
        earlier = QuotaChange.objects.filter(account=account, at__lt=at(first)).aggregate(last=Max("at"))["last"]
        self._changed_on = local(earlier).date() if earlier else None
        if not self._newest_first:
            self._changed_on = account.quota_changed_on

    def at_end_of(self, day: date) -> Standing:
        """Its quota and its last change as the day ended."""
        quota, changed_on = self._account.daily_quota, self._changed_on
        for change in self._newest_first:
            if local(change.at).date() <= day:
                changed_on = local(change.at).date()
                break
            quota = change.before
        return Standing(quota, self._account.first_sent_on, changed_on)


def week_before(arrived: Mapping[date, Arrived], day: date, days: int) -> int:
    """How many messages arrived in the `days` days before `day`."""
    return sum(arrived.get(day - timedelta(days=back), Arrived()).total for back in range(1, days + 1))


def is_lower(after: int | None, before: int | None) -> bool:
    """Whether a daily quota is lower than another; None is unlimited."""
    return after is not None and (before is None or after < before)


def _counted(account: OfficialAccount) -> QuerySet[Message]:
    return Message.objects.filter(workspace_id=account.workspace_id, account=account, channel__in=BY_TEMPLATE)
