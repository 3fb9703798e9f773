"""Logging in and out, choosing a clinic, the language, and the pages for what went wrong."""

from __future__ import annotations

import pytest
from django.utils import translation

from accounts.models import Membership
from accounts.roles import Role
from tests import factories
from tests.accounts.browser import as_, form, text

LOGIN, HOME = "/login/", "/"


@pytest.fixture(autouse=True)
def vietnamese():
    """Django leaves the last request's language behind in this thread; the next test must not find it."""
    with translation.override("vi"):
        yield


@pytest.fixture
def somebody(owner):
    """The owner, known by address and password."""
    return {"username": owner.email, "password": "mat-khau"}


def test_logging_in_leads_to_the_page_that_was_asked_for(somebody):
    client = as_(None)
    asked = client.get("/quota/")
    assert asked.url == "/login/?next=/quota/"
    page = client.get(asked.url)
    response = client.post(LOGIN, form(page, method="post") | somebody)
    assert response.url == "/quota/"
    assert client.get("/quota/").status_code == 200


def test_it_sends_nobody_to_another_site(somebody):
    assert as_(None).post(LOGIN, somebody | {"next": "https://evil.example/"}).url == HOME


def test_an_address_is_the_same_in_capitals(somebody):
    assert as_(None).post(LOGIN, somebody | {"username": "CHU@Example.VN"}).status_code == 302


def test_a_wrong_password_is_answered_in_vietnamese(somebody):
    response = as_(None).post(LOGIN, somebody | {"password": "sai"})
    assert response.status_code == 200
    assert "E-mail hoặc mật khẩu chưa đúng" in text(response)


def test_too_many_wrong_passwords_lock_the_door_for_a_while(somebody, settings):
    client = as_(None)
    answers = [client.post(LOGIN, somebody | {"password": "sai"}) for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert answers[-1].status_code == 429
    assert "tạm khóa từ máy của bạn trong 15 phút" in text(answers[-1])
    assert client.post(LOGIN, somebody).status_code == 429


def test_who_is_logged_in_needs_no_log_in_page(owner):
    assert as_(owner).get(LOGIN).url == HOME


def test_logging_out_ends_it(owner):
    client = as_(owner)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").url == LOGIN
    assert client.get(HOME).status_code == 302


def test_choosing_a_clinic_changes_what_every_page_shows(owner):
    second = factories.make_workspace("Da liễu Ánh Dương")
    Membership.objects.create(user=owner, workspace=second, role=Role.ADMIN)
    client = as_(owner)
    assert "Nha khoa Hoa Sen" in text(client.get(HOME))
    assert "Da liễu Ánh Dương" in text(client.get("/workspaces/"))
    client.post(f"/workspaces/{second.pk}/")
    assert "Da liễu Ánh Dương" in text(client.get(HOME))


def test_nobody_chooses_a_clinic_that_is_not_theirs(owner, stranger):
    theirs = Membership.objects.get(user=stranger).workspace_id
    assert as_(owner).post(f"/workspaces/{theirs}/").status_code == 404


def test_a_person_of_no_clinic_is_told_so_and_can_leave(owner):
    Membership.objects.all().delete()
    client = as_(owner)
    refused = client.get(HOME)
    assert refused.status_code == 403
    assert "Bạn không có quyền mở trang này" in text(refused)
    assert "/logout/" in refused.content.decode()
    assert "chưa thuộc doanh nghiệp nào" in text(client.get("/workspaces/"))


def test_the_language_switch_keeps_the_page(owner):
    client = as_(owner)
    page = client.get("/campaigns/")
    sent = form(page, action="/i18n/setlang/")
    assert sent["next"] == ["/campaigns/"]
    assert client.post("/i18n/setlang/", sent | {"language": "en"}).url == "/campaigns/"
    assert "Template library" in text(client.get("/campaigns/"))
    client.post("/i18n/setlang/", {"language": "vi"})
    assert "Thư viện mẫu" in text(client.get("/campaigns/"))


def test_a_wrong_address_gets_our_page(owner):
    response = as_(owner).get("/khong-co/")
    assert response.status_code == 404
    assert "Không tìm thấy trang này" in text(response)


def test_a_crash_gets_our_page_without_asking_the_database(owner, monkeypatch):
    monkeypatch.setattr("campaigns.gates.quota_page", lambda **_: 1 / 0)
    client = as_(owner)
    client.raise_request_exception = False
    response = client.get("/quota/")
    assert response.status_code == 500
    assert "Hệ thống vừa gặp lỗi" in text(response)


def test_a_page_left_open_too_long_is_explained(owner):
    response = as_(owner, enforce_csrf_checks=True).post("/logout/")
    assert response.status_code == 403
    assert "Trang này đã cũ" in text(response)


def test_the_sandbox_bar_shows_only_in_the_sandbox(owner, settings):
    client = as_(owner)
    bar = client.get(HOME)
    assert "Hộp thư bệnh nhân" in text(bar)
    assert form(bar, action="/sandbox/clock")["advance_s"] == ["7200"]
    settings.CDP_SANDBOX = False
    assert "Hộp thư bệnh nhân" not in text(client.get(HOME))


def test_pages_forbid_scripts_from_elsewhere(owner):
    policy = as_(owner).get(HOME).headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
