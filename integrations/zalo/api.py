"""Zalo's wire: paths, headers and JSON of the business, OpenAPI and OAuth hosts. Nothing here decides anything."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

from django.conf import settings

from integrations.base import OutgoingMessage
from integrations.http import Outcome, body_of, call


class ZaloDidNotAnswer(Exception):
    """Zalo could not be read now; the message says what it said."""


@dataclass(frozen=True)
class Credentials:
    """What a call shows: the access token and, from an account that signs its calls, a proof of knowing the app secret.

    False when there is no token.
    """

    token: str
    proof: str = ""

    @classmethod
    def signed(cls, token: str, app_secret: str) -> Self:
        """With `appsecret_proof`: lower-case hex HMAC-SHA256 of the token, keyed with the app secret (Zalo's SDKs)."""
        return cls(token, hmac.new(app_secret.encode(), token.encode(), sha256).hexdigest() if token else "")

    def __bool__(self) -> bool:
        return bool(self.token)

    @property
    def headers(self) -> dict[str, str]:
        """The bare `access_token`, never `Authorization`; the proof only from those who sign."""
        proof = {"appsecret_proof": self.proof} if self.proof else {}
        return {"access_token": self.token, **proof}


def send_template(key: Credentials, message: OutgoingMessage, *, development: bool = False) -> Outcome:
    """`POST /message/template`: one ZNS by phone. Zalo answers business errors with HTTP 200.

    `development` reaches only admins of the app or the account, and may use a template that is still under review.
    """
    body = {"phone": message.phone, **_template(message)}
    if development:
        body["mode"] = "development"
    return call("POST", f"{settings.ZALO_BUSINESS_BASE}/message/template", headers=key.headers, json=body)


def send_template_hashed(key: Credentials, message: OutgoingMessage) -> Outcome:
    """`POST /message/template/hashphone`: the same by SHA-256 (hex) of the phone as `84…`; receipts carry the hash."""
    body = {"hash_phone": sha256(message.phone.encode()).hexdigest(), **_template(message)}
    return call("POST", f"{settings.ZALO_BUSINESS_BASE}/message/template/hashphone", headers=key.headers, json=body)


def _template(message: OutgoingMessage) -> dict[str, Any]:
    return {
        "template_id": message.template_id,
        "template_data": message.params,
        "tracking_id": message.tracking_id,
    }


def send_template_to_user(key: Credentials, message: OutgoingMessage) -> Outcome:
    """`POST /v3.0/oa/message/template`: one approved template to a user id. It carries no tracking id."""
    body = {"user_id": message.user_id, "template_id": message.template_id, "template_data": message.params}
    return call("POST", f"{settings.ZALO_OPENAPI_BASE}/v3.0/oa/message/template", headers=key.headers, json=body)


def send_consultation(key: Credentials, message: OutgoingMessage) -> Outcome:
    """`POST /v3.0/oa/message/cs`: one consultation (tư vấn) message of at most 2,000 characters to a user id."""
    body = {"recipient": {"user_id": message.user_id}, "message": {"text": message.text}}
    return call("POST", f"{settings.ZALO_OPENAPI_BASE}/v3.0/oa/message/cs", headers=key.headers, json=body)


def read(key: Credentials, path: str, **params: Any) -> Outcome:
    """A GET of the business host, such as `/message/quota` or `/template/all`."""
    return call("GET", f"{settings.ZALO_BUSINESS_BASE}{path}", headers=key.headers, params=params)


def message_status(key: Credentials, msg_id: str) -> Outcome:
    """`GET /message/status`: `data.status` is 1 delivered, 0 not yet, -1 unknown; `delivery_time` in epoch ms."""
    return read(key, "/message/status", message_id=msg_id)


def read_account(key: Credentials) -> Outcome:
    """`GET /v2.0/oa/getoa` of the OpenAPI host: who the account is, and its package."""
    return call("GET", f"{settings.ZALO_OPENAPI_BASE}/v2.0/oa/getoa", headers=key.headers)


def refresh_token(*, app_id: str, app_secret: str, refresh_token: str) -> Outcome:
    """`POST /v4/oa/access_token`: a new pair for a refresh token, which works once."""
    form = {"refresh_token": refresh_token, "app_id": app_id, "grant_type": "refresh_token"}
    return call("POST", f"{settings.ZALO_OAUTH_BASE}/v4/oa/access_token", headers={"secret_key": app_secret}, data=form)


def answered(outcome: Outcome) -> dict[str, Any]:
    """The whole JSON of a question that Zalo answered with `error: 0`. Raises ZaloDidNotAnswer otherwise."""
    body = body_of(outcome)
    if body.get("error") == 0:
        return body
    raise ZaloDidNotAnswer(str(body.get("message", "")))
