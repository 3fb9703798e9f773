"""Tokens: exchange, rotation, death."""

import base64
import hashlib
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.models import Account
from sandbox.zalo import accounts, faults, services
from tests.sandbox.zalo_story import APP, HOOK, NOON, OA, SECRET, ask, make_account, send, set_clock

pytestmark = [pytest.mark.django_db(databases=["default", "sandbox"]), pytest.mark.usefixtures("noon")]


def challenge(verifier):
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def grant(client, secret=SECRET, **form):
    form = {"app_id": APP, "grant_type": "refresh_token"} | form
    answer = client.post("/sandbox/zalo/oauth/v4/oa/access_token", form, headers={"secret_key": secret})
    assert answer.status_code == 200  # even a refusal
    return answer.json()


def test_refresh_gives_a_new_pair_and_kills_the_old_access_token(client):
    old = make_account()
    new = grant(client, refresh_token=old["refresh_token"])
    assert set(new) == {"access_token", "refresh_token", "expires_in"}
    assert new["expires_in"] == "90000"
    assert send(client, old["access_token"])["error"] == -124
    assert send(client, new["access_token"])["error"] == 0


def test_a_refresh_token_works_once(client):
    old = make_account()
    new = grant(client, refresh_token=old["refresh_token"])
    again = grant(client, refresh_token=old["refresh_token"])
    assert again["error"] == -14014
    assert again["error_name"] == "Invalid refresh token."
    assert set(again) == {"error", "error_name", "error_description", "error_reason", "ref_doc"}
    assert send(client, new["access_token"])["error"] == 0  # the loser of the race does no harm


def test_access_lives_25_hours_and_refresh_90_days(client, monkeypatch):
    pair = make_account()
    set_clock(monkeypatch, NOON + timedelta(seconds=89_999))
    assert ask(client, pair["access_token"], "quality")["error"] == 0
    set_clock(monkeypatch, NOON + timedelta(seconds=90_000))
    assert ask(client, pair["access_token"], "quality") == {"error": -124, "message": "Access token invalid"}
    set_clock(monkeypatch, NOON + timedelta(days=90))
    assert grant(client, refresh_token=pair["refresh_token"])["error"] == -14014


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"app_id": "1"}, -14002),
        ({"secret": "guess"}, -14004),
        ({"refresh_token": ""}, -14014),
        ({"grant_type": "authorization_code", "code": "guess"}, -14005),
        ({"grant_type": "password"}, -14018),
    ],
)
def test_refusals(client, wrong, code):
    make_account()
    assert grant(client, **wrong)["error"] == code


@pytest.mark.parametrize(("verifier", "works"), [("v" * 43, True), ("w" * 43, False), ("", False)])
def test_a_code_with_a_challenge_needs_its_verifier(client, verifier, works):
    make_account()
    code = accounts.issue_code(oa_id=OA, code_challenge=challenge("v" * 43), now=NOON)
    answer = grant(client, grant_type="authorization_code", code=code, code_verifier=verifier)
    assert ("access_token" in answer) is works


def test_a_code_works_once_and_ten_minutes(client, monkeypatch):
    make_account()
    first, late = (accounts.issue_code(oa_id=OA, now=NOON) for _ in range(2))
    assert "access_token" in grant(client, grant_type="authorization_code", code=first)
    assert grant(client, grant_type="authorization_code", code=first)["error"] == -14005
    set_clock(monkeypatch, NOON + timedelta(minutes=10))
    assert grant(client, grant_type="authorization_code", code=late)["error"] == -14005


def test_the_permission_page_sends_the_admin_back_with_a_code(client):
    make_account()
    page = f"/sandbox/zalo/oauth/v4/oa/permission?app_id={APP}&redirect_uri=http://us.test/back&state=s1"
    assert "Nha khoa Hoa Sen" in client.get(page).content.decode()
    back = urlsplit(client.post(page, {"oa_id": OA})["Location"])
    query = parse_qs(back.query)
    assert (back.netloc, query["oa_id"], query["state"]) == ("us.test", [OA], ["s1"])
    assert "access_token" in grant(client, grant_type="authorization_code", code=query["code"][0])


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("app_id=1&redirect_uri=http://us.test/", -14002),
        (f"app_id={APP}", -14003),
        (f"app_id={APP}&redirect_uri=javascript:1", -14003),
        (f"app_id={APP}&redirect_uri=http://foreign.test/back", -14003),
    ],
)
def test_the_permission_page_sends_strangers_to_its_error_page(client, query, code):
    make_account(redirect_uri="http://us.test/back")
    answer = client.get(f"/sandbox/zalo/oauth/v4/oa/permission?{query}", follow=True)
    assert answer.redirect_chain == [(f"/sandbox/zalo/oauth/v4/permission/error?error_code={code}", 302)]
    assert answer.status_code == 400
    assert str(code) in answer.content.decode()


