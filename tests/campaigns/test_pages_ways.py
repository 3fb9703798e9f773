"""Choosing the ways of a send step, what stands in the way of activation, and connecting SMS."""

from __future__ import annotations

import pytest

from accounts.models import AuditEntry
from campaigns import activation
from campaigns.explain import reason_text
from campaigns.models import Campaign
from integrations.base import ChannelName
from integrations.models import SmsAccount
from tests.accounts.browser import form, text
from tests.campaigns.story import vn

CHAT, UID, ZNS, SMS = ChannelName
PAGE = "/connections/sms/"
KEYS = {"api_key": "khóa-api-0001", "secret_key": "khóa-mật-0002", "brandname": "HOASEN", "price_vnd": "850"}


def save(browser, clinic, **changes):
    """Change these fields of the send step and press Lưu."""
    page = f"/campaigns/{clinic.send.pk}/"
    sent = form(browser.get(page), id="setup")
    return browser.post(page, sent | {f"step-send-1-{name}": value for name, value in changes.items()}, follow=True)


def step_of(clinic):
    return Campaign.objects.get(pk=clinic.send.pk).definition.sends[0]


def step_with(clinic, **changes):
    """Publish the send step with these changes, past the form."""
    steps = [each.model_dump() for each in clinic.send.definition.steps]
    clinic.set_definition(clinic.send, steps=[steps[0], steps[1] | changes])
    return [str(problem.message) for problem in activation.problems(Campaign.objects.get(pk=clinic.send.pk))]


def connect(clinic, **changes):
    details = {"api_key": "k" * 12, "secret_key": "s" * 12, "brandname": "HOASEN", **changes}
    return SmsAccount.objects.create(workspace=clinic.workspace, **details)


def test_a_step_goes_by_zns_alone_and_its_ways_are_folded_away(browser, clinic):
    body = browser.get(f"/campaigns/{clinic.send.pk}/").content.decode()
    assert '<details class="ways">' in body
    assert "chỉ ZNS qua số điện thoại" in body


def test_chosen_ways_and_texts_are_saved_and_shown_again(browser, clinic):
    said = "Chào <customer_name>,\r\nchị khỏe không ạ?"
    saved = save(
        browser,
        clinic,
        channels=["sms", "zns", "chat"],
        chat_text=said,
        sms_text="Chao <shop_name>",
        max_price_vnd="900",
    )
    assert "Đã lưu phiên bản" in text(saved)
    step = step_of(clinic)
    assert step.channels == (CHAT, ZNS, SMS)
    assert (step.chat_text, step.sms_text, step.max_price_vnd) == (
        "Chào <customer_name>,\nchị khỏe không ạ?",
        "Chao <shop_name>",
        900,
    )
    assert '<details class="ways" open>' in saved.content.decode()
    assert "Không có gì thay đổi." in text(save(browser, clinic))


WRONG = [
    ({"channels": []}, "Chọn ít nhất một kênh."),
    ({"channels": ["zns", "sms"]}, "Ghi lời nhắn, hoặc bỏ chọn kênh này."),
    ({"channels": ["zns", "fax"]}, "fax"),
    ({"sms_text": "Chao <ten> va <ho>"}, "Mẫu tin không có tham số <ten>, <ho>."),
    ({"sms_text": "Chao {customer_name}"}, "Viết tham số trong dấu < >, ví dụ <customer_name>."),
    ({"chat_text": "Chào {{ customer_name }}"}, "Viết tham số trong dấu < >, ví dụ <customer_name>."),
    ({"max_price_vnd": "-1"}, "lớn hơn hoặc bằng"),
]


@pytest.mark.parametrize(("typed", "said"), WRONG, ids=lambda value: str(value)[:30])
def test_a_wrong_choice_is_marked_and_nothing_is_saved(browser, clinic, typed, said):
    before = step_of(clinic)
    page = save(browser, clinic, **typed)
    assert said in text(page)
    assert step_of(clinic) == before


