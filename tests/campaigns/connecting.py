"""The hands that connect an account: the clinic's browser, and a Zalo that answers in this process, or does not."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import requests

from integrations import http as ours
from integrations.models import OfficialAccount
from tests.accounts.browser import text
from tests.sandbox.zalo_story import APP, OA, OA_KEY, SECRET
from tests.wire import InProcess, mount

KEYS = {"app_id": APP, "app_secret": SECRET, "oa_secret_key": OA_KEY, "policy": "zalo-2026"}
VERIFIER = "v" * 43


class Deaf(InProcess):
    """Zalo, where some paths lead nowhere."""

    def __init__(self, *paths: str) -> None:
        super().__init__()
        self.paths = paths

    def send(self, request, *_, **__):
        if any(path in request.url for path in self.paths):
            raise requests.exceptions.ReadTimeout
        return super().send(request)


def wire(monkeypatch, adapter=None):
    mount(monkeypatch, ours.session(), adapter=adapter)


def paste(browser, pair, **changes):
    fields = {**KEYS, "name": "", "oa_id": OA, "way": "paste", "daily_quota": "20000"}
    tokens = {name: pair[name] for name in ("access_token", "refresh_token")}
    return browser.post("/connections/add/", {**fields, **tokens, **changes}, follow=True)


def to_zalo(browser, page="/connections/add/", **changes):
    """Press the button; returns what our redirect asks Zalo for."""
    sent = browser.post(page, {**KEYS, "way": "oauth", **changes})
    assert sent.status_code == 302, text(sent)
    url = urlsplit(sent["Location"])
    assert url.path == "/sandbox/zalo/oauth/v4/oa/permission"
    return sent["Location"], {name: values[0] for name, values in parse_qs(url.query).items()}


def agree(browser, location, oa_id=OA):
    """The OA's admin agrees at Zalo; the address that Zalo sends the browser back to."""
    return browser.post(location, {"oa_id": oa_id})["Location"]


def stored():
    return OfficialAccount.objects.filter(oa_id=OA).first()
