"""The account's access token: read, and refreshed by exactly one process at a time, since a refresh token works once.

The refresher holds a lease on the row rather than a lock: no transaction may be open while Zalo is asked. When the
answer to a refresh is lost, nobody knows whether the old refresh token is spent: the pair is kept and tried again, and
only Zalo's own word ends the grant.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from integrations.base import Clock
from integrations.http import Outcome, Reply, body_of
from integrations.models import OfficialAccount
from integrations.patience import insist
from integrations.zalo import api
from integrations.zalo.answers import token_expired
from integrations.zalo.api import Credentials
from integrations.zalo.values import error_code, number, text

logger = logging.getLogger(__name__)

# A token lives 25 h; refreshing hours ahead leaves time to mend a broken grant before sends fail.
AHEAD = timedelta(hours=5)
# Longer than connect + read timeouts, so that a slow refresher is never joined by a second one. A refresh that failed
# keeps its lease until it ends: the next try is a minute later, not two seconds.
LEASE = timedelta(seconds=60)
LIFE_S = 90_000
# A longer life that Zalo tells is not believed: the pair would grow old unnoticed.
LONGEST_LIFE_S = 10 * LIFE_S
GRANT_BROKEN = "grant_broken"
# Zalo's -14xxx codes that no waiting will mend: app, secret, code, refresh token, grant type, approval.
_GRANT_CODES = frozenset({-14002, -14003, -14004, -14005, -14014, -14018, -14029})
# The family they belong to; most of it is not published.
_OAUTH_FAMILY = range(-14999, -13999)
_STORED = ["access_token", "refresh_token", "token_expires_at", "blocked_reason", "grant_refused_at"]


def current(account: OfficialAccount, clock: Clock) -> Credentials:
    """A token that should still work: refreshed first when it is about to end. False when there is none."""
    account.refresh_from_db(fields=_STORED)
    ends, now = account.token_expires_at, clock.now()
    held = _held(account)
    if held and (ends is None or ends > now + AHEAD):
        return held
    valid = held if ends is None or ends > now else Credentials("")
    return renew(account, stale=held, clock=clock, urgent=not valid) or valid


def refresh_ahead(account: OfficialAccount, clock: Clock) -> None:
    """Renew a pair that is about to end, though nothing is sent; to be called every hour, for a blocked account too.

    The refresh token lives three months and is replaced with every access token: in this way it never grows old.
    An end that nobody told us counts as near.
    """
    account.refresh_from_db(fields=_STORED)
    ends, now = account.token_expires_at, clock.now()
    if account.refresh_token and (ends is None or ends <= now + AHEAD):
        renew(account, stale=_held(account), clock=clock, urgent=ends is not None and ends <= now)


def ask(account: OfficialAccount, clock: Clock, question: Callable[[Credentials], Outcome]) -> Outcome:
    """The answer to a question, which is put once more with a fresh token when Zalo says that ours works no more."""
    key = current(account, clock)
    outcome = question(key)
    if token_expired(outcome) and (fresh := renew(account, stale=key, clock=clock, urgent=True)):
        return question(fresh)
    return outcome


def renew(account: OfficialAccount, *, stale: Credentials, clock: Clock, urgent: bool) -> Credentials:
    """A token other than `stale`, refreshed here or by whoever was faster; false when none is to be had now.

    `urgent` says that `stale` works no more, so that a refused grant stops the account; else it only warns.
    """
    wall = clock.wall()
    leased = (
        OfficialAccount.objects.filter(pk=account.pk)
        .filter(Q(token_lease_until=None) | Q(token_lease_until__lt=wall))
        .update(token_lease_until=wall + LEASE)
    )
    account.refresh_from_db(fields=_STORED)
    if account.access_token != stale.token:
        if leased:
            OfficialAccount.objects.filter(pk=account.pk).update(token_lease_until=None)
        return _held(account)
    if not leased:
        return Credentials("")
    outcome = api.refresh_token(
        app_id=account.app_id, app_secret=account.app_secret, refresh_token=account.refresh_token
    )
    body = body_of(outcome) if isinstance(outcome, Reply) and outcome.status == 200 else {}
    if body.get("access_token"):
        # Zalo shows this pair once, and the one before it is dead.
        insist(lambda: store(account, body, clock, unless_newer_than=stale.token))
    elif _ends_the_grant(body):
        _refuse(account, stale.token, body, clock, urgent=urgent)
    else:
        logger.warning("zalo: no token for account %s this time: %s", account.oa_id, type(outcome).__name__)
    return _held(account) if account.access_token != stale.token else Credentials("")


def _ends_the_grant(answer: dict[str, Any]) -> bool:
    """Whether an answer without a token refuses the grant. Zalo may leave out the number and give only words (zalo-api §1)."""
    code = error_code(answer)
    return code in _GRANT_CODES or bool(_words(answer) and (code is None or code in _OAUTH_FAMILY))


def _words(answer: dict[str, Any]) -> str:
    told = (answer.get(name) for name in ("error_name", "error_reason", "error_description"))
    return text(" ".join(str(each) for each in told if each), 120)


def _held(account: OfficialAccount) -> Credentials:
    token = str(account.access_token)
    return Credentials.signed(token, account.app_secret) if account.signs_calls else Credentials(token)


@transaction.atomic
def store(
    account: OfficialAccount, pair: dict[str, Any], clock: Clock, *, unless_newer_than: str | None = None
) -> None:
    """Keep Zalo's token answer; a part that is missing or empty never overwrites what we have. Mends a broken grant.

    With `unless_newer_than` only while that access token is still the stored one: a pair that somebody stored
    meanwhile stands.
    """
    row = OfficialAccount.objects.select_for_update().get(pk=account.pk)
    if unless_newer_than in (None, row.access_token):
        life = number(pair.get("expires_in")) or LIFE_S
        row.access_token = str(pair["access_token"])
        row.refresh_token = str(pair.get("refresh_token") or row.refresh_token)
        row.token_expires_at = clock.now() + timedelta(seconds=min(life, LONGEST_LIFE_S))
        row.token_lease_until = row.grant_refused_at = None
        if row.blocked_reason == GRANT_BROKEN:
            row.blocked_reason, row.blocked_facts = "", {}
        row.save(update_fields=[*_STORED, "token_lease_until", "blocked_facts"])
    account.refresh_from_db(fields=_STORED)


@transaction.atomic
def _refuse(account: OfficialAccount, stale: str, answer: dict[str, Any], clock: Clock, *, urgent: bool) -> None:
    """Zalo's own word that the grant is no more is the only reason to call a person.

    Unless another pair is stored by now: then somebody else spent the refresh token, and nothing is broken.
    """
    row = OfficialAccount.objects.select_for_update().get(pk=account.pk)
    if row.access_token == stale:
        code = error_code(answer)
        facts = {"zalo": _words(answer)} | ({} if code is None else {"code": code})
        logger.error("zalo: the grant of account %s is refused: %s", account.oa_id, facts)
        row.grant_refused_at = row.grant_refused_at or clock.now()
        if urgent and not row.blocked_reason:
            row.blocked_reason, row.blocked_facts = GRANT_BROKEN, facts
        row.save(update_fields=["grant_refused_at", "blocked_reason", "blocked_facts"])
    account.refresh_from_db(fields=_STORED)
