"""Gửi thử: one template, in Zalo's development mode, to the phone of an admin; outside campaigns and quotas."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from accounts.audit import record_audit
from accounts.models import AuditEntry, User
from integrations.base import Clock, OutgoingMessage
from integrations.http import Outcome, Unreached, body_of
from integrations.models import MessageTemplate, OfficialAccount
from integrations.vietnam import at, local
from integrations.zalo import api, tokens
from integrations.zalo.contract import param_problems
from integrations.zalo.errors import TOKEN_EXPIRED

# Enough to see a template; not enough to reach patients by.
PER_DAY = 10
ACTION = "template.trial"
# No message of ours has such a tracking id, so a receipt of a trial settles nothing.
PREFIX = "trial_"

# What Zalo answers to a trial that a person can mend; the words are in `campaigns/zalo_words.py`.
_KNOWN = {
    -127: "not_admin",
    -126: "no_trial_money",
    -118: "not_on_zalo",
    -110: "not_on_zalo",
    -108: "phone_invalid",
    -109: "no_template",
    -117: "no_template",
    -131: "not_approved",
    -1121: "params",
    -1122: "params",
    -1124: "params",
    -132: "params",
}


@dataclass(frozen=True)
class Tried:
    """What came of one trial. `code` has its sentence in `campaigns/zalo_words.py`."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def went_out(self) -> bool:
        """Whether Zalo took it."""
        return self.code == "sent"


def try_out(*, template: MessageTemplate, phone: str, params: Mapping[str, str], actor: User, clock: Clock) -> Tried:
    """Send `template` once to `phone` (84 and nine digits), who must be an admin of the app or the account at Zalo.

    At most PER_DAY a day and account, counted before Zalo is asked. A template under review may be tried too.
    """
    if problems := param_problems(template.params, params):
        first = problems[0]
        facts = {"param": first.name, "problem": first.code, "limit": first.limit, "actual": first.actual}
        return Tried("problem", facts)
    if not _counted(template, actor, clock):
        return Tried("too_many", {"limit": PER_DAY})
    message = OutgoingMessage(f"{PREFIX}{uuid.uuid4().hex}", phone, template.template_id, dict(params))
    return _told(tokens.ask(template.account, clock, lambda key: api.send_template(key, message, development=True)))


@transaction.atomic
def _counted(template: MessageTemplate, actor: User, clock: Clock) -> bool:
    """Write the trial down, unless the account had its share today. The lock makes two at once count as two."""
    account = OfficialAccount.objects.select_for_update().get(pk=template.account_id)
    today = at(local(clock.now()).date())
    tried = AuditEntry.objects.filter(
        workspace=account.workspace_id, at__gte=today, action=ACTION, subject=account.oa_id
    )
    if tried.count() >= PER_DAY:
        return False
    record_audit(
        workspace=account.workspace,
        actor=actor,
        action=ACTION,
        subject=account.oa_id,
        now=clock.now(),
        template=template.template_id,
    )
    return True


def _told(outcome: Outcome) -> Tried:
    if isinstance(outcome, Unreached):
        return Tried("unreached")
    body = body_of(outcome)
    code, said = body.get("error"), str(body.get("message", ""))[:200]
    if not isinstance(code, int):
        return Tried("unknown")
    if code == 0:
        return Tried("sent")
    return Tried("token" if code in TOKEN_EXPIRED else _KNOWN.get(code, "refused"), {"code": code, "said": said})
