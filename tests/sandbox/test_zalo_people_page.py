"""The patient's phone on the page: what can be done there, and what it shows afterwards."""

from datetime import timedelta

import pytest

from sandbox.models import Message, Template
from sandbox.zalo import services
from tests.sandbox.zalo_story import CARE, HOA, NOON, OA, make_account, make_user, send, set_clock

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
PAGE = f"/sandbox/zalo/inbox/{HOA}/"


@pytest.fixture(autouse=True)
def arrived(client, monkeypatch):
    """One rating message with a button, on Hoa's phone for a minute."""
    set_clock(monkeypatch, NOON)
    token = make_account()["access_token"]
    Template.objects.filter(template_id=CARE).update(kind=5)
    send(client, token)
    set_clock(monkeypatch, NOON + timedelta(minutes=1))


def page(client):
    return client.get(PAGE).content.decode()


def press(client, **form):
    """A form of the page, sent off."""
    answer = client.post(
        "/sandbox/zalo/stage/people", {"phone": HOA} | form, headers={"referer": f"http://testserver{PAGE}"}
    )
    assert (answer.status_code, answer["Location"]) == (302, f"http://testserver{PAGE}")
    return page(client)


@pytest.mark.parametrize(
    ("form", "before", "after"),
    [
        ({"does": "rate", "stars": "4"}, "Đánh giá 4 sao", "Đã đánh giá 4 sao"),
        ({"does": "report"}, ">Báo xấu<", "Đã báo xấu"),
        ({"does": "press"}, "LIÊN HỆ NGAY", "đã bấm"),
        ({"does": "follow", "oa_id": OA}, "chưa quan tâm", "đang quan tâm"),
        ({"does": "write", "oa_id": OA, "text": "Xin chào"}, "Chưa nhắn lần nào", "được trả lời trong 48 giờ"),
    ],
)
def test_each_deed_shows_on_the_page(client, form, before, after):
    shown = page(client)
    assert before in shown
    assert after not in shown
    assert after in press(client, msg_id=Message.objects.get().msg_id, **form)


@pytest.mark.parametrize(
    ("ago", "sentence"),
    [
        (timedelta(hours=48), "được trả lời trong 48 giờ"),
        (timedelta(hours=49), "trả lời sẽ tính phí"),
        (timedelta(days=8), "không được nhắn tư vấn nữa"),
    ],
)
def test_the_window_is_told_in_words(client, ago, sentence):
    make_user(oa_id=OA, phone=HOA, last_interaction_at=NOON + timedelta(minutes=1) - ago)
    assert sentence in page(client)


def test_what_people_will_do_is_not_shown_before_they_did(client, monkeypatch):
    services.set_habits(phone=HOA, rates=5, clicks=True, reports=True)
    set_clock(monkeypatch, NOON + timedelta(days=1))
    send(client, make_token())
    set_clock(monkeypatch, NOON + timedelta(days=1, seconds=2))
    assert "Đã đánh giá 5 sao" not in page(client)
    assert "Đã báo xấu" not in page(client)
    set_clock(monkeypatch, NOON + timedelta(days=1, minutes=5))
    assert "Đã đánh giá 5 sao" in page(client)
    assert "Đã báo xấu" in page(client)


def make_token():
    """The account's access token, still good."""
    return Message.objects.get().account.access_token


def test_a_text_being_written_survives_a_refresh_of_the_page(client):
    assert f'id="write-{HOA}-{OA}" name="text" hx-preserve="true"' in page(client)
