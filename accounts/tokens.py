"""The keys by which other programs speak to a clinic's API: made, known again, counted, taken back."""

from __future__ import annotations

import hashlib
import math
import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, When

from accounts.audit import record_audit
from accounts.models import ApiToken, User, Workspace

MARK = "cdp_"
_SHOWN = 10
# A call costs half a second of the token's own time and may borrow half a minute: 120 calls a minute, 60 at once.
CALL_COSTS = timedelta(seconds=0.5)
MAY_BORROW = timedelta(seconds=30)


def issue(*, workspace: Workspace, name: str, actor: User, now: datetime) -> tuple[ApiToken, str] | None:
    """A new token and its text, which is kept nowhere and shown this once; None where a live token has the name."""
    text = MARK + secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            token = ApiToken.objects.create(
                workspace=workspace,
                name=name,
                prefix=text[:_SHOWN],
                digest=digest(text),
                created_by=actor,
                created_at=now,
            )
            _audit("token.create", token, actor, now)
    except IntegrityError:
        return None
    return token, text


def revoke(*, token: ApiToken, actor: User, now: datetime) -> bool:
    """From now on the token opens nothing. False where it was taken back before."""
    with transaction.atomic():
        if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
            return False
        _audit("token.revoke", token, actor, now)
    return True


def digest(text: str) -> str:
    """64 hex digits under which a token is kept. It has 256 bits of chance: one round of SHA-256 is enough."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def find(text: str) -> ApiToken | None:
    """The token that was given out as `text`, taken back or not. Looked up by digest: timing tells nothing of the text."""
    return ApiToken.objects.select_related("workspace").filter(digest=digest(text)).first()


def take_turn(*, token: ApiToken, wall_now: datetime) -> int:
    """0 where the token may make a call now, which is then counted; else the seconds to wait. `wall_now` is real UTC.

    One conditional UPDATE of the token's own row: the share holds across threads, processes and machines.
    """
    within = Q(spent_until=None) | Q(spent_until__lte=wall_now + MAY_BORROW - CALL_COSTS)
    behind = Q(spent_until=None) | Q(spent_until__lt=wall_now)
    spent_until = Case(When(behind, then=wall_now + CALL_COSTS), default=F("spent_until") + CALL_COSTS)
    used_at = wall_now.replace(second=0, microsecond=0)
    if ApiToken.objects.filter(within, pk=token.pk).update(spent_until=spent_until, used_at=used_at):
        return 0
    spent = ApiToken.objects.values_list("spent_until", flat=True).get(pk=token.pk) or wall_now
    return max(1, math.ceil((spent - wall_now - MAY_BORROW + CALL_COSTS).total_seconds()))


def _audit(action: str, token: ApiToken, actor: User, now: datetime) -> None:
    record_audit(
        workspace=token.workspace,
        actor=actor,
        action=action,
        subject=token.pk,
        now=now,
        name=token.name,
        prefix=token.prefix,
    )
