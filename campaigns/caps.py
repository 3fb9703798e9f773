"""Setting the clinic's own caps on how often a person hears from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.audit import record_audit
from accounts.models import User, Workspace
from campaigns.models import FrequencyCap

# (content, period) → so many at most; one that is not there is no cap.
Caps = Mapping[tuple[int, str], int]


@transaction.atomic
def set_caps(*, workspace: Workspace, caps: Caps, actor: User, now: datetime) -> bool:
    """Let these be the clinic's caps and no others; False when they already were, and nothing is written."""
    # Locked, so that of two people who save at once the second replaces the first's whole table.
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    rows = FrequencyCap.objects.filter(workspace=workspace)
    if {(row.tag, row.period): row.limit for row in rows} == caps:
        return False
    rows.delete()
    FrequencyCap.objects.bulk_create(
        FrequencyCap(workspace=workspace, tag=tag, period=period, limit=limit) for (tag, period), limit in caps.items()
    )
    told = {f"tag{tag} {period}": limit for (tag, period), limit in sorted(caps.items())}
    record_audit(workspace=workspace, actor=actor, action="caps.set", subject=workspace.name, now=now, caps=told)
    return True
