"""PURE. Zalo's quota rules as dated data, and the question they answer: what must one send reserve, or why may it not go.

The numbers live in `policies/*.yaml`, each with its source and validity; this file is their meaning.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from integrations.base import AccountFacts, Claim, Deferral, Refusal, SendFacts, Tag
from integrations.vietnam import at, local, month_start, next_midnight, next_month

_FOLDER = Path(__file__).parent / "policies"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PromotionRules(_Part):
    """What tag 3 must obey besides the daily quota."""

    opens_at_quota: int
    day_share_percent: int | None
    month_divisor: int
    first_month_bonus: int
    per_user_month: int
    eligible_months: int


class Night(_Part):
    """Local hours in which Zalo refuses these tags (error -133)."""

    start: time = Field(alias="from")
    until: time
    tags: tuple[int, ...]

    def closed(self, tag: Tag, moment: datetime) -> datetime | None:
        """When the night ends, if `tag` may not go at `moment`; else None."""
        here = local(moment)
        if tag not in self.tags or self.until <= here.time() < self.start:
            return None
        day = here.date() if here.time() < self.until else here.date() + timedelta(days=1)
        return at(day, self.until)


class ZaloPolicy(_Part):
    """One dated set of Zalo's rules."""

    name: str
    valid_from: date
    valid_to: date | None
    source: str
    ladder: tuple[int | None, ...]
    start: int
    promotion: PromotionRules
    night: Night

    def assess(self, account: AccountFacts, send: SendFacts, now: datetime) -> tuple[Claim, ...] | Deferral | Refusal:
        """The windows one send takes a place in; or until when it must wait; or why it may never go as it stands."""
        if until := self.night.closed(send.tag, now):
            return Deferral(
                "zalo_night", until, {"from": f"{self.night.start:%H:%M}", "until": f"{self.night.until:%H:%M}"}
            )
        if send.tag == Tag.PROMOTION and (refusal := self._promotion_refusal(account, send, now)):
            return refusal
        return tuple(_claims(self, account, send, now))

    def month_quota(self, *, care_delivered: int, is_first_month: bool) -> int:
        """Promotion's quota for a month, from tag 1 + 2 delivered in the two calendar months before it."""
        bonus = self.promotion.first_month_bonus if is_first_month else 0
        return care_delivered // self.promotion.month_divisor + bonus

    def _promotion_refusal(self, account: AccountFacts, send: SendFacts, now: datetime) -> Refusal | None:
        rules = self.promotion
        if account.daily_quota is not None and account.daily_quota < rules.opens_at_quota:
            return Refusal("tag_not_entitled", {"daily_quota": account.daily_quota, "needed": rules.opens_at_quota})
        last = send.last_care_delivered_at
        if last is None or local(last).date() < _months_before(local(now).date(), rules.eligible_months):
            return Refusal("promotion_not_eligible", {"months": rules.eligible_months})
        return None


def _months_before(day: date, months: int) -> date:
    first = month_start(day, -months)
    last_of_month = (month_start(first, 1) - timedelta(days=1)).day
    return first.replace(day=min(day.day, last_of_month))


def _claims(policy: ZaloPolicy, account: AccountFacts, send: SendFacts, now: datetime) -> list[Claim]:
    day, month = f"{local(now):%Y-%m-%d}", f"{local(now):%Y-%m}"
    tonight, month_end = next_midnight(now), next_month(now)
    prefix = f"zalo:{account.oa_id}"
    claims = []
    if account.daily_quota is not None:
        claims.append(Claim(f"{prefix}:day:{day}", "daily_quota", account.daily_quota, tonight))
    if send.template_daily_quota is not None:
        key = f"{prefix}:template:{send.template_id}:day:{day}"
        claims.append(Claim(key, "template_day_quota", send.template_daily_quota, tonight))
    if send.tag != Tag.PROMOTION:
        return claims
    rules = policy.promotion
    if rules.day_share_percent is not None and account.daily_quota is not None:
        share = account.daily_quota * rules.day_share_percent // 100
        claims.append(Claim(f"{prefix}:promo-day:{day}", "promotion_day_quota", share, tonight))
    claims.append(
        Claim(f"{prefix}:promo-month:{month}", "promotion_month_quota", account.promotion_month_quota, month_end)
    )
    # The phone is hashed: a limiter's key outlives the erasure of the person.
    user = sha256(f"{account.oa_id}:{send.phone}".encode()).hexdigest()[:24]
    claims.append(
        Claim(f"{prefix}:user:{user}:promo-month:{month}", "user_month_quota", rules.per_user_month, month_end)
    )
    return claims


@cache
def policy(name: str) -> ZaloPolicy:
    """The policy of that name. Raises FileNotFoundError for an unknown one."""
    return ZaloPolicy.model_validate(yaml.safe_load((_FOLDER / f"{name}.yaml").read_text()))


def policy_names() -> list[str]:
    """Every policy there is, oldest first."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))
