"""What Zalo says of an account when it is asked: its quotas, quality, tags and package. Nothing here is stored."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from integrations.base import Clock
from integrations.http import Outcome, Reply
from integrations.models import OfficialAccount
from integrations.zalo import api, tokens
from integrations.zalo.tags import is_legacy, tag_of
from integrations.zalo.values import json_object, number

logger = logging.getLogger(__name__)

_QUALITIES = ("HIGH", "MEDIUM", "LOW", "UNDEFINED")


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
        api.body_of(tokens.ask(account, clock, lambda key: api.read(key, "/message/quota"))).get("data")
    )
    key = tokens.current(account, clock)
    quality = json_object(_data(account, api.read(key, "/quality")))
    tags = _data(account, api.read(key, "/message/template-tag"))
    package = json_object(_data(account, api.read_account(key)))
    return AccountReading(
        read_at,
        **_quotas(quota),
        quality_now=_quality(quality.get("oaCurrentQuality")),
        quality_7d=_quality(quality.get("oa7dayQuality")),
        allowed_tags=_tags(tags),
        package_name=str(package.get("package_name") or "")[:80] or None,
        package_until=_day(package.get("package_valid_through_date")),
    )


def _data(account: OfficialAccount, outcome: Outcome) -> object:
    """`data` of an answer; nothing of a refusal, which is said aloud. Raises ZaloDidNotAnswer where there is no answer."""
    if isinstance(outcome, Reply) and outcome.body and outcome.body.get("error"):
        logger.warning("zalo: account %s may not read all of itself: %s", account.oa_id, outcome.body.get("error"))
        return None
    return api.body_of(outcome).get("data")


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


def _quality(told: object) -> str | None:
    text = str(told or "").upper()
    return text if text in _QUALITIES else None


def _tags(told: object) -> tuple[int, ...] | None:
    """The tags by number. To refuse a message for ever takes certainty, so some lists say nothing.

    Those are a list with a name we do not know, and one with a name that Zalo gave up: its documents still show the old
    sample, and what that would leave out of today's tags is not known.
    """
    found = [None if is_legacy(name) else tag_of(name) for name in told] if isinstance(told, list) else []
    known = {int(tag) for tag in found if tag is not None}
    return tuple(sorted(known)) if known and None not in found else None


def _day(told: object) -> date | None:
    """Zalo writes `31/12/2026`; an ISO date is read too."""
    text = str(told or "").strip()[:10]
    parts = text.split("/")
    try:
        return date.fromisoformat("-".join(reversed(parts)) if len(parts) == 3 else text)
    except ValueError:
        return None