PROBLEMS = [
    ({"channels": (ZNS,)}, {}, []),
    (
        {"channels": (ZNS, SMS), "sms_text": "Chao"},
        {},
        ["Kênh SMS của bước này chưa dùng được: chưa kết nối SMS."],
    ),
    (
        {"channels": (CHAT, ZNS)},
        {},
        ["Kênh Tin tư vấn (UID) của bước này chưa dùng được: chưa có lời nhắn."],
    ),
    (
        {"channels": (UID, ZNS)},
        {},
        ["Kênh Mẫu tin qua UID của bước này chưa dùng được: mẫu tin chỉ gửi được theo số điện thoại."],
    ),
    ({"channels": (UID, ZNS)}, {"registered_at": vn(1)}, []),
    (
        {"channels": (CHAT, ZNS), "chat_text": "Chào"},
        {"tag": 3},
        ["Kênh Tin tư vấn (UID) của bước này chưa dùng được: không dành cho tin hậu mãi."],
    ),
    (
        {"max_price_vnd": 100},
        {},
        ["Kênh ZNS qua số điện thoại của bước này chưa dùng được: giá cao hơn mức tối đa của bước gửi."],
    ),
    (
        {"channels": (CHAT, ZNS), "chat_text": "Chào <ten>"},
        {},
        ["Lời nhắn của kênh Tin tư vấn (UID) nhắc tới <ten>, mẫu tin không có tham số này."],
    ),
    (
        {"channels": (CHAT, ZNS), "chat_text": "Chào {customer_name}"},
        {},
        ["Lời nhắn của kênh Tin tư vấn (UID): viết tham số trong dấu < >, ví dụ <customer_name>."],
    ),
]


@pytest.mark.parametrize(("step", "template", "said"), PROBLEMS, ids=lambda value: str(value)[:40])
def test_what_no_patient_could_be_reached_by_is_told_before_activation(clinic, step, template, said):
    for name, value in template.items():
        setattr(clinic.template, name, value)
    clinic.template.save()
    assert step_with(clinic, **step) == said


def test_with_sms_connected_a_step_may_use_it(clinic):
    connect(clinic)
    assert step_with(clinic, channels=(ZNS, SMS), sms_text="Chao <customer_name>") == []


def test_sms_is_connected_and_its_keys_are_never_shown_again(browser, clinic):
    saved = browser.post(PAGE, KEYS, follow=True)
    assert "Đã lưu kết nối SMS." in text(saved)
    account = SmsAccount.objects.get()
    assert (account.api_key, account.secret_key) == ("khóa-api-0001", "khóa-mật-0002")
    assert (account.brandname, account.price_vnd) == ("HOASEN", 850)
    assert "••••0001" in text(saved)
    assert "khóa-" not in saved.content.decode()
    assert AuditEntry.objects.filter(action="sms.connect").count() == 1


def test_an_empty_key_keeps_the_one_there_is_and_saving_lets_a_blocked_account_send_again(browser, clinic):
    connect(clinic, blocked_reason="sms_blocked", blocked_facts={"code": "103", "vendor": "hết tiền"})
    page = browser.get(PAGE)
    assert "eSMS đang từ chối tài khoản này" in text(page)
    assert "(hết tiền, mã 103)" in text(page)
    browser.post(PAGE, {"api_key": "", "secret_key": "mới-mới-mới", "brandname": "SEN", "price_vnd": "700"})
    account = SmsAccount.objects.get()
    assert (account.api_key, account.secret_key, account.brandname) == ("k" * 12, "mới-mới-mới", "SEN")
    assert (account.blocked_reason, account.blocked_facts) == ("", {})


def test_the_first_time_both_keys_are_needed(browser, clinic):
    page = browser.post(PAGE, {"brandname": "HOASEN", "price_vnd": "850"})
    assert text(page).count("Trường này là bắt buộc.") == 2
    assert not SmsAccount.objects.exists()


@pytest.mark.parametrize(
    ("code", "facts", "said"),
    [
        (
            "no_channel",
            {"why": {"zns": "not_on_zalo", "sms": "sms_not_connected"}},
            "Không có kênh nào gửi được cho khách này: ZNS qua số điện thoại – số điện thoại không dùng Zalo; "
            "SMS – chưa kết nối SMS.",
        ),
        (
            "next_channel",
            {"channel": "zns", "why": "not_on_zalo", "next": "sms"},
            "Kênh ZNS qua số điện thoại không tới được khách (Số điện thoại không dùng Zalo hoặc không nhận được tin), "
            "chuyển sang kênh SMS.",
        ),
    ],
)
def test_what_the_ladder_did_is_told_in_a_sentence(code, facts, said):
    assert reason_text(code, facts) == said
