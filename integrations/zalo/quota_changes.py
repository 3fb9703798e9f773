"""The one way an account's daily quota changes: written down with its cause, whoever says so."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from integrations.models import OfficialAccount, QuotaChange
from integrations.vietnam import local


@transaction.atomic
def change_quota(account: OfficialAccount, *, after: int | None, cause: QuotaChange.Cause, at: datetime) -> bool:
    """Set the daily quota (None is unlimited) as of `at` (UTC); False when it already was so, and nothing is written."""
    held = OfficialAccount.objects.select_for_update().only("daily_quota").get(pk=account.pk)
    if held.daily_quota == after:
        account.daily_quota = after
        return False
    QuotaChange.objects.create(account=account, before=held.daily_quota, after=after, cause=cause, at=at)
    day = local(at).date()
    changed = {"daily_quota": after, "quota_changed_on": day}
    if cause == QuotaChange.Cause.PENALTY:
        changed["penalised_on"] = day
    OfficialAccount.objects.filter(pk=account.pk).update(**changed)
    for name, value in changed.items():
        setattr(account, name, value)
    return True
