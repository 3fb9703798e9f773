"""Zalo's side of the wire in two forms: scripted answers, and the sandbox that behaves as Zalo does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from accounts.models import Workspace
from integrations import http
from integrations.base import Channel, OutgoingMessage, SendResult
from integrations.models import OfficialAccount
from tests.campaigns.story import HandClock, make_account
from tests.sandbox import zalo_story
from tests.wire import mount

SEND = f"{settings.ZALO_BUSINESS_BASE}/message/template"
SEND_HASHED = f"{settings.ZALO_BUSINESS_BASE}/message/template/hashphone"
SEND_UID = f"{settings.ZALO_OPENAPI_BASE}/v3.0/oa/message/template"
SEND_CHAT = f"{settings.ZALO_OPENAPI_BASE}/v3.0/oa/message/cs"
TOKEN = f"{settings.ZALO_OAUTH_BASE}/v4/oa/access_token"
PAIR = {"access_token": "token-2", "refresh_token": "refresh-2", "expires_in": "90000"}
MESSAGE = OutgoingMessage("t-1", "84912345678", "7001", {"customer_name": "Hoa"}, user_id="u-1", text="Chào chị Hoa")


def connected(workspace: Workspace, clock: HandClock, **changes: Any) -> OfficialAccount:
    """An account with twenty hours left on its token."""
    keys = {"app_secret": "bi-mat", "access_token": "token-1", "refresh_token": "refresh-1"}
    return make_account(workspace, **{**keys, "token_expires_at": clock.now() + timedelta(hours=20), **changes})


def connected_to_sandbox(workspace: Workspace, clock: HandClock, **columns: Any) -> OfficialAccount:
    """Our account for the sandbox's story, with the pair that it minted at the clock's time."""
    pair = zalo_story.make_account(now=clock.now(), **columns)
    return connected(
        workspace,
        clock,
        oa_id=zalo_story.OA,
        app_id=zalo_story.APP,
        app_secret=zalo_story.SECRET,
        access_token=pair["access_token"],
        refresh_token=pair["refresh_token"],
    )


def wire(monkeypatch: pytest.MonkeyPatch, clock: HandClock) -> None:
    """Our calls are answered by the sandbox in this process, by the same clock."""
    mount(monkeypatch, http.session())
    monkeypatch.setattr("sandbox.clock.now", clock.now)


def send_one(
    channel: Channel, account: OfficialAccount, clock: HandClock, message: OutgoingMessage = MESSAGE
) -> SendResult:
    """One message through the real channel."""
    return channel.send_many(account, [message], channel.open(account, clock), clock)[0]
