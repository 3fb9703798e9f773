"""Every event of Zalo's webhook as Zalo writes it, and what it tells us."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.base import Met, QuotaTold, Reacted, Receipt, TagsTold, TemplateTold, Told
from integrations.zalo.told import is_ours, told
from tests.campaigns.story import vn

AT = vn(21, 11, 1)
MS = str(int(AT.timestamp() * 1000))
LATER_MS = str(int(vn(21, 12).timestamp() * 1000))
OA, USER = "579745863508352884", "246845883529197922"
PHONE_HASH = "a" * 64
FROM_USER = {"sender": {"id": USER}, "recipient": {"id": OA}, "user_id_by_app": "552177279717587730"}
FROM_OA = {"sender": {"id": OA}, "recipient": {"id": USER}}
FOLLOWER = {"oa_id": OA, "follower": {"id": USER}, "user_id_by_app": "1", "source": "oa_profile"}
ON_PHONE = {"delivery_time": MS, "msg_id": "m1", "tracking_id": "t1"}
STARS = {
    "rating_type": "csat",
    "option": "five_emotions",
    "note": "Cảm ơn",
    "rate": 4,
    "submit_time": MS,
    "msg_id": "m1",
}
BUTTON = {"submit_time": MS, "button_type": "response", "data": "Đặt lịch lại", "tracking_id": "t1"}
QUOTA = {"oaId": OA, "quota": {"prev_value": "20000", "new_value": "10000"}}
TEMPLATE = {"oa_id": OA, "template_id": "7001"}
RECEIPT = Receipt("delivered", AT, "m1", "t1")
TOUCHED = Met(USER, AT, interacted=True)
REFUSED = {"status": {"prev_status": "ENABLE", "new_status": "REJECT"}, "reason": "Nội dung chưa phù hợp"}

TOLD: list[tuple[str, dict[str, Any], Told]] = [
    ("user_received_message", {"sender": {"id": OA}, "recipient": {"id": "84912345678"}, "message": ON_PHONE}, RECEIPT),
    ("user_received_message", {"sender": {"id": OA}, "recipient": {"id": PHONE_HASH}, "message": ON_PHONE}, RECEIPT),
    ("user_received_message", {"message": ON_PHONE, "timestamp": LATER_MS}, RECEIPT),
    ("user_received_message", {**FROM_OA, "message": {"msg_id": "m1"}}, Receipt("delivered", AT, "m1", "")),
    ("user_feedback", {"oa_id": OA, "message": STARS}, Reacted("rated", AT, "m1", "", 4, "Cảm ơn")),
    (
        "user_feedback",
        {
            "oa_id": OA,
            "message": STARS | {"rate": "5", "note": None, "tracking_id": "t1", "feedbacks": ["Tận tình", "Sạch"]},
        },
        Reacted("rated", AT, "m1", "t1", 5, "", ("Tận tình", "Sạch")),
    ),
    (
        "user_click_response_button",
        {"oa_id": OA, "msg_id": "m1", "message": BUTTON, "timestamp": LATER_MS},
        Reacted("clicked", AT, "m1", "t1", choices=("Đặt lịch lại",)),
    ),
    ("change_oa_daily_quota", QUOTA, QuotaTold(AT, 10_000)),
    (
        "change_oa_daily_quota",
        {"oaId": OA, "quota": {"prev_value": 50000, "new_value": "unlimited"}},
        QuotaTold(AT, None),
    ),
    ("change_template_status", TEMPLATE | REFUSED, TemplateTold(AT, "7001", "REJECT", reason="Nội dung chưa phù hợp")),
    ("change_template_status", {**TEMPLATE, "status": {"new_status": 1}}, TemplateTold(AT, "7001", "ENABLE")),
    (
        "change_template_quality",
        {"oa_id": OA, "template_id": 7001, "quality": "LOW"},
        TemplateTold(AT, "7001", quality="LOW"),
    ),
    ("change_oa_template_tags", {"oa_id": OA, "tags": ["TRANSACTION", "CUSTOMER_CARE"]}, TagsTold(AT, (1, 2))),
    ("change_oa_template_tags", {"oa_id": OA, "tags": {"prev_tags": [1], "new_tags": [3, 1]}}, TagsTold(AT, (1, 3))),
    ("change_oa_template_tags", {"oa_id": OA, "data": ["TRANSACTION", "PROMOTION"]}, TagsTold(AT, (1, 3))),
    ("change_oa_template_tags", {"oa_id": OA, "template_tag": "transaction, customer_care"}, TagsTold(AT, (1, 2))),
    (
        "change_template_quota",
        {**TEMPLATE, "quota": {"prev_value": 500, "new_value": 200}},
        TemplateTold(AT, "7001", daily_quota=200),
    ),
    ("change_template_quota", {**TEMPLATE, "daily_quota": "200"}, TemplateTold(AT, "7001", daily_quota=200)),
    ("follow", FOLLOWER, Met(USER, AT, is_follower=True)),
    ("unfollow", FOLLOWER, Met(USER, AT, is_follower=False)),
    *(
        (f"user_send_{kind}", {**FROM_USER, "message": {"text": "chào", "msg_id": "m9"}}, TOUCHED)
        for kind in [
            "text",
            "image",
            "link",
            "audio",
            "video",
            "sticker",
            "gif",
            "location",
            "business_card",
            "file",
            "group_text",
        ]
    ),
    ("user_reacted_message", {**FROM_USER, "message": {"msg_id": "m1", "react_icon": "/-heart"}}, TOUCHED),
    ("user_click_chatnow", {"oa_id": OA, "user_id": USER, "user_id_by_app": "1"}, TOUCHED),
    ("user_call_oa", {"oa_id": OA, "user_id": USER, "call_id": "c1", "call_type": "AUDIO"}, TOUCHED),
    ("user_call_oa", {"oa_id": OA, "user_id": USER, "phone": "84912345678"}, Met(USER, AT, None, True, "84912345678")),
    (
        "user_submit_info",
        {**FROM_USER, "info": {"name": "Hoa", "phone": "84912345678"}},
        Met(USER, AT, None, True, "84912345678"),
    ),
    ("user_submit_info", {**FROM_USER, "info": {"phone": "0912 345 678"}}, Met(USER, AT, None, True, "84912345678")),
    ("user_submit_info", {**FROM_USER, "info": {"phone": "+84.912.345.678"}}, Met(USER, AT, None, True, "84912345678")),
    ("user_submit_info", {**FROM_USER, "info": {"phone": 912345678}}, Met(USER, AT, None, True, "84912345678")),
    ("user_submit_info", {**FROM_USER, "info": {"phone": "0212345678"}}, TOUCHED),
    (
        "widget_interaction_accepted",
        {"oa_id": OA, "data": {"user_id": USER, "user_external_id": "x", "url": "y"}},
        TOUCHED,
    ),
]
NOTHING_TO_US = [
    "oa_send_text",
    "oa_send_image",
    "oa_send_gif",
    "oa_send_list",
    "oa_send_file",
    "oa_send_sticker",
    "oa_send_template",
    "user_seen_message",
    "oa_reacted_message",
    "oa_send_consent",
    "user_reply_consent",
    "add_user_to_tag",
    "remove_user_from_tag",
    "user_withdraw",
    "update_user_info",
    "event_journey_time_out",
    "event_journey_acknowledged",
    "anonymous_send_text",
    "oa_call_user",
    "tin_mới",
]


@pytest.mark.parametrize(("name", "body", "said"), TOLD, ids=lambda part: part if isinstance(part, str) else "")
def test_every_event_says_its_own(name: str, body: dict[str, Any], said: Told) -> None:
    assert told(name, {"app_id": "app-1", "event_name": name, "timestamp": MS, **body}) == said
    assert is_ours(name)


@pytest.mark.parametrize("name", NOTHING_TO_US)
def test_the_others_are_kept_and_mean_nothing_to_us(name: str) -> None:
    assert told(name, {**FROM_OA, "timestamp": MS, "message": {"msg_id": "m1"}}) is None
    assert not is_ours(name)


ODD: list[tuple[str, dict[str, Any]]] = [
    ("user_feedback", {"message": STARS | {"rate": 6}}),
    ("user_feedback", {"message": STARS | {"rate": 0}}),
    ("user_feedback", {"message": STARS | {"rate": True}}),
    ("user_feedback", {"message": STARS | {"submit_time": "x"}}),
    ("user_click_response_button", {"msg_id": "m1", "message": BUTTON | {"data": ""}}),
    ("change_oa_daily_quota", {"quota": {"new_value": -1}}),
    ("change_oa_daily_quota", {"quota": {"new_value": 2**31}}),
    ("change_oa_daily_quota", {"quota": {"prev_value": 500}}),
    ("change_oa_daily_quota", {"quota": None}),
    ("change_template_status", {"template_id": "7001", "status": {}}),
    ("change_template_status", {"status": {"new_status": "REJECT"}}),
    ("change_template_status", {"template_id": "7001", "status": "X" * 21}),
    ("change_template_quality", {"template_id": "7001", "quality": "BAD"}),
    ("change_oa_template_tags", {"tags": []}),
    ("change_oa_template_tags", {"tags": ["TRANSACTION", "SOMETHING_NEW"]}),
    ("change_oa_template_tags", {"tags": ["OTP", "POST_TRANSACTION", "FOLLOW_UP"]}),
    ("change_oa_template_tags", {"tags": ["TRANSACTION", "FOLLOW_UP"]}),
    ("change_oa_template_tags", {"tags": {"added": ["TRANSACTION"]}}),
    ("change_template_quota", {"template_id": "7001", "quota": {"level": "LOW"}}),
    ("follow", {"follower": "u1"}),
    ("follow", {"follower": {"id": ""}}),
    ("follow", {"follower": {"id": "u" * 41}}),
    ("follow", {"follower": {"id": USER}, "timestamp": None}),
    ("user_send_text", {"sender": [USER]}),
]


@pytest.mark.parametrize(("name", "body"), ODD, ids=str)
def test_what_is_not_as_zalo_writes_it_is_not_guessed_at(name: str, body: dict[str, Any]) -> None:
    assert told(name, {"timestamp": MS, **body}) is None
    assert is_ours(name)


@pytest.mark.parametrize("delivery_time", ["9" * 20, "9" * 5_000, "9" * 14, "-1", "", "x", None, 1.5, [], "٣²"])
def test_a_receipt_of_no_possible_time_is_none(delivery_time: object) -> None:
    assert told("user_received_message", {"message": {"delivery_time": delivery_time, "msg_id": "m1"}}) is None


@pytest.mark.parametrize("at", ["1795233660000", 1795233660000])
def test_a_receipt(at: object) -> None:
    found = told("user_received_message", {"message": {"delivery_time": at, "msg_id": "m" * 100}})
    assert found == Receipt("delivered", vn(21, 11, 1), "m" * 80, "")


def test_a_receipt_without_an_id_speaks_of_no_message() -> None:
    message = {"delivery_time": "1795233660000", "msg_id": None, "tracking_id": None}
    assert told("user_received_message", {"message": message}) == Receipt("delivered", vn(21, 11, 1), "", "")
