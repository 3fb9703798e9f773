"""Kết nối: an account that is connected: its options, connecting it again, and the banner when it must be."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from integrations.models import OfficialAccount
from sandbox.models import Account
from tests.accounts.browser import as_, form, text
from tests.campaigns.connecting import VERIFIER, agree, stored, to_zalo
from tests.campaigns.story import make_account as our_account
from tests.campaigns.story import make_template, vn
from tests.sandbox.zalo_story import APP, OA, SECRET

pytestmark = [pytest.mark.django_db(databases=["default", "sandbox"]), pytest.mark.usefixtures("afternoon")]


# --- an account that is connected ---------------------------------------------


@pytest.fixture
def broken(workspace, pair):
    """Its grant was refused, with options that a person had set."""
    return our_account(
        workspace,
        oa_id=OA,
        app_id=APP,
        app_secret=SECRET,
        access_token="cũ",
        refresh_token="cũ",
        policy="zalo-2024",
        daily_quota=5000,
        tag_one_reserve=10,
        grant_refused_at=vn(21, 8),
        blocked_reason="grant_broken",
    )


def test_connecting_again_keeps_everything_and_frees_the_account(browser, broken):
    location, _ = to_zalo(browser, f"/connections/{broken.pk}/edit/")
    browser.get(agree(browser, location))
    account = stored()
    assert (account.pk, account.policy, account.daily_quota, account.tag_one_reserve) == (
        broken.pk,
        "zalo-2024",
        5000,
        10,
    )
    assert (account.blocked_reason, account.grant_refused_at) == ("", None)
    assert AuditEntry.objects.get(action="account.reconnect").facts == {"way": "oauth"}


def test_another_account_cannot_take_its_place(browser, workspace, pair):
    ours_id = our_account(workspace, oa_id="111", app_id=APP, app_secret=SECRET, access_token="cũ").pk
    location, _ = to_zalo(browser, f"/connections/{ours_id}/edit/")
    assert f"Token này thuộc OA {OA}" in text(browser.get(agree(browser, location), follow=True))
    assert OfficialAccount.objects.get().access_token == "cũ"
    assert Account.objects.get().access_token == pair["access_token"]


def test_a_new_pair_is_pasted_over_a_broken_one(browser, broken, pair):
    tokens = {name: pair[name] for name in ("access_token", "refresh_token")}
    page = f"/connections/{broken.pk}/edit/"
    assert "không đúng hoặc đã hết hạn" in text(browser.post(page, {"way": "tokens", **tokens, "access_token": "x"}))
    assert stored().access_token == "cũ"
    browser.post(page, {"way": "tokens", **tokens})
    assert (stored().access_token, stored().blocked_reason) == (pair["access_token"], "")


def options(browser, account, **changes):
    page = f"/connections/{account.pk}/edit/"
    sent = {name: values[-1] for name, values in form(browser.get(page), **{"aria-labelledby": "options"}).items()}
    return browser.post(page, {**sent, **changes}, follow=True)


def test_options_are_set_and_empty_secrets_stay(browser, broken):
    changes = {"signs_calls": "on", "tag_one_reserve": "25", "pkce_verifier": VERIFIER}
    options(browser, broken, **changes, next_policy="zalo-2026", next_policy_on="01/12/2026")
    account = stored()
    assert (account.app_secret, account.oa_secret_key) == (SECRET, "khóa-oa")
    assert (account.signs_calls, account.tag_one_reserve, account.pkce_verifier) == (True, 25, VERIFIER)
    assert (account.next_policy, account.next_policy_on) == ("zalo-2026", date(2026, 12, 1))
    assert "Zalo 2024 (Zalo 2026 từ 01/12/2026)" in text(browser.get("/connections/"))
    changed = AuditEntry.objects.get(action="account.edit").facts["changed"]
    assert changed == ["next_policy", "next_policy_on", "pkce_verifier", "signs_calls", "tag_one_reserve"]
    options(browser, broken, drops_verifier="on")
    assert stored().pkce_verifier == ""
    assert stored().signs_calls


def test_a_new_app_secret_is_said_to_be_untried(browser, broken):
    untried = "Khóa bí mật mới chưa kiểm tra được với Zalo; hệ thống thử khi đổi token lần tới."
    assert untried in text(options(browser, broken, app_secret="khóa-mới"))
    assert untried not in text(options(browser, broken, app_secret="khóa-mới"))
    assert untried not in text(options(browser, broken, name="OA khác"))


def test_connected_again_an_account_with_templates_is_not_sent_to_fetch_them(browser, broken):
    make_template(broken)
    location, _ = to_zalo(browser, f"/connections/{broken.pk}/edit/")
    said = text(browser.get(agree(browser, location), follow=True))
    assert "Đã kết nối “" in said
    assert "để lấy các mẫu ZNS" not in said


def test_secrets_are_never_shown_again(browser, broken):
    OfficialAccount.objects.update(pkce_verifier="p" * 40 + "9876", refresh_token="refresh-mật")
    body = browser.get(f"/connections/{broken.pk}/edit/").content.decode()
    assert "••••9876" in body
    for secret in (SECRET, "khóa-oa", "p" * 40, "refresh-mật"):
        assert secret not in body


@pytest.mark.parametrize("half", [{"next_policy": "zalo-2026"}, {"next_policy_on": "01/12/2026"}])
def test_rules_that_follow_need_their_day(browser, broken, half):
    assert "Chọn cả bộ quy định kế tiếp và ngày áp dụng" in text(options(browser, broken, **half))
    assert not AuditEntry.objects.exists()


# --- the banner ---------------------------------------------------------------


@pytest.mark.parametrize("page", ["/", "/library/", "/campaigns/", "/messages/", "/hub/errors/", "/templates/"])
def test_a_broken_grant_is_told_on_every_page_before_sends_fail(browser, workspace, viewer, page):
    our_account(workspace, name="OA Sen", grant_refused_at=vn(21, 8), token_expires_at=vn(21, 15) + timedelta(hours=4))
    told = text(browser.get(page, follow=True))
    assert (
        "Zalo từ chối gia hạn quyền gửi tin của “OA Sen”. Tin chỉ còn gửi được đến 19:00 21/11/2026; hãy kết nối lại."
        in told
    )
    assert "Hãy báo quản trị viên kết nối lại." in text(as_(viewer).get(page, follow=True))


@pytest.mark.parametrize(("code", "is_told"), [(-14004, True), (-14014, False), (None, False)])
def test_a_wrong_secret_is_named_as_the_cause(browser, broken, code, is_told):
    OfficialAccount.objects.update(blocked_facts={"zalo": "no"} | ({} if code is None else {"code": code}))
    page = text(browser.get("/connections/"))
    assert ("Khóa bí mật của ứng dụng sai; hãy nhập khóa đúng" in page) == is_told
    assert ("Zalo không nhận khóa bí mật của ứng dụng." in page) == is_told
    assert ("Token đã bị thu hồi hoặc hết hạn." in page) != is_told


def test_beside_a_refused_grant_no_renewal_is_promised(browser, workspace):
    account = our_account(workspace, token_expires_at=vn(21, 19))
    for refused_at, is_promised in ((None, True), (vn(21, 8), False)):
        OfficialAccount.objects.update(grant_refused_at=refused_at)
        assert ("tự đổi" in text(browser.get("/connections/"))) == is_promised
        assert ("tự đổi" in text(browser.get(f"/connections/{account.pk}/"))) == is_promised


def test_the_banner_costs_one_query_and_is_this_clinics_alone(browser, stranger):
    our_account(stranger.memberships.get().workspace, grant_refused_at=vn(21, 8))
    with CaptureQueriesContext(connection) as seen:
        page = browser.get("/library/")
    assert "Zalo từ chối gia hạn" not in text(page)
    assert sum("grant_refused_at" in query["sql"] for query in seen.captured_queries) == 1
