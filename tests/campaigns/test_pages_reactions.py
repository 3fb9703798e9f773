"""What patients answered, and what did not reach them, on the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from campaigns import receipts
from campaigns.delivery import undelivered
from campaigns.models import Message
from campaigns.transitions import move
from tests.accounts.browser import as_, text
from tests.campaigns.events import delivery_of, hear, rating_of, store
from tests.campaigns.story import Clinic, due, vn

RATED_AT = vn(21, 12)


@pytest.fixture
def sent(clinic: Clinic) -> Message:
    """Two messages sent at 11:00; this is the first."""
    due(clinic, 2)
    clinic.tick()
    return Message.objects.order_by("id")[0]


def test_a_message_tells_its_moves_and_what_the_patient_answered_in_order(
    browser: Client, clinic: Clinic, sent: Message
) -> None:
    button = {"msg_id": sent.msg_id, "message": {"data": "Đặt lịch lại", "tracking_id": sent.tracking_id}}
    hear(clinic, "user_click_response_button", vn(21, 13), **button)
    stars: dict[str, Any] = {"feedbacks": ["Tận tình", "Sạch sẽ"], "note": "Gọi tôi 0912345678"}
    hear(clinic, "user_feedback", RATED_AT, **rating_of(sent, RATED_AT, **stars))
    hear(clinic, "user_received_message", vn(21, 14), **delivery_of(sent, vn(21, 11, 1)))
    page = text(browser.get(f"/messages/{sent.pk}/"))
    assert "12:00 21/11/2026 · Khách đánh giá 4★: Tận tình, Sạch sẽ “Gọi tôi 0912345678”" in page
    assert "13:00 21/11/2026 · Khách bấm nút “Đặt lịch lại”" in page
    assert page.index("12:00 21/11/2026 · Khách") < page.index("13:00 21/11/2026 · Khách")
    assert "Giá 200" in page


def test_a_note_keeps_numbers_from_the_reception_and_itself_from_those_who_may_only_look(
    colleague: User, viewer: User, clinic: Clinic, sent: Message
) -> None:
    note: dict[str, Any] = {"note": "Gọi tôi 0912345678", "feedbacks": ["số 0987654321"]}
    hear(clinic, "user_feedback", RATED_AT, **rating_of(sent, RATED_AT, **note))
    at_reception = text(as_(colleague).get(f"/messages/{sent.pk}/"))
    looking = text(as_(viewer).get(f"/messages/{sent.pk}/"))
    assert "Gọi tôi •••" in at_reception
    assert "Gọi tôi" not in looking
    assert "0912345678" not in at_reception + looking
    assert "0987654321" not in at_reception + looking


def test_what_did_not_arrive_says_so_and_costs_nothing(browser: Client, clinic: Clinic, sent: Message) -> None:
    move([undelivered(sent)], now=vn(21, 13))
    sentence = "Tin không tới được máy của khách trong thời hạn của Zalo; không bị tính phí."
    for address in ("/messages/", f"/messages/{sent.pk}/", f"/campaigns/{clinic.send.pk}/messages/"):
        assert f"Không nhận được {sentence}" in text(browser.get(address)).replace("· ", "")
    assert "Giá Không bị tính phí" in text(browser.get(f"/messages/{sent.pk}/"))


def test_what_arrived_late_says_so_and_costs_nothing(browser: Client, clinic: Clinic, sent: Message) -> None:
    hear(clinic, "user_received_message", vn(21, 15), **delivery_of(sent, vn(21, 15)))
    page = text(browser.get(f"/messages/{sent.pk}/"))
    assert "Khách nhận được tin sau thời hạn của Zalo; không bị tính phí." in page
    assert "Giá Không bị tính phí" in page


def test_a_campaign_counts_its_stars(browser: Client, clinic: Clinic, sent: Message) -> None:
    address = f"/campaigns/{clinic.send.pk}/"
    assert "Đánh giá của khách" not in text(browser.get(address))
    for message, rate in zip(Message.objects.all(), (5, 4), strict=True):
        store(clinic.account, "user_feedback", RATED_AT, **rating_of(message, RATED_AT, rate))
    receipts.apply(now=RATED_AT, limit=10)
    assert "Đánh giá của khách: 4,5★ trung bình · 2 lượt đánh giá" in text(browser.get(address))
    log = text(browser.get("/messages/"))
    assert "Đã gửi 5★" in log
    assert "Đã gửi 4★" in log
