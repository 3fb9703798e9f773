"""What Zalo's webhook says, read from bytes that anybody may have written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from integrations.zalo.events import Event, for_account, parse, receipt
from tests.campaigns.story import vn


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
    body = {"app_id": "app-1", "message": {"msg_id": "m1"}}
    assert for_account(event(**body), 1).key != for_account(event(**body), 2).key
    assert for_account(event(**body), 1).key == for_account(event(**body, timestamp="2"), 1).key
    assert len(for_account(event(message={"msg_id": "m" * 500}), 1).key) <= 200


@pytest.mark.parametrize("delivery_time", ["9" * 20, "9" * 5_000, "9" * 14, "-1", "", "x", None, 1.5, [], "٣²"])
def test_a_receipt_of_no_possible_time_is_none(delivery_time: object) -> None:
    assert receipt("user_received_message", {"message": {"delivery_time": delivery_time, "msg_id": "m1"}}) is None


@pytest.mark.parametrize("at", ["1795233660000", 1795233660000])
def test_a_receipt(at: object) -> None:
    found = receipt("user_received_message", {"message": {"delivery_time": at, "msg_id": "m" * 100}})
    assert found is not None
    assert (found.at, found.msg_id, found.tracking_id) == (vn(21, 11, 1), "m" * 80, "")


def test_a_receipt_without_an_id_speaks_of_no_message() -> None:
    message = {"delivery_time": "1795233660000", "msg_id": None, "tracking_id": None}
    found = receipt("user_received_message", {"message": message})
    assert found is not None
    assert (found.msg_id, found.tracking_id) == ("", "")
