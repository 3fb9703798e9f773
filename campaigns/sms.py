"""Connecting the clinic's account with the SMS vendor."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import record_audit
from accounts.models import User, Workspace
from integrations.models import SmsAccount


@transaction.atomic
def connect_sms(
    *, workspace: Workspace, actor: User, api_key: str, secret_key: str, brandname: str, price_vnd: int, now: datetime
) -> SmsAccount:
    """Keep what a person typed; an empty key keeps the one there is. Whatever blocked the account counts as mended."""
    account = SmsAccount.objects.select_for_update().filter(workspace=workspace).first() or SmsAccount(
        workspace=workspace
    )
    account.api_key, account.secret_key = api_key or account.api_key, secret_key or account.secret_key
    account.brandname, account.price_vnd = brandname, price_vnd
    account.blocked_reason, account.blocked_facts = "", {}
    account.save()
    record_audit(workspace=workspace, actor=actor, action="sms.connect", subject=brandname, now=now)
    return account
