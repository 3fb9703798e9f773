"""The patients' phones and the sandbox clock."""

from datetime import timedelta

import pytest
from django.test import Client

from sandbox import clock
from sandbox.models import Recipient
from tests.sandbox.zalo_story import CARE, HOA, LAN, NOON, make_account, post_json, send, set_clock

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


@pytest.fixture(autouse=True)
def fresh_clock():
    clock.set_offset(0)
    yield
    clock.set_offset(0)


@pytest.fixture
def two_sent(client, monkeypatch):
    set_clock(monkeypatch, NOON)
    token = make_account()["access_token"]
    send(client, token, tracking_id="first", template_data={"customer_name": "Hoa <b>", "customer_id": "KH001"})
    send(client, token, tracking_id="second", phone=LAN)


@pytest.mark.parametrize("path", ["inbox.json", "inbox/inbox.json"])
def test_json_of_one_phone(client, two_sent, monkeypatch, path):
    def rows():
        return client.get(f"/sandbox/zalo/{path}", {"phone": HOA}).json()

    row = rows()[0]
    assert len(row.pop("msg_id")) == 20
    assert row == {
        "tracking_id": "first",
        "phone": HOA,
        "channel": "phone",
        "user_id": "",
        "template_id": CARE,
        "template_data": {"customer_name": "Hoa <b>", "customer_id": "KH001"},
        "text": "",
        "sent_at": "2026-11-21T05:00:00+00:00",
        "delivered_at": None,
    }
    set_clock(monkeypatch, NOON + timedelta(seconds=1))
    assert rows()[0]["delivered_at"] == "2026-11-21T05:00:01+00:00"


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ({}, ["second", "first"]),
        ({"limit": "1"}, ["second"]),
        ({"offset": "1"}, ["first"]),
        ({"phone": "0912345678"}, ["first"]),
        ({"phone": "84900000000"}, []),
    ],
)
def test_json_newest_first_in_pages(client, two_sent, query, seen):
    assert [row["tracking_id"] for row in client.get("/sandbox/zalo/inbox.json", query).json()] == seen


@pytest.mark.parametrize("query", [{"limit": "x"}, {"offset": "-1"}])
def test_json_with_bad_pages(client, query):
    assert client.get("/sandbox/zalo/inbox.json", query).status_code == 400


def test_the_page_shows_the_newest_chat_and_every_phone(client, two_sent):
    page = client.get("/sandbox/zalo/inbox/").content.decode()
    assert "0912 345 678" in page
    assert "0987 654 321" in page
    assert "Chào Hoa, mã KH001." in page
    assert "LIÊN HỆ NGAY" in page
    assert "Gửi 12:00:00 21/11/2026" in page
    assert "đang tới máy" in page
    assert "không có tin thật nào được gửi" in page


def test_one_chat_escapes_what_patients_are_called(client, two_sent):
    page = client.get(f"/sandbox/zalo/inbox/{HOA}/").content.decode()
    assert "Hoa &lt;b&gt;" in page
    assert "<script>" not in page


def test_an_empty_inbox_says_so(client):
    assert "Chưa có tin nào" in client.get("/sandbox/zalo/inbox/").content.decode()


def test_a_phone_without_messages(client):
    assert "chưa nhận tin nào" in client.get("/sandbox/zalo/inbox/84900000000/").content.decode()


@pytest.mark.parametrize("asked", ["abc", "0399"])
def test_a_search_without_a_hit_shows_nobody(client, two_sent, asked):
    page = client.get("/sandbox/zalo/inbox/", {"q": asked}).content.decode()
    assert f"Không có số nào khớp với “{asked}”" in page
    assert "0912 345 678" not in page
    assert "0912 345 678" in client.get("/sandbox/zalo/inbox/", {"q": "0912"}).content.decode()


def test_a_phone_that_is_none_is_no_page(client):
    assert client.get("/sandbox/zalo/inbox/abc/").status_code == 404


def test_a_poll_gets_nothing_until_something_happened(client, two_sent, monkeypatch):
    def poll():
        return client.get("/sandbox/zalo/inbox/", {"seen": seen}, headers={"HX-Request": "true"})

    page = client.get("/sandbox/zalo/inbox/")
    seen = page.context["inbox"].version
    assert poll().status_code == 204
    set_clock(monkeypatch, NOON + timedelta(seconds=1))
    assert "nhận 12:00:01" in poll().content.decode()
    assert "<html" not in poll().content.decode()


def test_blocking_from_the_page(client, two_sent):
    form = {"phone": HOA, "blocked": "true", "reachable": "True", "on_zalo": "True", "refusal": "0"}
    answer = client.post(
        "/sandbox/zalo/recipients", form, headers={"referer": "http://testserver/sandbox/zalo/inbox/x/"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "http://testserver/sandbox/zalo/inbox/x/")
    person = Recipient.objects.get(phone=HOA)
    assert (person.blocked, person.reachable, person.on_zalo) == (True, True, True)


def test_people_by_json(client):
    assert post_json(client, "zalo/recipients", {"phone": "0912345678", "on_zalo": False}).json() == {"ok": True}
    person = Recipient.objects.get(phone=HOA)
    assert (person.on_zalo, person.blocked, person.reachable) == (False, False, True)
    assert post_json(client, "zalo/recipients", {"phone": "1"}).status_code == 400


def test_the_clock_moves_forward_and_remembers():
    client = Client(enforce_csrf_checks=True)
    assert post_json(client, "clock", {"advance_s": 7200}).json()["offset_s"] == 7200
    told = post_json(client, "clock", {"advance_s": 0.5}).json()
    assert told == {"now": told["now"], "offset_s": 7200.5}
    assert client.get("/sandbox/clock").json()["offset_s"] == 7200.5


@pytest.mark.parametrize(
    "wrong",
    [
        {"advance_s": -1},
        {"advance_s": "x"},
        {},
        {"to": "25:00"},
        {"advance_s": 1e12},
        {"advance_s": float("inf")},
        "",
        "[]",
    ],
)
def test_the_clock_refuses_in_a_sentence(client, wrong):
    answer = post_json(client, "clock", wrong)
    assert answer.status_code == 400
    assert len(answer.json()["error"]) > 10
    assert clock.offset() == 0


def test_the_clock_goes_to_the_next_nine_oclock(client):
    post_json(client, "clock", {"to": "09:00"})
    assert clock.now().astimezone().utctimetuple()[3:5] == (2, 0)  # 02:00 UTC is 09:00 in Vietnam


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/sandbox/sheet/", "http://testserver/sandbox/sheet/"),
        ("http://evil.test/", "/sandbox/zalo/inbox/"),
        ("", "/sandbox/zalo/inbox/"),
    ],
)
def test_a_form_moves_the_clock_and_goes_back_to_its_page(client, referer, back):
    answer = client.post("/sandbox/clock", {"advance_h": "1,5"}, headers={"referer": referer})
    assert answer["Location"] == back
    assert clock.offset() == 5400


def test_a_step_back_is_no_step():
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)
