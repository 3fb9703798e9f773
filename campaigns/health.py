"""Is the engine keeping up? Figures for /healthz and /metrics."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db.models import Min

from campaigns.models import Heartbeat, Message
from campaigns.states import CampaignState, MessageState

# A message this late, or a tick this old, means that sends are stuck.
STUCK_AFTER_S = 300


@dataclass(frozen=True)
class Health:
    """Ages in whole seconds; None where there is nothing to be old."""

    last_tick_age_s: int | None
    oldest_overdue_s: int
    unconfirmed: int

    @property
    def stuck(self) -> bool:
        """Whether an operator must be woken."""
        return self.last_tick_age_s is None or max(self.last_tick_age_s, self.oldest_overdue_s) > STUCK_AFTER_S

    def as_json(self) -> dict[str, int | None]:
        """The figures by name."""
        return asdict(self)


def measure(*, now: datetime, wall: datetime) -> Health:
    """Read the pulse. Paused campaigns and accounts that a person must unblock are not overdue: they are held."""
    beat = Heartbeat.objects.filter(name="tick").first()
    due = Message.objects.filter(
        state=MessageState.SCHEDULED,
        due_at__lt=now,
        campaign__state=CampaignState.ACTIVE,
        account__blocked_reason="",
    )
    oldest = due.aggregate(oldest=Min("due_at"))["oldest"]
    return Health(
        last_tick_age_s=int((wall - beat.at).total_seconds()) if beat else None,
        oldest_overdue_s=int((now - oldest).total_seconds()) if oldest else 0,
        unconfirmed=Message.objects.filter(state=MessageState.UNCONFIRMED).count(),
    )
