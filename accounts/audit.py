"""Writing down who did what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.models import AuditEntry, User, Workspace


def record_audit(
    *, workspace: Workspace, actor: User | None, action: str, subject: object, now: datetime, **facts: Any
) -> None:
    """One line of the audit trail, in the caller's transaction. `facts` must be JSON and hold no personal data."""
    AuditEntry.objects.create(
        workspace=workspace, actor=actor, action=action, subject=str(subject)[:200], facts=facts, at=now
    )