def test_a_registered_callback_is_let_in(client):
    make_account(redirect_uri="http://us.test/back")
    page = f"/sandbox/zalo/oauth/v4/oa/permission?app_id={APP}&redirect_uri=http://us.test/back"
    assert client.get(page).status_code == 200
    assert client.post(page, {"oa_id": OA})["Location"].startswith("http://us.test/back?code=")


@pytest.mark.parametrize(("verifier", "works"), [("c" * 43, True), ("v" * 43, False), ("", False)])
def test_a_challenge_of_the_console_goes_before_one_of_the_request(client, verifier, works):
    make_account(console_challenge=challenge("c" * 43))
    code = accounts.issue_code(oa_id=OA, code_challenge=challenge("v" * 43), now=NOON)
    answer = grant(client, grant_type="authorization_code", code=code, code_verifier=verifier)
    assert ("access_token" in answer) is works


def test_an_answer_without_a_refresh_token_leaves_the_old_one_good(client):
    old = make_account()
    faults.add(faults.parse({"kind": "token_no_refresh"}))
    first = grant(client, refresh_token=old["refresh_token"])
    assert set(first) == {"access_token", "expires_in"}
    assert send(client, old["access_token"])["error"] == -124
    assert send(client, first["access_token"])["error"] == 0
    assert "refresh_token" in grant(client, refresh_token=old["refresh_token"])


def test_an_empty_answer_mints_nothing(client):
    old = make_account()
    faults.add(faults.parse({"kind": "token_empty_answer"}))
    answer = grant(client, refresh_token=old["refresh_token"])
    assert answer == {"access_token": "", "refresh_token": "", "expires_in": ""}
    assert send(client, old["access_token"])["error"] == 0
    assert "refresh_token" in grant(client, refresh_token=old["refresh_token"])


def test_a_lost_answer_has_spent_the_refresh_token(client):
    old = make_account()
    faults.add(faults.parse({"kind": "token_lost_answer"}))
    form = {"app_id": APP, "grant_type": "refresh_token", "refresh_token": old["refresh_token"]}
    lost = client.post("/sandbox/zalo/oauth/v4/oa/access_token", form, headers={"secret_key": SECRET})
    assert (lost.status_code, lost.content) == (500, b"")
    assert send(client, old["access_token"])["error"] == -124
    assert grant(client, refresh_token=old["refresh_token"])["error"] == -14014


@pytest.mark.parametrize(("kind", "minted"), [("http_500", False), ("truncated_json", True), ("html_answer", True)])
def test_any_fault_may_strike_where_tokens_are_minted(client, kind, minted):
    old = make_account()
    faults.add(faults.parse({"kind": kind, "path": "/v4/oa/access_token"}))
    form = {"app_id": APP, "grant_type": "refresh_token", "refresh_token": old["refresh_token"]}
    client.post("/sandbox/zalo/oauth/v4/oa/access_token", form, headers={"secret_key": SECRET})
    assert send(client, old["access_token"])["error"] == (-124 if minted else 0)


def test_making_an_account_twice_keeps_its_tokens_and_renews_its_webhook():
    make_account()
    before = Account.objects.get()
    again = services.create_account(
        oa_id=OA, name="Tên mới", app_id=APP, app_secret="x", oa_secret_key="x", webhook_url=f"{HOOK}2", now=NOON
    )
    after = Account.objects.get()
    assert again is None
    assert (after.name, after.webhook_url) == ("Tên mới", f"{HOOK}2")
    assert (after.access_token, after.app_secret) == (before.access_token, SECRET)
