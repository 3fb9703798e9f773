"""The channel ladder as a table: one patient, the ways a step allows, and which are open, in which order, or why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.ladder import LONGEST_CHAT, Closed, Ladder, Patient, Person, Sms, Wanted, climb
from integrations.base import ChannelName, Tag
from integrations.zalo.policy import policy
from tests.campaigns.story import vn

CHAT, UID, ZNS, SMS = ChannelName
NOW = vn(21, 11)
RULES = policy("zalo-2026").chat
FRIEND = Person("u1", is_follower=True, last_interaction_at=NOW - timedelta(hours=1))
EVERY = Wanted(
    ways=tuple(ChannelName),
    tag=Tag.CUSTOMER_CARE,
    chat_text="Chào chị",
    sms_text="Chao chi",
    goes_by_uid=True,
    price_zns=200,
    price_uid=140,
    price_sms=850,
)
KNOWN = Patient(NOW, RULES, person=FRIEND, sms=Sms())


def wrote(hours: float) -> Person:
    return replace(FRIEND, last_interaction_at=NOW - timedelta(hours=hours))


def names(ladder: Ladder) -> list[ChannelName]:
    return [way.name for way in ladder.open]


def test_a_friend_of_the_clinic_is_reached_the_cheapest_way_first() -> None:
    ladder = climb(EVERY, KNOWN)
    assert [(way.name, way.price) for way in ladder.open] == [(CHAT, 0), (UID, 140), (ZNS, 200), (SMS, 850)]
    assert ladder.closed == {}


CASES: list[tuple[str, dict[str, Any], dict[str, Any], list[ChannelName], dict[ChannelName, Closed]]] = [
    ("a step as it was before there were ways", {"ways": (ZNS,)}, {"person": None, "sms": None}, [ZNS], {}),
    (
        "the phone is known not to be on Zalo",
        {},
        {"not_on_zalo": True},
        [SMS],
        dict.fromkeys((CHAT, UID, ZNS), Closed.NOT_ON_ZALO),
    ),
    (
        "nobody known behind the phone",
        {},
        {"person": None},
        [ZNS, SMS],
        dict.fromkeys((CHAT, UID), Closed.USER_UNKNOWN),
    ),
    (
        "never wrote to the clinic",
        {},
        {"person": replace(FRIEND, last_interaction_at=None)},
        [UID, ZNS, SMS],
        {CHAT: Closed.CHAT_WINDOW_CLOSED},
    ),
    ("wrote 48 hours ago: still free", {}, {"person": wrote(48)}, [CHAT, UID, ZNS, SMS], {}),
    ("wrote 7 days ago to the hour", {}, {"person": wrote(168)}, [CHAT, UID, ZNS, SMS], {}),
    ("wrote longer ago", {}, {"person": wrote(168.1)}, [UID, ZNS, SMS], {CHAT: Closed.CHAT_WINDOW_CLOSED}),
    ("a paid chat is dearer than a free template", {"price_uid": 0}, {"person": wrote(49)}, [UID, CHAT, ZNS, SMS], {}),
    ("ways of one price keep their order", {"price_sms": 0, "price_zns": 0, "price_uid": 0}, {}, [*ChannelName], {}),
    ("a template of before", {"goes_by_uid": False}, {}, [CHAT, ZNS, SMS], {UID: Closed.TEMPLATE_BY_PHONE_ONLY}),
    (
        "nothing to say",
        {"chat_text": "", "sms_text": ""},
        {},
        [UID, ZNS],
        dict.fromkeys((CHAT, SMS), Closed.TEXT_MISSING),
    ),
    ("too much to say", {"chat_text": "a" * (LONGEST_CHAT + 1)}, {}, [UID, ZNS, SMS], {CHAT: Closed.TEXT_TOO_LONG}),
    ("no SMS account", {}, {"sms": None}, [CHAT, UID, ZNS], {SMS: Closed.SMS_NOT_CONNECTED}),
    ("the SMS account is blocked", {}, {"sms": Sms(blocked=True)}, [CHAT, UID, ZNS], {SMS: Closed.SMS_BLOCKED}),
    ("at most 200 đồng", {"max_price": 200}, {}, [CHAT, UID, ZNS], {SMS: Closed.TOO_DEAR}),
    ("at most nothing", {"max_price": 0}, {}, [CHAT], dict.fromkeys((UID, ZNS, SMS), Closed.TOO_DEAR)),
    ("ZNS did not reach", {}, {"tried": frozenset({"zns"})}, [CHAT, UID, SMS], {ZNS: Closed.TRIED}),
    (
        "an offer",
        {"tag": Tag.PROMOTION},
        {},
        [UID, ZNS],
        dict.fromkeys((CHAT, SMS), Closed.PROMOTION),
    ),
    (
        "an offer to someone who does not follow",
        {"tag": Tag.PROMOTION, "ways": (UID, ZNS)},
        {"person": replace(FRIEND, is_follower=False)},
        [ZNS],
        {UID: Closed.NOT_FOLLOWER},
    ),
]


@pytest.mark.parametrize(
    ("wanted", "patient", "open_", "closed"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_each_fact_opens_or_closes_its_ways(
    wanted: dict[str, Any], patient: dict[str, Any], open_: list[ChannelName], closed: dict[ChannelName, Closed]
) -> None:
    ladder = climb(replace(EVERY, **wanted), replace(KNOWN, **patient))
    assert (names(ladder), ladder.closed) == (open_, closed)


def test_under_the_rules_of_2024_a_chat_costs_after_48_hours() -> None:
    patient = replace(KNOWN, chat=policy("zalo-2024").chat, person=wrote(49))
    assert climb(EVERY, patient).open[0].price == 55


MOMENTS = st.one_of(st.none(), st.integers(0, 400).map(lambda hours: NOW - timedelta(hours=hours)))
PRICES = st.integers(0, 1000)
WANTED = st.builds(
    Wanted,
    ways=st.lists(st.sampled_from(ChannelName), min_size=1, unique=True).map(tuple),
    tag=st.sampled_from(Tag),
    chat_text=st.sampled_from(["", "chào", "a" * 2001]),
    sms_text=st.sampled_from(["", "chao"]),
    max_price=st.one_of(st.none(), PRICES),
    goes_by_uid=st.booleans(),
    price_zns=PRICES,
    price_uid=PRICES,
    price_sms=PRICES,
)
PATIENTS = st.builds(
    Patient,
    now=st.just(NOW),
    chat=st.sampled_from([RULES, policy("zalo-2024").chat]),
    not_on_zalo=st.booleans(),
    person=st.one_of(
        st.none(),
        st.builds(Person, user_id=st.just("u1"), is_follower=st.booleans(), last_interaction_at=MOMENTS),
    ),
    sms=st.one_of(st.none(), st.builds(Sms, blocked=st.booleans())),
    tried=st.frozensets(st.sampled_from([str(name) for name in ChannelName])),
)


@given(wanted=WANTED, patient=PATIENTS)
def test_whatever_the_facts_the_ladder_is_whole_sorted_and_never_yields_a_closed_way(
    wanted: Wanted, patient: Patient
) -> None:
    ladder = climb(wanted, patient)
    assert sorted([*names(ladder), *ladder.closed]) == sorted(wanted.ways), "every allowed way, once"
    prices = [way.price for way in ladder.open]
    assert prices == sorted(prices), "the cheapest first"
    for way in ladder.open:
        assert way.name not in patient.tried
        assert wanted.max_price is None or way.price <= wanted.max_price
        assert way.name == SMS or not patient.not_on_zalo
        assert way.name not in (CHAT, UID) or patient.person is not None
        assert way.name != SMS or (wanted.tag != Tag.PROMOTION and patient.sms == Sms(blocked=False))


@given(wanted=WANTED, patient=PATIENTS)
def test_a_way_that_was_tried_opens_no_other(wanted: Wanted, patient: Patient) -> None:
    before = climb(wanted, patient)
    for way in before.open:
        after = climb(wanted, replace(patient, tried=patient.tried | {str(way.name)}))
        assert names(after) == [name for name in names(before) if name != way.name]
