"""Zalo's wire: paths, headers and JSON of the business and OAuth hosts. Nothing here decides anything."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from integrations.base import OutgoingMessage
from integrations.http import Outcome, call


def send_template(token: str, message: OutgoingMessage) -> Outcome:
    """`POST /message/template`: one ZNS by phone. Zalo answers business errors with HTTP 200."""
    body = {
        "phone": message.phone,
        "template_id": message.template_id,
        "template_data": message.params,
        "tracking_id": message.tracking_id,
    }
    return call("POST", f"{settings.ZALO_BUSINESS_BASE}/message/template", headers={"access_token": token}, json=body)


def read(token: str, path: str, **params: Any) -> Outcome:
    """A GET of the business host, such as `/message/quota` or `/template/all`."""
    return call("GET", f"{settings.ZALO_BUSINESS_BASE}{path}", headers={"access_token": token}, params=params)


def refresh_token(*, app_id: str, app_secret: str, refresh_token: str) -> Outcome:
    """`POST /v4/oa/access_token`: a new pair for a refresh token, which works once."""
    form = {"refresh_token": refresh_token, "app_id": app_id, "grant_type": "refresh_token"}
    return call("POST", f"{settings.ZALO_OAUTH_BASE}/v4/oa/access_token", headers={"secret_key": app_secret}, data=form)
