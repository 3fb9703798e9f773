"""Connecting an Official Account: what an admin brings is shown to Zalo first, and kept only if it is that account's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.audit import record_audit
from accounts.models import User, Workspace
from integrations.base import Clock
from integrations.models import OfficialAccount
from integrations.zalo import oauth, tokens
from integrations.zalo.oauth import NotConnected
from integrations.zalo.policy import policy

# What a person types of an account; the rest is kept as it was when it is connected again.
KEYS = ("app_id", "app_secret", "oa_secret_key", "pkce_verifier", "signs_calls")


def register_account(*, workspace: Workspace, oa_id: str, **details: Any) -> OfficialAccount:
    """Store an account's keys, tokens and policy as given, unasked: for seeds. A second call replaces them."""
    account, _ = OfficialAccount.objects.update_or_create(oa_id=oa_id, workspace=workspace, defaults=details)
    return account


@transaction.atomic
def unblock(account: OfficialAccount, *, actor: User | None, now: datetime) -> None:
    """A person says the cause is mended: let the account send again."""
    OfficialAccount.objects.filter(pk=account.pk).update(blocked_reason="", blocked_facts={})
    record_audit(workspace=account.workspace, actor=actor, action="account.unblock", subject=account.oa_id, now=now)


@transaction.atomic
def change_account(account: OfficialAccount, *, changes: dict[str, Any], actor: User, now: datetime) -> list[str]:
    """Set these columns of an account; the audit trail names what changed and shows no value of it.

    Returns the names of what changed.
    """
    changed = sorted(name for name, value in changes.items() if getattr(account, name) != value)
    if not changed:
        return changed
    for name in changed:
        setattr(account, name, changes[name])
    account.save(update_fields=changed)
    record_audit(
        workspace=account.workspace,
        actor=actor,
        action="account.edit",
        subject=account.oa_id,
        now=now,
        changed=changed,
    )
    return changed


def refusal_of(*, workspace: Workspace, oa_id: str, expected: str = "") -> NotConnected | None:
    """Why this clinic may not connect `oa_id`, asked before Zalo is: exchanging a code ends the OA's older tokens."""
    if expected and oa_id != expected:
        return NotConnected("other_oa", oa_id)
    if OfficialAccount.objects.filter(oa_id=oa_id).exclude(workspace=workspace).exists():
        return NotConnected("other_clinic", oa_id)
    return None


def connect(
    *,
    workspace: Workspace,
    actor: User,
    oa_id: str,
    details: dict[str, Any],
    pair: dict[str, Any],
    way: str,
    clock: Clock,
) -> OfficialAccount | NotConnected:
    """Keep a token pair, once Zalo has said that it speaks for `oa_id`. Nothing is stored otherwise.

    `details` are KEYS and, for a new account, its columns; `pair` is Zalo's token answer. An account that was
    connected before keeps everything but the keys that are given, and is free again if its grant was broken.
    """
    proof = details.get("app_secret", "") if details.get("signs_calls") else ""
    owner = oauth.whose(str(pair["access_token"]), app_secret=proof)
    if isinstance(owner, NotConnected):
        return owner
    if owner.oa_id != oa_id:
        return NotConnected("other_oa", owner.oa_id)
    return _keep(workspace, actor, owner, details, pair, way, clock)


@transaction.atomic
def _keep(
    workspace: Workspace,
    actor: User,
    owner: oauth.Oa,
    details: dict[str, Any],
    pair: dict[str, Any],
    way: str,
    clock: Clock,
) -> OfficialAccount | NotConnected:
    name = details.get("name") or owner.name or owner.oa_id
    new = {**details, "name": name, "workspace": workspace}
    new.setdefault("daily_quota", policy(new["policy"]).start if "policy" in new else None)
    account, is_new = OfficialAccount.objects.get_or_create(oa_id=owner.oa_id, defaults=new)
    if account.workspace_id != workspace.pk:
        return NotConnected("other_clinic", owner.oa_id)
    if not is_new:
        given = {key: details[key] for key in KEYS if details.get(key)}
        OfficialAccount.objects.filter(pk=account.pk).update(**given)
        account.refresh_from_db()
    tokens.store(account, pair, clock)
    record_audit(
        workspace=workspace,
        actor=actor,
        action="account.connect" if is_new else "account.reconnect",
        subject=account.oa_id,
        now=clock.now(),
        way=way,
    )
    return account
