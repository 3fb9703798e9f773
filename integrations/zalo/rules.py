"""PURE. The shape of a dated set of Zalo's rules; the numbers are in `policies/*.yaml`."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from pydantic import BaseModel, ConfigDict, Field

from integrations.base import Tag
from integrations.vietnam import at, local


class Part(BaseModel):
    """A frozen piece of a policy; an unknown key is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PromotionRules(Part):
    """What tag 3 must obey besides the daily quota."""

    opens_at_quota: int
    day_share_percent: int | None
    month_divisor: int
    first_month_bonus: int
    per_user_month: int
    per_user_day: int | None = None
    eligible_months: int


class Night(Part):
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


class StandingRules(Part):
    """When Zalo moves an account on its ladder. Percentages are of the daily quota, days are local."""

    window_days: int
    up_quality: str
    up_factor: int
    down_quality: str
    wait_days: int
    first_judged_after_days: int
    penalty_percent: float
    safe_report_percent: float


class BrakeRules(Part):
    """Ours, not Zalo's: at which percentage of the reports that bring a penalty we hold back what."""

    slow_at_percent: float
    hold_promotion_at_percent: float
    only_transaction_at_percent: float
    slow_hour_percent: float


class ChatRules(Part):
    """Consultation messages to a user id, counted from what the patient last did."""

    free_hours: int
    free_replies: int | None
    last_hours: int
    paid_price_vnd: int
