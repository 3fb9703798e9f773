"""What Zalo says of an account when it is asked: its quotas, quality, tags and package. Nothing here is stored."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from integrations.base import Clock
from integrations.http import Outcome, body_of
from integrations.models import OfficialAccount
from integrations.zalo import api, tokens
from integrations.zalo.tags import tags_of
from integrations.zalo.values import json_object, number, quality

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class AccountReading:
    """Zalo's own numbers as of `read_at` (UTC, just before it was asked). None is what Zalo did not say.

    `is_unlimited`: Zalo gave the month's numbers and none for the day. Its documents do not show how an unlimited day
    looks, so whoever reads this believes it only where the account's ladder has such a step.
    """

    read_at: datetime
    daily_quota: int | None = None
    remaining: int | None = None
    is_unlimited: bool = False
    promotion_month_quota: int | None = None
    promotion_month_remaining: int | None = None
    quality_now: str | None = None
    quality_7d: str | None = None
    allowed_tags: tuple[int, ...] | None = None
    package_name: str | None = None
    package_until: date | None = None


def read_account(account: OfficialAccount, clock: Clock) -> AccountReading:
    """Ask Zalo four questions. Raises ZaloDidNotAnswer where one has no answer, or Zalo will not tell the quotas.

    What Zalo refuses to tell of the rest (an app may lack a permission) is left out of the reading.
    """
    if not tokens.current(account, clock):
        raise api.ZaloDidNotAnswer("")
    read_at = clock.now()
    # The first question is put once more where the token died early; the others find the new one.
    quota = json_object(
        api.answered(tokens.ask(account, clock, lambda key: api.read(key, "/message/quota"))).get("data")
    )
    key = tokens.current(account, clock)
    graded = json_object(_data(account, api.read(key, "/quality")))
    tags = _data(account, api.read(key, "/message/template-tag"))
    package = json_object(_data(account, api.read_account(key)))
    return AccountReading(
        read_at,
        **_quotas(quota),
        quality_now=quality(graded.get("oaCurrentQuality")),
        quality_7d=quality(graded.get("oa7dayQuality")),
        allowed_tags=tags_of(tags),
        package_name=str(package.get("package_name") or "")[:80] or None,
        package_until=_day(package.get("package_valid_through_date")),
    )


def _data(account: OfficialAccount, outcome: Outcome) -> object:
    """`data` of an answer; nothing of a refusal, which is said aloud. Raises ZaloDidNotAnswer where there is no answer."""
    if refused := body_of(outcome).get("error"):
        logger.warning("zalo: account %s may not read all of itself: %s", account.oa_id, refused)
        return None
    return api.answered(outcome).get("data")


def _quotas(told: Mapping[str, Any]) -> dict[str, Any]:
    daily, remaining = number(told.get("dailyQuota")), number(told.get("remainingQuota"))
    month = number(told.get("monthlyPromotionQuota"))
    silent = "dailyQuota" in told and told["dailyQuota"] is None and told.get("remainingQuota") is None
    return {
        "daily_quota": daily,
        "remaining": remaining,
        "is_unlimited": silent and month is not None,
        "promotion_month_quota": month,
        "promotion_month_remaining": number(told.get("remainingMonthlyPromotionQuota")),
    }


def _day(told: object) -> date | None:
    """Zalo writes `31/12/2026`; an ISO date is read too."""
    text = str(told or "").strip()[:10]
    parts = text.split("/")
    try:
        return date.fromisoformat("-".join(reversed(parts)) if len(parts) == 3 else text)
    except ValueError:
        return None
