"""Gửi thử: one template to an admin's phone, outside campaigns and quotas, and told in one sentence."""

from __future__ import annotations

import pytest
import responses
import time_machine
from django.conf import settings

from accounts.models import AuditEntry
from campaigns.models import Message
from integrations.models import OfficialAccount
from tests.accounts.browser import form, text
from tests.campaigns.story import vn

SEND = f"{settings.ZALO_BUSINESS_BASE}/message/template"
TRIAL = {
    "phone": "0912345678",
    "param:customer_name": "Hoa",
    "param:customer_id": "KH001",
    "param:shop_name": "Hoa Sen",
}


@pytest.fixture
def page(clinic):
    """The reference template's own page."""
    return f"/templates/{clinic.template.pk}/"


@pytest.fixture
def ready(clinic):
    """An account with a token that works all day."""
    OfficialAccount.objects.update(access_token="token", token_expires_at=vn(23))
    with time_machine.travel(vn(21, 15), tick=False):
        yield clinic


@responses.activate
def test_a_trial_goes_to_an_admin_in_development_mode_and_outside_everything(browser, ready, page):
    responses.post(SEND, json={"error": 0, "message": "Success", "data": {"msg_id": "m1"}})
    assert "Zalo đã nhận tin thử" in text(browser.post(f"{page}trial/", TRIAL, follow=True))
    body = str(responses.calls[0].request.body)
    assert '"mode": "development"' in body
    assert '"phone": "84912345678"' in body
    assert '"tracking_id": "trial_' in body
    assert not Message.objects.exists()
    entry = AuditEntry.objects.get(action="template.trial")
    assert "84912345678" not in str(entry.facts)


@responses.activate
@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (-127, "Zalo chỉ gửi tin thử cho quản trị viên"),
        (-126, "Hết hạn mức tin thử"),
        (-118, "Số này không dùng Zalo"),
        (-131, "Zalo chưa duyệt mẫu này"),
        (-9999, "Zalo từ chối tin thử: nói gì đó (mã -9999)."),
    ],
)
def test_what_zalo_says_to_a_trial_is_one_sentence(browser, ready, page, code, sentence):
    responses.post(SEND, json={"error": code, "message": "nói gì đó"})
    assert sentence in text(browser.post(f"{page}trial/", TRIAL, follow=True))


@responses.activate
def test_a_trial_that_nobody_answered_is_in_doubt(browser, ready, page):
    responses.post(SEND, status=502)
    assert "Chưa rõ Zalo đã nhận tin thử hay chưa" in text(browser.post(f"{page}trial/", TRIAL, follow=True))


@responses.activate
def test_ten_trials_a_day_and_account(browser, ready, page):
    responses.post(SEND, json={"error": 0, "data": {"msg_id": "m1"}})
    for _ in range(10):
        browser.post(f"{page}trial/", TRIAL)
    assert "tối đa 10 tin một ngày" in text(browser.post(f"{page}trial/", TRIAL, follow=True))
    assert len(responses.calls) == 10
    with time_machine.travel(vn(22, 0, 1), tick=False):
        assert "Zalo đã nhận tin thử" in text(browser.post(f"{page}trial/", TRIAL, follow=True))


@responses.activate
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"phone": "09123"}, "Số điện thoại không đúng"),
        ({"param:customer_name": "x" * 31}, "dài 31 ký tự, tối đa 30"),
    ],
)
def test_what_zalo_would_refuse_is_said_before_it_is_asked(browser, ready, page, changes, sentence):
    assert sentence in text(browser.post(f"{page}trial/", TRIAL | changes))
    assert len(responses.calls) == 0


def test_the_trial_form_starts_with_samples(browser, clinic, page):
    clinic.template.sample = {"customer_name": "Khách mẫu"}
    clinic.template.save()
    assert form(browser.get(page), action=f"{page}trial/")["param:customer_name"] == ["Khách mẫu"]
