"""What every call passes: the proof, the rate, and the temper of the account's Zalo."""

import hashlib
import hmac
from collections import Counter
from datetime import timedelta

import pytest

from sandbox import clock
from sandbox.models import Account, Message
from sandbox.zalo import personality
from sandbox.zalo.replies import other_types
from tests.sandbox.zalo_story import CARE, HOA, NOON, SECRET, ask, post_json, send, set_clock

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


@pytest.fixture(autouse=True)
def nobody_waits(noon, monkeypatch):
    monkeypatch.setattr(clock, "hold", lambda seconds: None)


def getoa(client, token, **headers):
    return client.get("/sandbox/zalo/openapi/v2.0/oa/getoa", headers={"access_token": token} | headers)


def test_an_account_that_wants_proof_gets_it_or_refuses(client, token):
    Account.objects.update(wants_proof=True)
    good = hmac.new(SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
    quality = "/sandbox/zalo/business/quality"
    for proof, business, openapi in ((good, 0, 0), ("", -1241, -242), (good.upper(), -1241, -242)):
        headers = {"access_token": token, "appsecret_proof": proof}
        assert client.get(quality, headers=headers).json()["error"] == business
        assert getoa(client, token, appsecret_proof=proof).json()["error"] == openapi
    assert send(client, token)["error"] == -1241


def test_more_calls_than_a_minute_has(client, token, monkeypatch):
    Account.objects.update(calls_per_minute=2)
    seen = [getoa(client, token) for _ in range(3)]
    assert [answer.json()["error"] for answer in seen] == [0, 0, -32]
    assert [answer["X-RateLimit-Remain"] for answer in seen] == ["1", "0", "0"]
    assert {answer["X-RateLimit-Limit"] for answer in seen} == {"2"}
    assert send(client, token)["error"] == -32
    set_clock(monkeypatch, NOON + timedelta(minutes=1))
    assert send(client, token)["error"] == 0


def test_without_a_limit_nothing_is_said_of_it(client, token):
    assert "X-RateLimit-Limit" not in getoa(client, token)


def outcome(client, token, n):
    body = {"phone": HOA, "template_id": CARE, "template_data": {"customer_name": "H", "customer_id": str(n)}}
    try:
        answer = post_json(client, "zalo/business/message/template", body, access_token=token)
    except ConnectionResetError:
        return "reset"
    return f"{answer.status_code} {len(answer.content) > 150}"


def test_a_flaky_zalo_stumbles_alike_over_the_same_calls(client, token, monkeypatch):
    Account.objects.update(personality="flaky")
    first = [outcome(client, token, n) for n in range(120)]
    assert first == [outcome(client, token, n) for n in range(120)]
    assert len(set(first)) > 2
    set_clock(monkeypatch, NOON + timedelta(minutes=1))
    assert first != [outcome(client, token, n) for n in range(120)]


def test_each_misfortune_has_its_share():
    drawn = [personality.lot("oa", "/message/template", str(n).encode(), NOON) for n in range(20_000)]
    seen = Counter(trip.kind for lot in drawn if (trip := personality.stumble("flaky", lot)))
    expected = personality.PERSONALITIES["flaky"].trips
    assert set(seen) == set(expected)
    assert all(abs(seen[kind] / 20 - share) < 4 for kind, share in expected.items()), seen


def test_the_three_even_tempers_never_stumble_and_never_wait():
    for name in ("steady", "fast", "strict"):
        assert personality.stumble(name, 0.0) is None
        assert personality.answers_after_s(name, 0.5) == 0


def test_a_slow_zalo_answers_late_and_delivers_late(client, token, monkeypatch):
    held: list[float] = []
    monkeypatch.setattr(clock, "hold", held.append)
    Account.objects.update(personality="slow")
    assert send(client, token)["error"] == 0
    assert 0.2 <= held[0] <= 2
    assert Message.objects.get().arrives_at == NOON + timedelta(seconds=20)


def test_a_fast_zalo_delivers_at_once(client, token):
    Account.objects.update(personality="fast")
    send(client, token)
    assert Message.objects.get().arrives_at == NOON


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, 0),
        ({"phone": "+84912345678"}, 0),
        ({"phone": "0912345678"}, -108),
        ({"tracking_id": ""}, -132),
        ({"tracking_id": "a" * 49}, -132),
        ({"tracking_id": "a b"}, -132),
        ({"template_data": {"customer_name": "Hoa", "customer_id": 5}}, -1124),
    ],
)
def test_a_strict_zalo_takes_what_is_documented(client, token, fields, code):
    Account.objects.update(personality="strict")
    assert send(client, token, **fields)["error"] == code


def test_numbers_as_strings_and_strings_as_numbers():
    told = {"n": 5, "s": "120", "id": "012", "t": True, "none": None, "rows": [{"x": "-1"}], "f": 1.5, "word": "a1"}
    flipped = {"n": "5", "s": 120, "id": "012", "t": True, "none": None, "rows": [{"x": -1}], "f": "1.5", "word": "a1"}
    assert other_types(told) == flipped


@pytest.mark.parametrize("name", ["quality", "message/quota", "template/all"])
def test_only_what_a_path_is_asked_with_is_heard(client, token, name):
    assert client.post(f"/sandbox/zalo/business/{name}", headers={"access_token": token}).json()["error"] == -106
    assert ask(client, token, name)["error"] == 0
