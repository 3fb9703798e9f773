"""Google's limits a minute, kept across all processes: 60 calls of a kind by one service account, 300 by its project.

We stay below: Google's minute need not begin with ours.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q

from datahub.models import CallPace
from integrations.base import Clock

BY_ACCOUNT, BY_PROJECT = 50, 250
_FAR = timedelta(minutes=5)


def wait_for(kind: str, *, client_email: str, clock: Clock) -> int:
    """Take one call of this kind (`read`, `write`) now and return 0, or the seconds until one is free again."""
    wall = clock.wall()
    minute = wall.replace(second=0, microsecond=0)
    project = client_email.partition("@")[2]
    limits = ((f"{kind}:{client_email}", BY_ACCOUNT), (f"{kind}:@{project}", BY_PROJECT))
    free = all(_take(key, limit, minute) for key, limit in limits)
    return 0 if free else 60 - wall.second


def _take(key: str, limit: int, minute: datetime) -> bool:
    pace = CallPace.objects.filter(key=key)
    if pace.filter(minute=minute, used__lt=limit).update(used=F("used") + 1):
        return True
    # A minute far ahead was counted by a clock that has been put right since.
    is_over = Q(minute__lt=minute) | Q(minute__gt=minute + _FAR)
    if pace.filter(is_over).update(minute=minute, used=1):
        return True
    if CallPace.objects.get_or_create(key=key, defaults={"minute": minute, "used": 1})[1]:
        return True
    # Somebody else began the minute, or the key, between the questions above.
    return pace.filter(minute=minute, used__lt=limit).update(used=F("used") + 1) == 1
