"""Kết nối bằng Zalo: what is remembered between the button and Zalo's answer, and what becomes of the answer."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.urls import reverse

from accounts.models import User, Workspace
from accounts.secrets import opened, sealed
from integrations.base import Clock
from integrations.models import OfficialAccount
from integrations.zalo import oauth
from integrations.zalo.connect import connect, refusal_of
from integrations.zalo.oauth import NotConnected


@dataclass(frozen=True)
class Pending:
    """One way to Zalo and back, kept in the session of the browser that set out, encrypted since it holds keys.

    `expected` is the OA that is connected again, empty for a new one. `pair` is Zalo's token answer once the code,
    which works once, is spent: then only the question whose it is may be asked again.
    """

    state: str
    workspace: int
    details: dict[str, Any]
    verifier: str
    expected: str = ""
    pair: dict[str, Any] = field(default_factory=dict)

    def kept(self) -> str:
        """What the session holds."""
        return sealed(json.dumps(asdict(self)))

    @classmethod
    def read(cls, kept: str) -> Self | None:
        """What `kept` wrote; None for nothing, and for what keys that are gone or another release have sealed."""
        try:
            return cls(**json.loads(opened(kept))) if kept else None
        except (InvalidToken, TypeError, ValueError):
            return None


def redirect_uri() -> str:
    """Where Zalo sends the admin back; it must be registered in the app at Zalo."""
    return f"{settings.PUBLIC_URL}{reverse('campaigns:oauth_callback')}"


def set_out(*, workspace: Workspace, details: dict[str, Any], expected: str = "") -> tuple[Pending, str]:
    """What to remember, and Zalo's page to go to. A verifier that is saved in Zalo's console is used as it is."""
    verifier = details.get("pkce_verifier") or oauth.new_secret()
    pending = Pending(oauth.new_secret(), workspace.pk, details, verifier, expected)
    url = oauth.permission_url(
        app_id=details["app_id"], redirect_uri=redirect_uri(), verifier=verifier, state=pending.state
    )
    return pending, url


def come_back(
    *, pending: Pending | None, workspace: Workspace, actor: User, query: dict[str, str], clock: Clock
) -> tuple[OfficialAccount | NotConnected, Pending | None]:
    """The account that is now connected or why it is not, and what to remember for another try of the same answer.

    `query` is what Zalo's redirect carries: `code`, `oa_id`, `state`. A state that is not this browser's changes nothing.
    """
    if pending is None or query.get("state") != pending.state or workspace.pk != pending.workspace:
        return NotConnected("state"), pending
    oa_id, code = query.get("oa_id", ""), query.get("code", "")
    if not code or not oa_id:
        return NotConnected("no_code"), None
    if refusal := refusal_of(workspace=workspace, oa_id=oa_id, expected=pending.expected):
        return refusal, None
    keys = pending.details
    pair = pending.pair or oauth.exchange(
        app_id=keys["app_id"], app_secret=keys["app_secret"], code=code, verifier=pending.verifier
    )
    if isinstance(pair, NotConnected):
        return pair, pending if pair.asks_again else None
    result = connect(workspace=workspace, actor=actor, oa_id=oa_id, details=keys, pair=pair, way="oauth", clock=clock)
    again = isinstance(result, NotConnected) and result.asks_again
    return result, replace(pending, pair=pair) if again else None
