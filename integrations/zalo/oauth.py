"""OAuth v4 of Official Accounts: the address where an admin lets us in, the code's exchange, and whose token it is.

Refusals come with HTTP 200, and not always with a number: only an answer with a non-empty token is a success.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from integrations.http import Outcome, Reply, body_of, call
from integrations.zalo import api
from integrations.zalo.errors import TOKEN_EXPIRED
from integrations.zalo.values import error_code, text


@dataclass(frozen=True)
class NotConnected:
    """Why an account was not connected; nothing is stored. `code` has its sentence in `campaigns/zalo_words.py`.

    `asks_again` says that the same code or token may be tried once more: Zalo has not judged it.
    """

    code: str
    said: str = ""
    asks_again: bool = False


@dataclass(frozen=True)
class Oa:
    """The Official Account behind a token."""

    oa_id: str
    name: str


# Zalo's OAuth codes, then those by which the OA host refuses a token or its proof (zalo-api §1, §4).
_REFUSALS = {
    -14002: "app_id",
    -14003: "redirect",
    -14004: "app_secret",
    -14005: "code",
    -14014: "refresh_token",
    -14029: "not_approved",
    **dict.fromkeys(TOKEN_EXPIRED, "token"),
    -242: "proof",
    -1241: "proof",
}
# Where a refusal may have its words.
_WORDS = ("error_name", "error_description", "message")


def refused_for(code: int | None) -> str:
    """What Zalo finds wrong by such a code, as `NotConnected` calls it; empty for a code that is not known."""
    return _REFUSALS.get(code, "") if code is not None else ""


def new_secret() -> str:
    """43 characters that nobody can guess: a PKCE verifier, or a state."""
    return secrets.token_urlsafe(32)


def challenge(verifier: str) -> str:
    """The PKCE challenge of a verifier: base64url of its raw SHA-256, without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def permission_url(*, app_id: str, redirect_uri: str, verifier: str, state: str) -> str:
    """Where an admin of the OA lets the app in; Zalo then calls `redirect_uri` with `code`, `oa_id` and `state`."""
    asked = {
        "app_id": app_id,
        "redirect_uri": redirect_uri,
        "code_challenge": challenge(verifier),
        "state": state,
    }
    return f"{settings.ZALO_OAUTH_BASE}/v4/oa/permission?{urlencode(asked)}"


def exchange(*, app_id: str, app_secret: str, code: str, verifier: str) -> dict[str, Any] | NotConnected:
    """`POST /v4/oa/access_token`: Zalo's token answer for a code, which lives ten minutes and works once."""
    form = {"code": code, "app_id": app_id, "grant_type": "authorization_code", "code_verifier": verifier}
    headers = {"secret_key": app_secret}
    body = _body(call("POST", f"{settings.ZALO_OAUTH_BASE}/v4/oa/access_token", headers=headers, data=form))
    if body.get("access_token"):
        return body
    return _refusal(body)


def whose(token: str, *, app_secret: str = "") -> Oa | NotConnected:
    """`GET /v2.0/oa/getoa`: which OA the token speaks for. With `app_secret` the call carries its proof."""
    key = api.Credentials.signed(token, app_secret) if app_secret else api.Credentials(token)
    body = _body(api.read_account(key))
    data = body.get("data")
    if error_code(body) == 0 and isinstance(data, dict) and (oa_id := data.get("oa_id") or data.get("oaid")):
        return Oa(str(oa_id), str(data.get("name") or ""))
    return _refusal(body)


def _body(outcome: Outcome) -> dict[str, Any]:
    return body_of(outcome) if isinstance(outcome, Reply) and outcome.status == 200 else {}


def _refusal(body: dict[str, Any]) -> NotConnected:
    """Zalo's own word, or its silence: then the same question may be asked again, and a spent code is told as such."""
    said = text(" ".join(str(body.get(key) or "") for key in _WORDS).strip(), 200)
    if not said and not body.get("error"):
        return NotConnected("silent", asks_again=True)
    code = error_code(body)
    known = refused_for(code) or "refused"
    return NotConnected(known, f"{code or ''} {said}".strip())
