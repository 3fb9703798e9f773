"""Scripted misfortune."""

import json

import pytest

from sandbox import clock
from sandbox.models import Message
from sandbox.zalo import faults
from tests.sandbox.zalo_story import (
    APP,
    CARE,
    HOA,
    LAN,
    OA,
    SECRET,
    ask,
    make_account,
    post_json,
    send,
)

pytestmark = [pytest.mark.django_db(databases=["default", "sandbox"]), pytest.mark.usefixtures("noon")]


def script(client, **fault):
    return post_json(client, "zalo/faults", fault)


def raw_send(client, token, phone=HOA):
    body = {"phone": phone, "template_id": CARE, "template_data": {"customer_name": "Hoa", "customer_id": "1"}}
    return post_json(client, "zalo/business/message/template", body, access_token=token)


def test_a_fault_strikes_so_many_times_and_is_gone(client, token):
    script(client, kind="error", code=-118, count=2)
    assert [send(client, token)["error"] for _ in range(3)] == [-118, -118, 0]
    assert client.get("/sandbox/zalo/faults").json()["faults"] == []


@pytest.mark.parametrize(
    ("kind", "status", "body", "stored"),
    [
        ("http_429", 429, b"Too Many Requests", 0),
        ("http_500", 500, b"Internal Server Error", 0),
        ("lost_answer", 500, b"", 1),
    ],
)
def test_bad_answers(client, token, kind, status, body, stored):
    script(client, kind=kind)
    answer = raw_send(client, token)
    assert (answer.status_code, answer.content) == (status, body)
    assert Message.objects.count() == stored
    assert raw_send(client, token).json()["error"] == 0


@pytest.mark.parametrize(("kind", "stored"), [("reset", 0), ("reset_after_accept", 1)])
def test_a_line_that_is_cut(client, token, kind, stored):
    script(client, kind=kind)
    with pytest.raises(ConnectionResetError):
        raw_send(client, token)
    assert Message.objects.count() == stored


@pytest.mark.parametrize(("kind", "status", "stored"), [("http_503", 503, 0), ("html_answer", 200, 1)])
def test_a_page_for_people_in_place_of_json(client, token, kind, status, stored):
    script(client, kind=kind)
    answer = raw_send(client, token)
    assert (answer.status_code, answer.content[:6], Message.objects.count()) == (status, b"<html>", stored)


def test_a_hang_accepts_nothing(client, token, monkeypatch):
    held: list[float] = []
    monkeypatch.setattr(clock, "hold", held.append)
    script(client, kind="hang", seconds=7)
    assert raw_send(client, token).status_code == 504
    assert (held, Message.objects.count()) == ([7.0], 0)


def test_numbers_of_the_other_type(client, token):
    script(client, kind="other_types")
    script(client, kind="other_types", path="/message/quota")
    assert send(client, token)["data"]["quota"] == {"dailyQuota": 20_000, "remainingQuota": 19_999}
    assert ask(client, token, "message/quota")["data"]["dailyQuota"] == "20000"


@pytest.mark.parametrize("path", ["/message/quota", "/quality", "/template/all", "/message/status"])
def test_a_fault_for_one_address_spares_all_others(client, token, path):
    script(client, kind="http_500", path=path)
    assert send(client, token)["error"] == 0
    asked = client.get(f"/sandbox/zalo/business{path}", headers={"access_token": token})
    assert asked.status_code == 500
    assert ask(client, token, path.removeprefix("/"))["error"] == 0


def test_truncated_json(client, token):
    script(client, kind="truncated_json")
    answer = raw_send(client, token)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.content)
    assert Message.objects.count() == 1


def test_timeout_after_accept_stores_first_and_then_holds_the_line(client, token, monkeypatch):
    held = []
    monkeypatch.setattr(clock, "hold", lambda seconds: held.append((seconds, Message.objects.count())))
    script(client, kind="timeout_after_accept", seconds=25)
    raw_send(client, token)
    assert held == [(25.0, 1)]


@pytest.mark.parametrize("path", ["message/quota", "message/template"])
def test_token_death_lasts_until_the_refresh(client, path):
    pair = make_account()
    script(client, kind="token_death")
    call = (
        (lambda token: raw_send(client, token).json())
        if "template" in path
        else (lambda token: ask(client, token, path))
    )
    assert [call(pair["access_token"])["error"] for _ in range(2)] == [-124, -124]
    form = {"app_id": APP, "grant_type": "refresh_token", "refresh_token": pair["refresh_token"]}
    new = client.post("/sandbox/zalo/oauth/v4/oa/access_token", form, headers={"secret_key": SECRET}).json()
    assert call(new["access_token"])["error"] == 0


def test_a_fault_may_be_for_one_phone_or_one_account(client, token):
    script(client, kind="error", phone="0987654321")
    script(client, kind="error", oa_id="another")
    assert [send(client, token, phone=phone)["error"] for phone in (HOA, LAN, LAN)] == [0, -100, 0]
    script(client, kind="error", oa_id=OA)
    assert send(client, token)["error"] == -100


def test_an_accepting_fault_waits_for_an_accepted_message(client, token):
    script(client, kind="lost_answer")
    assert send(client, token, template_id="9")["error"] == -109
    assert raw_send(client, token).status_code == 500


@pytest.mark.parametrize("forget", [lambda c: c.delete("/sandbox/zalo/faults"), lambda c: script(c, clear=True)])
def test_forgetting(client, token, forget):
    script(client, kind="http_500", count=5)
    assert forget(client).json()["faults"] == []
    assert send(client, token)["error"] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "earthquake"},
        {},
        {"kind": "error", "count": 0},
        {"kind": "error", "count": "2"},
        {"kind": "error", "count": True},
        {"kind": "error", "code": 5},
        {"kind": "error", "phone": "02873000000"},
        {"kind": "error", "path": "message/quota"},
        {"kind": "receipt_late", "seconds": -1},
    ],
)
def test_a_script_that_makes_no_sense(client, wrong):
    answer = script(client, **wrong)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_listing_shows_what_is_to_come_and_what_there_is(client):
    script(client, kind="receipt_late", phone="0912345678")
    answer = client.get("/sandbox/zalo/faults").json()
    fault = answer["faults"][0]
    assert (fault["kind"], fault["remaining"], fault["phone"], fault["seconds"]) == ("receipt_late", 1, HOA, 3600.0)
    assert "timeout_after_accept" in answer["kinds"]


def test_two_requests_that_saw_the_same_last_use_share_it_not():
    fault = faults.add(faults.parse({"kind": "error"}))
    assert [faults.consume(fault), faults.consume(fault)] == [True, False]
