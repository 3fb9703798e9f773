"""The limits an account lives under at a moment, and taking from them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox import vietnam
from sandbox.models import Account, Template
from sandbox.zalo import counters, limits


@dataclass(frozen=True)
class Claim:
    """One place under one limit, and Zalo's code when there is none left."""

    key: str
    limit: int | None
    code: int


def day_counter(oa_id: str, moment: datetime) -> str:
    """The key that counts every send of a Vietnamese day."""
    return f"{oa_id}:day:{vietnam.day_key(moment)}"


def undelivered_counter(oa_id: str, month: str) -> str:
    """The key that counts tag 1 and 2 of a month that never arrived."""
    return f"{oa_id}:undelivered:{month}"


def promotion_counter(oa_id: str, month: str) -> str:
    """The key that counts tag 3 of a month."""
    return f"{oa_id}:month3:{month}"


def user_counter(oa_id: str, phone: str, month: str) -> str:
    """The key that counts tag 3 of a month to one user."""
    return f"{oa_id}:{phone}:month3:{month}"


def template_counter(template_id: str, moment: datetime) -> str:
    """The key that counts the sends of one template in a Vietnamese day."""
    return f"template:{template_id}:day:{vietnam.day_key(moment)}"


def claims(account: Account, template: Template, phone: str, *, beyond: bool, now: datetime) -> Iterator[Claim]:
    """What one send takes, in the order Zalo asks: the user, the account's day, the template, the promotion month.

    `beyond` is sending_mode "3": counted, but past the promotion quota of the month.
    """
    oa, day, month = account.oa_id, vietnam.day_key(now), vietnam.month_key(now)
    promotion = template.tag == limits.PROMOTION
    if promotion:
        yield Claim(user_counter(oa, phone, month), account.promo_user_month_cap, -1471)
    yield Claim(day_counter(oa, now), account.daily_quota, -144)
    if promotion and (share := limits.promotion_day_limit(account.policy, account.daily_quota)) is not None:
        yield Claim(f"{oa}:day3:{day}", share, -144)
    # Counted without a limit too: a template's quality is its reports on so many sends.
    yield Claim(template_counter(template.template_id, now), template.daily_quota, -147)
    if promotion:
        yield Claim(promotion_counter(oa, month), None if beyond else promotion_month_limit(account, now), -1441)


def promotion_month_limit(account: Account, now: datetime) -> int:
    """Tag 3 allowed in the month of `now`."""
    return limits.promotion_month_limit(
        0 if account.promo_month_quota is not None else delivered(account.oa_id, now, months_back=(1, 2)),
        first_month=account.promo_bonus_month == vietnam.month_key(now),
        fixed=account.promo_month_quota,
    )


def note_tags(account: Account, tags: Collection[int], at: datetime) -> None:
    """The account may send these tags from `at` on: the month in which tag 3 opens for the first time has the bonus."""
    if limits.PROMOTION in tags:
        never = Account.objects.filter(id=account.id, promo_bonus_month="")
        never.update(promo_bonus_month=vietnam.month_key(at))


def delivered(oa_id: str, now: datetime, *, months_back: tuple[int, ...]) -> int:
    """Tag 1 and 2 that arrived, in the calendar months so many before that of `now` (0 is this month, so far).

    Worked out as sends less promotions less the few that never arrived: it costs a send no counter of its own.
    """
    months = [vietnam.month_key(now, back) for back in months_back]
    less = [key(oa_id, month) for month in months for key in (promotion_counter, undelivered_counter)]
    sent = [f"{oa_id}:day:{month}-{day:02}" for month in months for day in range(1, 32)]
    used = counters.used(sent + less)
    return sum(used[key] for key in sent) - sum(used[key] for key in less)


def standing(account: Account, now: datetime) -> dict[str, Any]:
    """`data` of GET /message/quota: numbers, the two day fields for promotion null (zalo-api §3)."""
    month = vietnam.month_key(now)
    day, promotion = day_counter(account.oa_id, now), promotion_counter(account.oa_id, month)
    used = counters.used([day, promotion])
    monthly = promotion_month_limit(account, now)
    fixed = account.promo_month_quota
    next_month = limits.promotion_month_limit(
        0 if fixed is not None else delivered(account.oa_id, now, months_back=(0, 1)), first_month=False, fixed=fixed
    )
    return {
        "dailyQuota": account.daily_quota,
        "remainingQuota": remaining(account.daily_quota, used[day]),
        "dailyQuotaPromotion": None,
        "remainingQuotaPromotion": None,
        "monthlyPromotionQuota": monthly,
        "remainingMonthlyPromotionQuota": remaining(monthly, used[promotion]),
        "estimatedNextMonthPromotionQuota": next_month,
    }


def remaining(limit: int | None, used: int) -> int | None:
    """What is left, never less than 0; None of no limit."""
    return None if limit is None else max(0, limit - used)
