"""The account's access token: read, and refreshed by exactly one process at a time, since a refresh token works once.

The refresher holds a lease on the row rather than a lock: no transaction may be open while Zalo is asked.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.db.models import Q

from integrations.base import Clock
from integrations.http import Outcome, Reply
from integrations.models import OfficialAccount
from integrations.zalo import api

logger = logging.getLogger(__name__)

# A token lives 25 h; refreshing hours ahead leaves time to mend a broken grant before sends fail.
AHEAD = timedelta(hours=5)
# Longer than connect + read timeouts, so that a slow refresher is never joined by a second one. A refresh that failed
# keeps its lease until it ends: the next try is a minute later, not two seconds.
LEASE = timedelta(seconds=60)
LIFE_S = 90_000
GRANT_BROKEN = "grant_broken"
# Zalo's -14xxx codes that no waiting will mend: app, secret, code, refresh token, grant type, approval.
_GRANT_CODES = frozenset({-14002, -14003, -14004, -14005, -14014, -14018, -14029})
_STORED = ["access_token", "refresh_token", "token_expires_at", "blocked_reason"]


def current(account: OfficialAccount, clock: Clock) -> str:
    """A token that should still work: refreshed first when it is about to end. Empty when there is none."""
    account.refresh_from_db(fields=_STORED)
    ends, now = account.token_expires_at, clock.now()
    token = str(account.access_token)
    if token and (ends is None or ends > now + AHEAD):
        return token
    valid = token if ends is None or ends > now else ""
    return renew(account, stale=token, clock=clock, urgent=not valid) or valid


def renew(account: OfficialAccount, *, stale: str, clock: Clock, urgent: bool) -> str:
    """A token other than `stale`, refreshed here or by whoever was faster; empty when none is to be had now.

    `urgent` says that `stale` works no more, so that a refused grant stops the account; else it only warns.
    """
    wall = clock.wall()
    leased = (
        OfficialAccount.objects.filter(pk=account.pk)
        .filter(Q(token_lease_until=None) | Q(token_lease_until__lt=wall))
        .update(token_lease_until=wall + LEASE)
    )
    account.refresh_from_db(fields=_STORED)
    if account.access_token != stale:
        if leased:
            OfficialAccount.objects.filter(pk=account.pk).update(token_lease_until=None)
        return str(account.access_token)
    if not leased:
        return ""
    outcome = api.refresh_token(
        app_id=account.app_id, app_secret=account.app_secret, refresh_token=account.refresh_token
    )
    body = outcome.body if isinstance(outcome, Reply) and outcome.status == 200 and outcome.body else {}
    if body.get("access_token"):
        return _store(account, body, clock)
    return _refused(account, outcome, body, clock, urgent=urgent)


def _store(account: OfficialAccount, body: dict[str, Any], clock: Clock) -> str:
    """Keep the new pair and free the lease; a part that is missing or empty never overwrites what we have."""
    life = str(body.get("expires_in", ""))
    fields: dict[str, Any] = {
        "access_token": str(body["access_token"]),
        "token_expires_at": clock.now() + timedelta(seconds=int(life) if life.isdecimal() else LIFE_S),
        "token_lease_until": None,
        "grant_refused_at": None,
    }
    if fresh := body.get("refresh_token"):
        fields["refresh_token"] = str(fresh)
    if account.blocked_reason == GRANT_BROKEN:
        fields |= {"blocked_reason": "", "blocked_facts": {}}
    _save(account, fields)
    return str(account.access_token)


def _refused(account: OfficialAccount, outcome: Outcome, body: dict[str, Any], clock: Clock, *, urgent: bool) -> str:
    """No pair came. Only Zalo's own word about the grant is a reason to call a person."""
    if body.get("error") not in _GRANT_CODES:
        logger.warning("zalo: no token for account %s this time: %s", account.oa_id, type(outcome).__name__)
        return ""
    # Somebody else may have spent this refresh token and stored its successor: then nothing is broken.
    newer = OfficialAccount.objects.get(pk=account.pk)
    if newer.access_token != account.access_token:
        return str(newer.access_token)
    facts = {"code": body["error"], "zalo": str(body.get("error_name", ""))[:120]}
    logger.error("zalo: the grant of account %s is refused: %s", account.oa_id, facts)
    fields: dict[str, Any] = {"grant_refused_at": clock.now()}
    if urgent:
        fields |= {"blocked_reason": GRANT_BROKEN, "blocked_facts": facts}
    _save(account, fields)
    return ""


def _save(account: OfficialAccount, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(account, name, value)
    account.save(update_fields=list(fields))
