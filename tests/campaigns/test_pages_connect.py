"""Kết nối: an account comes in by Zalo's own page or by pasted tokens, and only when Zalo says it is that account."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from accounts.models import AuditEntry
from accounts.secrets import sealed
from integrations.models import OfficialAccount
from sandbox.models import Account
from tests.accounts.browser import form, text
from tests.campaigns.connecting import VERIFIER, Deaf, agree, paste, stored, to_zalo, wire
from tests.campaigns.story import make_account as our_account
from tests.sandbox.zalo_story import OA, SECRET

pytestmark = [pytest.mark.django_db(databases=["default", "sandbox"]), pytest.mark.usefixtures("afternoon")]


# --- by pasted tokens ---------------------------------------------------------


def test_pasted_tokens_are_kept_once_zalo_says_whose_they_are(browser, pair):
    page = paste(browser, pair)
    account = stored()
    assert "Đã kết nối “Nha khoa Hoa Sen”" in text(page)
    assert (account.access_token, account.refresh_token) == (pair["access_token"], pair["refresh_token"])
    assert (account.app_secret, account.daily_quota) == (SECRET, 20_000)
    assert AuditEntry.objects.get(action="account.connect").facts == {"way": "paste"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"oa_id": "999"}, f"Token này thuộc OA {OA}, không phải OA bạn chọn"),
        ({"access_token": "đoán-bừa".encode().hex()}, "Access token không đúng hoặc đã hết hạn"),
    ],
)
def test_a_token_that_is_not_this_accounts_stores_nothing(browser, pair, changes, sentence):
    assert sentence in text(paste(browser, pair, **changes))
    assert not OfficialAccount.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_silent_zalo_stores_nothing_and_lets_the_person_try_again(browser, pair, monkeypatch):
    wire(monkeypatch, Deaf("getoa"))
    page = paste(browser, pair)
    assert "Chưa liên lạc được với Zalo nên chưa lưu gì" in text(page)
    assert not OfficialAccount.objects.exists()
    wire(monkeypatch)
    assert "Đã kết nối" in text(browser.post("/connections/add/", form_of(page), follow=True))


def form_of(page):
    """The pasted form as it came back, what was typed still in it."""
    return {name: values[-1] for name, values in form(page, **{"aria-labelledby": "by-hand"}).items()}


def test_an_account_of_another_clinic_is_not_taken(browser, pair, stranger):
    theirs = stranger.memberships.get().workspace
    our_account(theirs, oa_id=OA, refresh_token="của họ")
    assert "OA này đã được kết nối ở doanh nghiệp khác." in text(paste(browser, pair))
    assert stored().refresh_token == "của họ"


# --- by Zalo's own page -------------------------------------------------------


@pytest.mark.parametrize("fixed", ["", VERIFIER])
def test_zalos_own_page_brings_the_account_in(browser, pair, fixed):
    location, asked = to_zalo(browser, pkce_verifier=fixed)
    assert set(asked) == {"app_id", "redirect_uri", "code_challenge", "state"}
    assert asked["redirect_uri"] == "http://testserver/connections/oauth/callback"
    page = browser.get(agree(browser, location), follow=True)
    assert "Đã kết nối “Nha khoa Hoa Sen”" in text(page)
    account = stored()
    assert account.access_token == Account.objects.get().access_token != pair["access_token"]
    assert (account.policy, account.daily_quota, account.pkce_verifier) == ("zalo-2026", 20_000, fixed)


def test_each_way_to_zalo_has_its_own_challenge_unless_one_is_saved_there(browser, pair):
    challenges = [to_zalo(browser)[1]["code_challenge"] for _ in range(2)]
    assert len(set(challenges)) == 2
    assert len({to_zalo(browser, pkce_verifier=VERIFIER)[1]["code_challenge"] for _ in range(2)}) == 1


def test_keys_wait_in_the_session_encrypted(browser, pair):
    to_zalo(browser)
    assert SECRET not in str(dict(browser.session))


@pytest.mark.parametrize("spoilt", [{"state": "đoán"}, {"state": ""}])
def test_a_state_of_another_browser_changes_nothing(browser, pair, spoilt):
    location, _ = to_zalo(browser)
    back = urlsplit(agree(browser, location))
    query = {name: values[0] for name, values in parse_qs(back.query).items()} | spoilt
    assert "không bắt đầu từ trình duyệt này" in text(browser.get(back.path, query, follow=True))
    assert not OfficialAccount.objects.exists()


@pytest.mark.parametrize("remembered", ['{"state": "s", "of_another_release": 1}', "[1]", "{"])
def test_a_way_that_another_release_began_is_begun_again(browser, remembered):
    session = browser.session
    session["zalo_connect"] = sealed(remembered)
    session.save()
    page = browser.get("/connections/oauth/callback", {"code": "c", "oa_id": OA, "state": "s"}, follow=True)
    assert "hãy kết nối lại từ đầu" in text(page)
    assert not OfficialAccount.objects.exists()


def test_a_state_works_once(browser, pair):
    location, _ = to_zalo(browser)
    back = agree(browser, location)
    browser.get(back)
    before = stored().access_token
    assert "đã dùng rồi" in text(browser.get(back, follow=True))
    assert stored().access_token == before


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"app_secret": "sai-khóa"}, "Khóa bí mật của ứng dụng không đúng"),
        ({}, "Mã cấp quyền đã dùng"),
    ],
)
def test_what_zalo_refuses_is_told_with_what_to_do(browser, pair, keys, sentence):
    location, _ = to_zalo(browser, **keys)
    back = agree(browser, location)
    if not keys:
        back = back.replace("code=", "code=x")
    assert sentence in text(browser.get(back, follow=True))
    assert not OfficialAccount.objects.exists()


def test_who_does_not_agree_is_told(browser, pair):
    _, asked = to_zalo(browser)
    page = browser.get("/connections/oauth/callback", {"state": asked["state"]}, follow=True)
    assert "quản trị viên OA chưa đồng ý" in text(page)


def test_a_foreign_account_is_refused_before_its_tokens_are_touched(browser, pair, stranger):
    our_account(stranger.memberships.get().workspace, oa_id=OA)
    location, _ = to_zalo(browser)
    assert "đã được kết nối ở doanh nghiệp khác" in text(browser.get(agree(browser, location), follow=True))
    # The exchange would have killed the other clinic's pair.
    assert Account.objects.get().access_token == pair["access_token"]


def test_an_answer_that_could_not_be_checked_is_checked_again_without_a_second_code(browser, pair, monkeypatch):
    location, _ = to_zalo(browser)
    back = agree(browser, location)
    wire(monkeypatch, Deaf("getoa"))
    page = browser.get(back)
    assert "Chưa liên lạc được với Zalo" in text(page)
    assert not OfficialAccount.objects.exists()
    wire(monkeypatch)
    assert "Đã kết nối" in text(browser.get(back, follow=True))
    assert stored().access_token == Account.objects.get().access_token


def test_the_page_may_lead_to_zalo_and_no_other_page_may(browser):
    assert "/sandbox/zalo/oauth" in browser.get("/connections/add/")["Content-Security-Policy"]
    assert "/sandbox/zalo/oauth" not in browser.get("/connections/")["Content-Security-Policy"]
