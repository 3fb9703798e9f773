"""What Zalo told of an account becomes ours: its daily quota, its standing, and how far our counts are from Zalo's."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from campaigns import guardfacts, places
from integrations.models import OfficialAccount, QuotaChange
from integrations.vietnam import local
from integrations.zalo import windows
from integrations.zalo.policy import ZaloPolicy
from integrations.zalo.quota_changes import change_quota
from integrations.zalo.sync import AccountReading

_FIELDS = ("quality_now", "quality_7d", "package_name", "package_until")


def apply_reading(account: OfficialAccount, reading: AccountReading, now: datetime) -> None:
    """Take over what Zalo said; what it did not say stays as it was.

    A daily quota other than ours is Zalo's decision and becomes ours. In the windows of today and of this month the
    lower number wins; Zalo's higher one is only shown. Not to be called inside a transaction: the account and its
    windows are locked one after the other, never both.
    """
    account.refresh_from_db()
    rules = account.rules_on(local(now).date())
    _follow_quota(account, reading, rules, now)
    told = {name: value for name in _FIELDS if (value := getattr(reading, name)) is not None}
    if reading.allowed_tags is not None and not _heard_since(account, "tags", reading):
        told["allowed_tags"] = list(reading.allowed_tags)
    told["synced_at"] = reading.read_at
    OfficialAccount.objects.filter(pk=account.pk).update(**told)
    for name, value in told.items():
        setattr(account, name, value)
    # Yesterday's remainder says nothing about today.
    if local(reading.read_at).date() == local(now).date():
        _compare(account, reading, rules, now)


def _follow_quota(account: OfficialAccount, reading: AccountReading, rules: ZaloPolicy, now: datetime) -> None:
    says_unlimited = reading.is_unlimited and None in rules.ladder
    if reading.daily_quota is None and not says_unlimited:
        return
    if not account.quota_changes.filter(at__gt=reading.read_at).exists():
        change_quota(account, after=reading.daily_quota, cause=QuotaChange.Cause.TOLD, at=now)


def _heard_since(account: OfficialAccount, what: str, reading: AccountReading) -> bool:
    """Whether an event told something newer while Zalo was being read."""
    heard = account.heard.get(what)
    return heard is not None and datetime.fromisoformat(heard) > reading.read_at


@transaction.atomic
def _compare(account: OfficialAccount, reading: AccountReading, rules: ZaloPolicy, now: datetime) -> None:
    facts = guardfacts.account_facts(account, guardfacts.promotion_month_quota(account, rules, now))
    pairs = [(claim, reading.daily_quota, reading.remaining) for claim in windows.day_claims(facts, now)]
    month = windows.promotion_month_claim(facts, now)
    pairs.append((month, reading.promotion_month_quota, reading.promotion_month_remaining))
    told = {claim: (quota, left) for claim, quota, left in pairs if left is not None}
    held = places.locked(account, told)
    places.adopt(held, told)
    for claim, (quota, left) in told.items():
        places.adjust(held[claim.key], limit=claim.limit, quota=quota, remaining=left)
