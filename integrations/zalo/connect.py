"""Connecting an Official Account, and keeping what we know of it in step with Zalo."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Workspace
from integrations.base import Clock
from integrations.http import Reply
from integrations.models import MessageTemplate, OfficialAccount
from integrations.zalo import api, tokens

# The most that Zalo lists at once.
_PAGE = 100
_TAGS = {
    "TRANSACTION": 1,
    "OTP": 1,
    "IN_TRANSACTION": 1,
    "CUSTOMER_CARE": 2,
    "POST_TRANSACTION": 1,
    "ACCOUNT_UPDATE": 2,
    "GENERAL_UPDATE": 2,
    "PROMOTION": 3,
    "FOLLOW_UP": 3,
}


class ZaloDidNotAnswer(Exception):
    """Zalo could not be read now; the message says what it said."""


def register_account(*, workspace: Workspace, oa_id: str, **details: Any) -> OfficialAccount:
    """Store an account's keys, tokens and policy. A second call with the same OA id and workspace replaces them."""
    account, _ = OfficialAccount.objects.update_or_create(oa_id=oa_id, workspace=workspace, defaults=details)
    return account


def unblock(account: OfficialAccount) -> None:
    """A person says the cause is mended: let the account send again."""
    OfficialAccount.objects.filter(pk=account.pk).update(blocked_reason="", blocked_facts={})


def sync_templates(*, account: OfficialAccount, clock: Clock) -> int:
    """Bring the account's templates in step with Zalo's; return how many there are. Raises ZaloDidNotAnswer."""
    token = tokens.current(account, clock)
    details = [_read(token, "/template/info/v2", template_id=each)["data"] for each in _template_ids(token)]
    now = clock.now()
    with transaction.atomic():
        for detail in details:
            _store_template(account, detail, now)
    return len(details)


def _template_ids(token: str) -> list[Any]:
    """Every template's id, once: the list may move while its pages are read."""
    found: dict[Any, None] = {}
    offset, more = 0, True
    while more:
        reply = _read(token, "/template/all", offset=offset, limit=_PAGE)
        found |= {row["templateId"]: None for row in reply["data"]}
        offset += len(reply["data"])
        total = (reply.get("metadata") or {}).get("total")
        # A page with nothing on it ends a list that is shorter than Zalo's total.
        more = bool(reply["data"]) and (len(reply["data"]) == _PAGE if total is None else offset < int(total))
    return list(found)


def _read(token: str, path: str, **params: Any) -> dict[str, Any]:
    outcome = api.read(token, path, **params)
    if isinstance(outcome, Reply) and outcome.body and outcome.body.get("error") == 0:
        return outcome.body
    raise ZaloDidNotAnswer(str(outcome.body.get("message", "")) if isinstance(outcome, Reply) and outcome.body else "")


def _store_template(account: OfficialAccount, detail: dict[str, Any], now: datetime) -> None:
    quota = detail.get("templateDailyQuota") if detail.get("applyTemplateQuota") else None
    MessageTemplate.objects.update_or_create(
        account=account,
        template_id=str(detail["templateId"]),
        defaults={
            "workspace": account.workspace,
            "name": detail["templateName"],
            "tag": _TAGS.get(str(detail.get("templateTag")), 3),
            "status": detail["status"],
            "quality": detail.get("templateQuality") or "UNDEFINED",
            "params": detail.get("listParams") or [],
            "price_vnd": int(float(detail.get("price_sdt") or detail.get("price") or 0)),
            "timeout_ms": int(detail.get("timeout") or 7_200_000),
            "daily_quota": int(quota) if quota is not None else None,
            "synced_at": now,
        },
    )
