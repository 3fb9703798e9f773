"""What Zalo's webhook says, read from bytes that anybody may have written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from integrations.zalo.events import Event, for_account, parse, signature, signed_by


def event(**body: Any) -> Event:
    """The event of this body."""
    parsed = parse(json.dumps({"event_name": "follow", **body}).encode())
    assert parsed is not None
    return parsed


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff{",
        b"[]",
        b'{"event_name": 5}',
        b'{"event_name":' + b"[" * 100_000,
        b'{"event_name": "follow", "deep": ' + b"[" * 60 + b"]" * 60 + b"}",
        b'{"event_name": "follow", "n": NaN}',
        b'{"event_name": "follow", "n": 1e999}',
        b'{"event_name": "follow", "n": ' + b"9" * 5_000 + b"}",
    ],
)
def test_what_is_no_event_is_none(raw: bytes) -> None:
    assert parse(raw) is None


def test_characters_that_a_database_cannot_keep_are_left_out() -> None:
    # A patient types them; refusing the call would make Zalo retry, and then switch the whole webhook off.
    found = event(message={"te\x00xt": ["a\x00b\ud800c"]}, oa_id="oa\ud800-1")
    assert found.body["message"] == {"text": ["abc"]}
    assert found.oa_ids == ("oa-1",)


def test_a_surrogate_pair_is_one_character_and_stays() -> None:
    assert event(text="\U0001f99d").body["text"] == "\U0001f99d"


def test_a_long_name_is_cut_to_what_is_kept() -> None:
    assert event(event_name="n" * 300).name == "n" * 60


@pytest.mark.parametrize(
    ("body", "oa_ids"),
    [
        ({"oa_id": "oa-1"}, ("oa-1",)),
        ({"oaId": 17}, ("17",)),
        ({"sender": {"id": "oa-1"}, "recipient": {"id": "84912345678"}}, ("oa-1", "84912345678")),
        ({"sender": {"id": "user"}, "recipient": {"id": "oa-1"}}, ("user", "oa-1")),
        ({"sender": "user", "recipient": None}, ()),
    ],
)
def test_every_place_where_zalo_names_the_account(body: dict[str, Any], oa_ids: tuple[str, ...]) -> None:
    assert event(**body).oa_ids == oa_ids


def test_the_key_is_the_accounts_own_whatever_the_body_says() -> None:
    body = {"event_name": "user_send_text", "message": {"msg_id": "m1"}}
    assert for_account(event(**body), 1).key != for_account(event(**body), 2).key
    assert for_account(event(**body), 1).key == for_account(event(**body, timestamp="2"), 1).key
    assert len(for_account(event(**body | {"message": {"msg_id": "m" * 500}}), 1).key) <= 200


FOLLOW = {"event_name": "follow", "follower": {"id": "u1"}, "timestamp": "1795233660000"}
SAID = {"event_name": "user_send_text", "message": {"msg_id": "m1", "text": "chào"}, "timestamp": "1795233660000"}
RATED: dict[str, Any] = {
    "event_name": "user_feedback",
    "message": {"msg_id": "m1", "rate": 5, "submit_time": "1795233660000"},
}
QUOTA = {"event_name": "change_oa_daily_quota", "quota": {"new_value": 1}, "timestamp": "1795233660000"}


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (FOLLOW, FOLLOW),
        (SAID, SAID | {"timestamp": "1795233690000"}),
        (RATED, RATED | {"timestamp": "1795233690000"}),
        (RATED | {"timestamp": 1}, RATED | {"timestamp": 2}),
        (SAID, {"timestamp": "1795233660000", **SAID}),
    ],
)
def test_a_retry_has_the_key_of_the_first_try(first: dict[str, Any], again: dict[str, Any]) -> None:
    assert event(**first).key == event(**again).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FOLLOW, FOLLOW | {"event_name": "unfollow"}),
        (FOLLOW, FOLLOW | {"follower": {"id": "u2"}}),
        (FOLLOW, FOLLOW | {"timestamp": "1795233660001"}),
        (SAID, SAID | {"message": {"msg_id": "m2", "text": "chào"}}),
        (RATED, RATED | {"message": RATED["message"] | {"rate": 1}}),
        (RATED, RATED | {"message": RATED["message"] | {"submit_time": "1795233660001"}}),
        (QUOTA, QUOTA | {"quota": {"new_value": 2}}),
        (QUOTA | {"template_id": "1"}, QUOTA | {"template_id": "2"}),
    ],
)
def test_two_events_have_two_keys_even_in_one_millisecond(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert event(**one).key != event(**other).key


def test_the_signature_is_of_the_raw_bytes_and_of_one_of_the_signers() -> None:
    raw = b'{"event_name": "follow",  "timestamp": 7}'
    found = parse(raw)
    assert found is not None
    header = signature(app_id="app-1", raw=raw, timestamp="7", secret="k")

    def signer(**changes: Any) -> str:
        return signed_by(found, **{"signers": ["app-1"], "raw": raw, "header": header, "secret": "k", **changes})

    assert signer() == "app-1"
    assert signer(signers=["oa-1", "app-1"]) == "app-1"
    assert signer(raw=raw.replace(b"  ", b" ")) == ""
    assert signer(signers=["oa-1"]) == ""
    assert signer(secret="") == ""
    assert signer(header="mac=đ") == ""


def test_nobody_signs_for_an_account_without_a_key() -> None:
    raw = b'{"event_name": "follow"}'
    found = parse(raw)
    assert found is not None
    header = signature(app_id="app-1", raw=raw, timestamp="", secret="")
    assert signed_by(found, signers=["app-1"], raw=raw, header=header, secret="") == ""
