"""The account's access token: read, and refreshed by exactly one process at a time, since a refresh token works once.

The refresher holds a lease on the row rather than a lock: no transaction may be open while Zalo is asked.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from integrations.base import Clock
from integrations.http import Reply
from integrations.models import OfficialAccount
from integrations.zalo import api

logger = logging.getLogger(__name__)

# A token lives 25 h; refreshing hours ahead leaves time to mend a broken grant before sends fail.
AHEAD = timedelta(hours=5)
# Longer than connect + read timeouts, so that a slow refresher is never joined by a second one.
LEASE = timedelta(seconds=60)


def current(account: OfficialAccount, clock: Clock) -> str:
    """A token that should still work: refreshed first when it is about to end. Empty when there is none."""
    account.refresh_from_db(fields=["access_token", "refresh_token", "token_expires_at"])
    ends = account.token_expires_at
    if account.access_token and (ends is None or ends > clock.now() + AHEAD):
        return str(account.access_token)
    still_valid = str(account.access_token) if ends is None or ends > clock.now() else ""
    return renew(account, stale=account.access_token, clock=clock) or still_valid


def renew(account: OfficialAccount, *, stale: str, clock: Clock) -> str:
    """A token other than `stale`, refreshed here or by whoever was faster; empty when none is to be had now."""
    wall = clock.wall()
    leased = (
        OfficialAccount.objects.filter(pk=account.pk)
        .filter(Q(token_lease_until=None) | Q(token_lease_until__lt=wall))
        .update(token_lease_until=wall + LEASE)
    )
    account.refresh_from_db(fields=["access_token", "refresh_token", "token_expires_at"])
    if account.access_token != stale:
        _give_back(account, leased)
        return str(account.access_token)
    if not leased:
        return ""
    outcome = api.refresh_token(
        app_id=account.app_id, app_secret=account.app_secret, refresh_token=account.refresh_token
    )
    return _keep(account, outcome.body if isinstance(outcome, Reply) else None, clock.now())


def _give_back(account: OfficialAccount, leased: int) -> None:
    if leased:
        OfficialAccount.objects.filter(pk=account.pk).update(token_lease_until=None)


def _keep(account: OfficialAccount, body: dict[str, Any] | None, now: datetime) -> str:
    """Store the new pair and free the lease; a part that is missing or empty never overwrites what we have."""
    token = str((body or {}).get("access_token") or "")
    fields: dict[str, Any] = {"token_lease_until": None}
    if token:
        fields["access_token"] = token
        fields["token_expires_at"] = now + timedelta(seconds=int(body["expires_in"]))  # type: ignore[index]
        if fresh := (body or {}).get("refresh_token"):
            fields["refresh_token"] = str(fresh)
        fields |= {"blocked_reason": "", "blocked_facts": {}}
    elif body is not None:
        # Somebody else may have spent this refresh token and stored its successor: then nothing is broken.
        newer = OfficialAccount.objects.get(pk=account.pk)
        if newer.access_token != account.access_token:
            return str(newer.access_token)
        facts = {"code": body.get("error"), "zalo": str(body.get("error_name", ""))[:120]}
        fields |= {"blocked_reason": "grant_broken", "blocked_facts": facts}
        logger.error("zalo: the grant of account %s is broken: %s", account.oa_id, facts)
    for name, value in fields.items():
        setattr(account, name, value)
    account.save(update_fields=list(fields))
    return token
