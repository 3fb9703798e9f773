"""PURE. The windows one send takes a place in: Zalo's quotas, our brake and the clinic's own caps, each with a key, a limit and an end.

Keys name the day, the month and the person, never the set of rules: a window is the same one under the next rules.
Days, months, weeks and hours are Vietnam's. Phones are hashed: a limiter's key outlives the erasure of the person.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256

from integrations.base import AccountFacts, Brake, Cap, Claim, SendFacts, Tag
from integrations.vietnam import at, local, next_midnight, next_month
from integrations.zalo.rules import ChatRules, PromotionRules

# The limit of a window without one: more than anybody sends, and the database can count with it.
UNLIMITED = 1_000_000_000


def day_claims(account: AccountFacts, now: datetime) -> Iterator[Claim]:
    """The account's own day. An unlimited one has it too: Zalo may say that it is used up all the same."""
    limit = UNLIMITED if account.daily_quota is None else account.daily_quota
    yield Claim(_day(account, "day", now), "daily_quota", limit, next_midnight(now))


def reserve_claims(account: AccountFacts, send: SendFacts, now: datetime) -> Iterator[Claim]:
    """The part of the day that every other tag shares when the clinic keeps some of it for transactions."""
    if account.daily_quota is None or not account.tag_one_reserve or send.tag == Tag.TRANSACTION:
        return
    kept = -(-account.daily_quota * account.tag_one_reserve // 100)
    shared = max(0, account.daily_quota - kept)
    yield Claim(_day(account, "shared-day", now), "transaction_reserve", shared, next_midnight(now))


def slow_claims(account: AccountFacts, send: SendFacts, percent: float, now: datetime) -> Iterator[Claim]:
    """An hour's few places while patients report: for the whole account, for this template, or for both.

    An account without a daily quota has nothing to take a share of.
    """
    if account.daily_quota is None or send.tag == Tag.TRANSACTION:
        return
    hour = local(now).replace(minute=0, second=0, microsecond=0)
    places = slow_places(account.daily_quota, percent)
    braked = {"": account.brake, f"template:{send.template_id}:": send.template_brake}
    for scope, brake in braked.items():
        if brake >= Brake.SLOW:
            key = f"zalo:{account.oa_id}:{scope}slow:{hour:%Y-%m-%dT%H}"
            yield Claim(key, "brake_slow", places, hour + timedelta(hours=1))


def slow_places(daily_quota: int, percent: float) -> int:
    """The places of a slow hour: so many percent of the daily quota, at least one."""
    return max(1, int(daily_quota * percent / 100))


def template_claims(account: AccountFacts, send: SendFacts, now: datetime) -> Iterator[Claim]:
    """The template's own day, where Zalo gave it a quota."""
    if send.template_daily_quota is not None:
        key = _day(account, f"template:{send.template_id}:day", now)
        yield Claim(key, "template_day_quota", send.template_daily_quota, next_midnight(now))


def promotion_claims(account: AccountFacts, send: SendFacts, rules: PromotionRules, now: datetime) -> Iterator[Claim]:
    """What tag 3 takes besides: its share of the day, its month, and this person's day and month."""
    if send.tag != Tag.PROMOTION:
        return
    if rules.day_share_percent is not None and account.daily_quota is not None:
        share = account.daily_quota * rules.day_share_percent // 100
        yield Claim(_day(account, "promo-day", now), "promotion_day_quota", share, next_midnight(now))
    yield promotion_month_claim(account, now)
    user = f"user:{_person(account.oa_id, send)}"
    key = f"zalo:{account.oa_id}:{user}:promo-month:{local(now):%Y-%m}"
    yield Claim(key, "user_month_quota", rules.per_user_month, next_month(now))
    # Without a number of its own the day is there to be closed, once Zalo says that the person has had enough today.
    limit = rules.per_user_month if rules.per_user_day is None else rules.per_user_day
    yield Claim(_day(account, f"{user}:promo-day", now), "user_day_quota", limit, next_midnight(now))


def promotion_month_claim(account: AccountFacts, now: datetime) -> Claim:
    """The account's month of tag 3."""
    key = promotion_month_key(account.oa_id, local(now).date())
    return Claim(key, "promotion_month_quota", account.promotion_month_quota, next_month(now))


def promotion_month_key(oa_id: str, month: date) -> str:
    """What the window of an account's month of tag 3 is found by; any day of the month names it."""
    return f"zalo:{oa_id}:promo-month:{month:%Y-%m}"


def chat_claims(account: AccountFacts, send: SendFacts, rules: ChatRules, now: datetime) -> Iterator[Claim]:
    """The free replies to what the patient last wrote, where the rules count them and their hours are not over."""
    last = send.last_interaction_at
    if rules.free_replies is None or last is None:
        return
    free_until = last + timedelta(hours=rules.free_hours)
    if now < free_until:
        key = f"zalo:{account.oa_id}:chat:{_person(account.oa_id, send)}:{last.timestamp():.0f}"
        yield Claim(key, "chat_quota", rules.free_replies, free_until)


def cap_claims(account: AccountFacts, send: SendFacts, now: datetime) -> Iterator[Claim]:
    """The clinic's own caps on this tag, by whatever way and from whichever of its accounts the message goes."""
    for cap in send.caps:
        if cap.tag == send.tag:
            stamp, ends_at = _period(cap, now)
            person = _person(f"clinic {account.clinic}", send)
            key = f"cap:{account.clinic}:user:{person}:tag{cap.tag:d}:{cap.period}:{stamp}"
            yield Claim(key, "frequency_cap", cap.limit, ends_at)


def _period(cap: Cap, now: datetime) -> tuple[str, datetime]:
    """The calendar day, ISO week or month a cap counts in: its name and when it ends."""
    today = local(now).date()
    match cap.period:
        case "day":
            return f"{today:%Y-%m-%d}", next_midnight(now)
        case "week":
            return f"{today:%G-W%V}", at(today + timedelta(days=8 - today.isoweekday()))
        case "month":
            return f"{today:%Y-%m}", next_month(now)


def _day(account: AccountFacts, what: str, now: datetime) -> str:
    return f"zalo:{account.oa_id}:{what}:{local(now):%Y-%m-%d}"


def _person(counted_by: str, send: SendFacts) -> str:
    return sha256(f"{counted_by}:{send.phone}".encode()).hexdigest()[:24]
