"""PURE. Zalo's quota rules as dated data, and the question they answer: what must one send reserve, or why may it not go.

The numbers live in `policies/*.yaml`, each with its source and validity; this file is their meaning, `windows.py` the
windows it answers with.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import yaml

from integrations.base import AccountFacts, Brake, ChannelName, Claim, Deferral, Refusal, SendFacts, Tag
from integrations.vietnam import local, month_start, next_midnight
from integrations.zalo import windows
from integrations.zalo.rules import BrakeRules, ChatRules, Night, Part, PromotionRules, StandingRules

Verdict = tuple[Claim, ...] | Deferral | Refusal

_FOLDER = Path(__file__).parent / "policies"


class ZaloPolicy(Part):
    """One dated set of Zalo's rules."""

    name: str
    valid_from: date
    valid_to: date | None
    source: str
    ladder: tuple[int | None, ...]
    start: int
    promotion: PromotionRules
    night: Night
    standing: StandingRules
    brake: BrakeRules
    chat: ChatRules

    def covers(self, day: date) -> bool:
        """Whether Zalo's own notice says that these rules hold on a local day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def assess(self, account: AccountFacts, send: SendFacts, now: datetime) -> Verdict:
        """The windows one send takes a place in; or until when it must wait; or why it may never go as it stands.

        Chat and SMS are no template messages: none of Zalo's quotas counts them, the clinic's own caps do.
        """
        match send.channel:
            case ChannelName.SMS:
                return tuple(windows.cap_claims(account, send, now))
            case ChannelName.CHAT:
                return self._chat(account, send, now)
            case ChannelName.ZNS | ChannelName.UID:
                return self._template(account, send, now)

    def held(self, account: AccountFacts, send: SendFacts, now: datetime) -> Deferral | None:
        """What begins or ends at any moment for all patients alike: Zalo's night and our brakes. They hold templates only."""
        if send.channel not in (ChannelName.ZNS, ChannelName.UID):
            return None
        return self._asleep(send, now) or _braked(account, send, now)

    def month_quota(self, *, care_delivered: int, is_first_month: bool) -> int:
        """Promotion's quota for a month, from tag 1 + 2 delivered in the two calendar months before it."""
        bonus = self.promotion.first_month_bonus if is_first_month else 0
        return care_delivered // self.promotion.month_divisor + bonus

    def _chat(self, account: AccountFacts, send: SendFacts, now: datetime) -> Verdict:
        last = send.last_interaction_at
        if last is None or now - last > timedelta(hours=self.chat.last_hours):
            return Refusal("chat_window_closed", {"days": self.chat.last_hours // 24})
        replies = windows.chat_claims(account, send, self.chat, now)
        return (*replies, *windows.cap_claims(account, send, now))

    def _template(self, account: AccountFacts, send: SendFacts, now: datetime) -> Verdict:
        objection = self._not_entitled(account, send) or self.held(account, send, now) or self._not_eligible(send, now)
        if objection:
            return objection
        return (
            *windows.day_claims(account, now),
            *windows.reserve_claims(account, send, now),
            *windows.slow_claims(account, send, self.brake.slow_hour_percent, now),
            *windows.template_claims(account, send, now),
            *windows.promotion_claims(account, send, self.promotion, now),
            *windows.cap_claims(account, send, now),
        )

    def _not_entitled(self, account: AccountFacts, send: SendFacts) -> Refusal | None:
        """What Zalo says of the account wins; where it has not said, the step of the ladder decides about tag 3."""
        if account.allowed_tags is not None:
            allowed = send.tag in account.allowed_tags
            return None if allowed else Refusal("tag_not_entitled", {"allowed": list(account.allowed_tags)})
        needed = self.promotion.opens_at_quota
        if send.tag != Tag.PROMOTION or account.daily_quota is None or account.daily_quota >= needed:
            return None
        return Refusal("tag_not_entitled", {"daily_quota": account.daily_quota, "needed": needed})

    def _asleep(self, send: SendFacts, now: datetime) -> Deferral | None:
        until = self.night.closed(send.tag, now)
        hours = {"from": f"{self.night.start:%H:%M}", "until": f"{self.night.until:%H:%M}"}
        return Deferral("zalo_night", until, hours) if until else None

    def _not_eligible(self, send: SendFacts, now: datetime) -> Refusal | None:
        """Tag 3 is for those whom a tag 1 or 2 from the same account reached within so many months (Zalo: -140)."""
        months, last = self.promotion.eligible_months, send.last_care_delivered_at
        if send.tag != Tag.PROMOTION:
            return None
        if last is None or local(last).date() < _months_before(local(now).date(), months):
            return Refusal("promotion_not_eligible", {"months": months})
        return None


def _braked(account: AccountFacts, send: SendFacts, now: datetime) -> Deferral | None:
    """Held until midnight, when a new day of reports begins, because too many patients reported today's messages."""
    if send.tag == Tag.TRANSACTION:
        return None
    holds = Brake.HOLD_PROMOTION if send.tag == Tag.PROMOTION else Brake.ONLY_TRANSACTION
    if account.brake >= holds:
        return Deferral("brake_held", next_midnight(now))
    if send.template_brake >= Brake.HOLD_PROMOTION:
        return Deferral("template_brake", next_midnight(now))
    return None


def _months_before(day: date, months: int) -> date:
    first = month_start(day, -months)
    last_of_month = (month_start(first, 1) - timedelta(days=1)).day
    return first.replace(day=min(day.day, last_of_month))


@cache
def policy(name: str) -> ZaloPolicy:
    """The policy of that name. Raises FileNotFoundError for an unknown one."""
    return ZaloPolicy.model_validate(yaml.safe_load((_FOLDER / f"{name}.yaml").read_text()))


def policy_names() -> list[str]:
    """Every policy there is, oldest first."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))
