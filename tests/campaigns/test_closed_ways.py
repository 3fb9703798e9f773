"""What Zalo says of one way closes that way: the ladder goes on, and nobody and nothing else is held back."""

from __future__ import annotations

import pytest

from campaigns.explain import reason_text
from campaigns.models import Suppression
from integrations.base import ChannelName
from integrations.zalo.errors import Host, meaning
from tests.campaigns.story import PHONE, Clinic, vn
from tests.campaigns.waystory import CHAT, UID, ZNS, Ways, allow, every_way, know, sent


@pytest.fixture
def ways(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Ways:
    """Every way is open."""
    return every_way(clinic, monkeypatch)


def visited(clinic: Clinic) -> None:
    """The patient comes, and the message falls due."""
    clinic.visit()
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    clinic.tick()


@pytest.mark.parametrize("code", [-209, -211, -212, -218, -223, -224, -235])
def test_a_chat_that_zalo_does_not_take_now_leaves_the_other_ways(clinic: Clinic, ways: Ways, code: int) -> None:
    know(clinic)
    ways[CHAT].tell(PHONE, meaning(Host.OPENAPI, code, "no"))
    visited(clinic)
    assert (clinic.message().state, sent(ways)) == ("sent", {CHAT: 1, UID: 1})
    clinic.account.refresh_from_db()
    assert clinic.account.blocked_reason == ""


@pytest.mark.parametrize(
    ("way", "host", "code"), [(ZNS, Host.BUSINESS, -139), (UID, Host.OPENAPI, -139), (CHAT, Host.OPENAPI, -244)]
)
def test_who_refuses_one_kind_is_not_silenced_for_every_kind(
    clinic: Clinic, ways: Ways, way: ChannelName, host: Host, code: int
) -> None:
    if way != ZNS:
        know(clinic)
    allow(clinic, way)
    ways[way].tell(PHONE, meaning(host, code, "no"))
    visited(clinic)
    assert (clinic.message().state, clinic.message().reason_code) == ("failed", "recipient_refuses_kind")
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("code", [-141, -217])
def test_who_refuses_the_clinic_is_left_alone(clinic: Clinic, ways: Ways, code: int) -> None:
    allow(clinic, ZNS)
    clinic.channel.tell(PHONE, meaning(Host.OPENAPI, code, "no"))
    visited(clinic)
    assert Suppression.objects.get().reason_code == "recipient_refuses"


def test_a_price_by_user_id_that_zalo_did_not_tell_is_not_free(clinic: Clinic, ways: Ways) -> None:
    clinic.template.price_uid_vnd, clinic.template.price_vnd = 0, 200
    clinic.template.save()
    allow(clinic, UID, max_price_vnd=50)
    know(clinic)
    visited(clinic)
    assert (clinic.message().reason_code, sent(ways)) == ("no_channel", {})


def test_it_costs_as_much_as_by_phone(clinic: Clinic, ways: Ways) -> None:
    clinic.template.price_uid_vnd, clinic.template.price_vnd = 0, 200
    clinic.template.save()
    allow(clinic, UID)
    know(clinic)
    visited(clinic)
    assert (clinic.message().price_vnd, sent(ways)) == (200, {UID: 1})


@pytest.mark.parametrize(
    ("why", "facts", "sentence"),
    [
        ("chat_quota", {"code": -211}, "Zalo báo đã hết lượt tin tư vấn gửi được cho khách này"),
        ("chat_window_closed", {"code": -230, "days": 7}, "Khách không nhắn cho OA trong 7 ngày qua"),
        ("api_not_allowed", {"code": -212, "zalo": "no"}, "chưa được Zalo cho dùng cách gửi này: no (mã -212)"),
    ],
)
def test_the_log_says_in_words_why_the_next_way_was_taken(why: str, facts: dict[str, object], sentence: str) -> None:
    told = reason_text("next_channel", {**facts, "channel": "chat", "why": why, "next": "zns"})
    assert sentence in told
    assert "{" not in told
