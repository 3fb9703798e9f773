"""A public client library of the field, unchanged, takes the sandbox for Zalo: only the hosts' names lead elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pkce
import pytest
import requests
import zalo_sdk
from django.test import Client
from zalo_sdk.oa.Client import Client as ChatClient
from zalo_sdk.oa.ZaloMessage import ZaloMessageBody, ZaloRecipient
from zalo_sdk.ZaloException import ZaloException
from zalo_sdk.zns.Client import Client as ZnsClient
from zalo_sdk.zns.Client import ZNSTemplateStatus

from sandbox.models import Message
from tests.sandbox.zalo_story import APP, CARE, HOA, NOON, OA, SECRET, make_account, make_user, set_clock
from tests.wire import InProcess

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])

HOSTS = {"oauth.zaloapp.com": "oauth", "business.openapi.zalo.me": "business", "openapi.zalo.me": "openapi"}
DATA = {"customer_name": "Hoa", "customer_id": "KH001"}


class Elsewhere(InProcess):
    """Zalo's hosts are played in this process."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        request.url = f"http://testserver/sandbox/zalo/{HOSTS[str(parts.netloc)]}{parts.path}?{parts.query}"
        return super().send(request, *args, **kwargs)


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """An account of the sandbox, at noon, with the library's HTTP led to it."""
    set_clock(monkeypatch, NOON)
    adapter = Elsewhere()
    monkeypatch.setattr(requests.Session, "get_adapter", lambda session, url: adapter)
    make_account()


def granted(client: Client) -> Any:
    """A ZNS client that has been through the permission page and exchanged its code."""
    verifier = pkce.generate_code_verifier(43)
    challenge = pkce.get_code_challenge(verifier)
    zns = ZnsClient(app_id=APP, secret_key=SECRET)
    asked = urlsplit(zns.request_authoriation_code_url("http://us.test/", challenge, "state"))
    allowed = client.post(f"/sandbox/zalo/oauth{asked.path}?{asked.query}", {"oa_id": OA})
    [code] = parse_qs(urlsplit(allowed["Location"]).query)["code"]
    zns.get_access_token_from_authorization_code(code, verifier)
    return zns


def test_it_is_granted_refreshes_lists_templates_and_sends(client: Client) -> None:
    zns = granted(client)
    before = zns.access_token
    zns.refresh_acccess_token()
    assert zns.access_token not in ("", before)
    assert len(zns.get_template_list(0, 100, ZNSTemplateStatus.Enabled)["data"]) == 3
    sent = zns.send_zns_message(HOA, CARE, DATA, tracking_id="t1")
    assert sent["data"]["msg_id"] == Message.objects.get().msg_id


def test_it_hears_refusals_as_its_own_exceptions(client: Client) -> None:
    zns = granted(client)
    with pytest.raises(ZaloException):
        zns.send_zns_message("0283822", CARE, DATA)
    zns.access_token = "spent"
    with pytest.raises(zalo_sdk.ZaloOAAuthTokenExpiredException):
        zns.get_template_list(0, 1)


def test_it_finds_people_and_answers_them(client: Client) -> None:
    heard = NOON - timedelta(hours=1)
    user_id = make_user(oa_id=OA, phone=HOA, name="Hoa", follows=True, last_interaction_at=heard)
    chat = ChatClient(app_id=APP, secret_key=SECRET, access_token=granted(client).access_token)
    assert chat.get_user_detail(user_id)["data"]["display_name"] == "Hoa"
    assert chat.get_list({"offset": 0, "count": 10})["data"]["users"] == [{"user_id": user_id}]
    told = chat.send_message(ZaloRecipient(user_id=user_id), ZaloMessageBody(text="Chào chị"))
    assert told["data"]["user_id"] == user_id
    with pytest.raises(zalo_sdk.ZaloOAException):
        chat.send_message(ZaloRecipient(user_id=user_id), ZaloMessageBody(text="x"), category="transaction")
