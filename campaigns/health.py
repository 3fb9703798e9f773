"""Is the engine keeping up? Figures for /healthz and /metrics."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db.models import F, Min

from campaigns.models import ROUNDS, TICK, Heartbeat, Message, QuotaWindow
from campaigns.standing.facts import reports_of_all
from campaigns.states import CampaignState, MessageState
from integrations.models import OfficialAccount
from integrations.vietnam import local
from integrations.zalo.policy import policy, policy_names
from integrations.zalo.standing import reports_until_penalty

# A message this late, or a tick this old, means that sends are stuck.
STUCK_AFTER_S = 300


@dataclass(frozen=True)
class Health:
    """Ages in whole seconds; None where there is nothing to be old."""

    last_tick_age_s: int | None
    last_rounds_age_s: int | None
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
    beats = dict(Heartbeat.objects.filter(name__in=[TICK, ROUNDS]).values_list("name", "at"))
    due = Message.objects.filter(
        state=MessageState.SCHEDULED,
        due_at__lt=now,
        campaign__state=CampaignState.ACTIVE,
        account__blocked_reason="",
    )
    oldest = due.aggregate(oldest=Min("due_at"))["oldest"]
    return Health(
        last_tick_age_s=_age_s(wall, beats.get(TICK)),
        last_rounds_age_s=_age_s(wall, beats.get(ROUNDS)),
        oldest_overdue_s=int((now - oldest).total_seconds()) if oldest else 0,
        unconfirmed=Message.objects.filter(state=MessageState.UNCONFIRMED).count(),
    )


@dataclass(frozen=True)
class AccountHealth:
    """One Official Account by our own number, which tells nothing of the clinic. None where Zalo set or said nothing."""

    account: int
    blocked: bool
    grant_refused: bool
    brake: int
    reports_left: int | None
    quota_drift: int | None
    sync_age_s: int | None

    def as_gauges(self) -> dict[str, float | None]:
        """The figures by name, without the account."""
        figures = asdict(self)
        figures.pop("account")
        return figures


def measure_accounts(*, now: datetime) -> list[AccountHealth]:
    """How each account stands with Zalo, in a constant number of questions."""
    today = local(now).date()
    reports, drifts = reports_of_all(today), _drifts(now)
    known = set(policy_names())
    return [
        AccountHealth(
            account=account.pk,
            blocked=bool(account.blocked_reason),
            grant_refused=account.grant_refused_at is not None,
            brake=account.brake,
            reports_left=reports_until_penalty(policy(name), account.daily_quota, reports.get(account.pk, 0))
            if (name := account.policy_on(today)) in known
            else None,
            quota_drift=drifts.get(account.pk),
            sync_age_s=_age_s(now, account.synced_at),
        )
        for account in OfficialAccount.objects.order_by("pk")
    ]


def _drifts(now: datetime) -> dict[int, int]:
    """Account id → how many more messages of today we count than Zalo."""
    told = QuotaWindow.objects.filter(rule="daily_quota", ends_at__gt=now, vendor_used__isnull=False)
    return dict(told.values_list("account", F("used") - F("vendor_used")))


def _age_s(now: datetime, moment: datetime | None) -> int | None:
    return None if moment is None else int((now - moment).total_seconds())
