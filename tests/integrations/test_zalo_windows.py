"""The windows of the guard: whose they are, how many places they hold, and when they end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from integrations.base import AccountFacts, Brake, Cap, ChannelName, Claim, Deferral, Refusal, SendFacts, Tag
from integrations.vietnam import VIETNAM
from integrations.zalo.policy import ZaloPolicy, policy

NOON = datetime(2026, 11, 21, 12, 34, tzinfo=VIETNAM)  # a Saturday
MIDNIGHT = datetime(2026, 11, 22, tzinfo=VIETNAM)
ACCOUNT = AccountFacts("oa1", 10_000, promotion_month_quota=500, clinic="7")
CARE = SendFacts(Tag.CUSTOMER_CARE, "84912345678", template_id="7001")
PROMOTION = replace(CARE, tag=Tag.PROMOTION, last_care_delivered_at=NOON - timedelta(days=1))
TRANSACTION = replace(CARE, tag=Tag.TRANSACTION)


def answer(
    send: SendFacts, account: AccountFacts = ACCOUNT, *, name: str = "zalo-2026", now: datetime = NOON
) -> tuple[Claim, ...] | Deferral | Refusal:
    return policy(name).assess(account, send, now)


def claims(send: SendFacts, account: AccountFacts = ACCOUNT, **asked: Any) -> dict[str, Claim]:
    """The windows one send takes a place in, by rule."""
    found = answer(send, account, **asked)
    assert isinstance(found, tuple), found
    return {claim.rule: claim for claim in found}


# --- what Zalo lets the account send --------------------------------------------


@pytest.mark.parametrize("tag", Tag)
@pytest.mark.parametrize("name", ["zalo-2024", "zalo-2026"])
def test_zalos_word_on_the_tags_wins_over_the_ladder(tag: Tag, name: str) -> None:
    send = replace(PROMOTION, tag=tag)
    low, high = replace(ACCOUNT, daily_quota=500), replace(ACCOUNT, daily_quota=500_000)
    assert isinstance(answer(send, replace(low, allowed_tags=(1, 2, 3)), name=name), tuple)
    others = tuple(each for each in Tag if each != tag)
    assert answer(send, replace(high, allowed_tags=others), name=name) == Refusal(
        "tag_not_entitled", {"allowed": list(others)}
    )


# --- the reserve for transactions -----------------------------------------------


@pytest.mark.parametrize(
    ("quota", "percent", "shared"), [(10_000, 20, 8_000), (999, 10, 899), (1_000, 0, None), (5, 50, 2), (500, 100, 0)]
)
def test_a_reserve_leaves_the_other_tags_the_rest_of_the_day(quota: int, percent: int, shared: int | None) -> None:
    account = replace(ACCOUNT, daily_quota=quota, tag_one_reserve=percent)
    taken = claims(CARE, account)
    if shared is None:
        assert set(taken) == {"daily_quota"}
    else:
        window = taken["transaction_reserve"]
        assert (window.key, window.limit, window.ends_at) == ("zalo:oa1:shared-day:2026-11-21", shared, MIDNIGHT)
    assert set(claims(TRANSACTION, account)) == {"daily_quota"}


def test_an_unlimited_day_has_nothing_to_reserve() -> None:
    account = replace(ACCOUNT, daily_quota=None, tag_one_reserve=20, brake=Brake.SLOW)
    assert set(claims(CARE, account)) == {"daily_quota"}


# --- the brakes -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("brake", "held"),
    [(Brake.NONE, ()), (Brake.SLOW, ()), (Brake.HOLD_PROMOTION, (3,)), (Brake.ONLY_TRANSACTION, (2, 3))],
)
def test_the_account_brake_holds_the_later_tags_until_midnight(brake: Brake, held: tuple[int, ...]) -> None:
    for send in (TRANSACTION, CARE, PROMOTION):
        found = answer(send, replace(ACCOUNT, brake=brake))
        assert (found == Deferral("brake_held", MIDNIGHT)) == (send.tag in held)
        slow = isinstance(found, tuple) and any(claim.rule == "brake_slow" for claim in found)
        assert slow == (brake >= Brake.SLOW and send.tag not in (1, *held))


def test_a_slow_hour_has_a_twentieth_of_the_day() -> None:
    window = claims(CARE, replace(ACCOUNT, brake=Brake.SLOW))["brake_slow"]
    assert (window.key, window.limit) == ("zalo:oa1:slow:2026-11-21T12", 500)
    assert window.ends_at == datetime(2026, 11, 21, 13, tzinfo=VIETNAM)
    assert claims(CARE, replace(ACCOUNT, brake=Brake.SLOW, daily_quota=3))["brake_slow"].limit == 1


@pytest.mark.parametrize("brake", [Brake.HOLD_PROMOTION, Brake.ONLY_TRANSACTION])
def test_a_braked_template_holds_what_it_sends_except_transactions(brake: Brake) -> None:
    for send in (CARE, PROMOTION):
        assert answer(replace(send, template_brake=brake)) == Deferral("template_brake", MIDNIGHT)
    assert isinstance(answer(replace(TRANSACTION, template_brake=brake)), tuple)


def test_a_slowed_template_slows_itself_alone() -> None:
    window = claims(replace(CARE, template_brake=Brake.SLOW))["brake_slow"]
    assert window.key == "zalo:oa1:template:7001:slow:2026-11-21T12"
    assert "brake_slow" not in claims(replace(CARE, template_id="7002"))


# --- people ---------------------------------------------------------------------


def test_a_policy_may_limit_a_persons_day() -> None:
    whole = policy("zalo-2026")
    daily = whole.model_copy(update={"promotion": whole.promotion.model_copy(update={"per_user_day": 1})})
    found = {claim.rule: claim for claim in verdict_of(daily, PROMOTION)}
    assert (found["user_day_quota"].limit, found["user_day_quota"].ends_at) == (1, MIDNIGHT)
    assert "user_day_quota" not in {claim.rule for claim in verdict_of(daily, CARE)}


def test_a_persons_day_without_a_number_is_there_to_be_closed() -> None:
    assert claims(PROMOTION)["user_day_quota"].limit == policy("zalo-2026").promotion.per_user_month


def verdict_of(rules: ZaloPolicy, send: SendFacts) -> tuple[Claim, ...]:
    found = rules.assess(ACCOUNT, send, NOON)
    assert isinstance(found, tuple)
    return found


@pytest.mark.parametrize(
    ("period", "stamp", "ends"),
    [
        ("day", "2026-11-21", MIDNIGHT),
        ("week", "2026-W47", datetime(2026, 11, 23, tzinfo=VIETNAM)),
        ("month", "2026-11", datetime(2026, 12, 1, tzinfo=VIETNAM)),
    ],
)
def test_a_cap_counts_a_calendar_period_of_vietnam(period: Any, stamp: str, ends: datetime) -> None:
    window = claims(replace(CARE, caps=(Cap(Tag.CUSTOMER_CARE, period, 2),)))["frequency_cap"]
    assert window.key.startswith("cap:7:user:")
    assert window.key.endswith(f":tag2:{period}:{stamp}")
    assert (window.limit, window.ends_at) == (2, ends)
    assert "84912345678" not in window.key


@pytest.mark.parametrize(
    ("moment", "stamp"),
    [
        (datetime(2026, 11, 22, 23, 59, 59, tzinfo=VIETNAM), "2026-W47"),
        (datetime(2026, 11, 23, 0, 0, tzinfo=VIETNAM), "2026-W48"),
        (datetime(2027, 1, 3, 12, 0, tzinfo=VIETNAM), "2026-W53"),
        (datetime(2027, 1, 4, 12, 0, tzinfo=VIETNAM), "2027-W01"),
    ],
)
def test_a_week_begins_on_monday_at_midnight(moment: datetime, stamp: str) -> None:
    window = claims(replace(CARE, caps=(Cap(Tag.CUSTOMER_CARE, "week", 2),)), now=moment)["frequency_cap"]
    assert window.key.endswith(stamp)
    assert moment < window.ends_at <= moment + timedelta(days=7)


def test_a_cap_counts_over_all_accounts_and_ways_of_a_clinic() -> None:
    capped = replace(CARE, caps=(Cap(Tag.CUSTOMER_CARE, "day", 1),), last_interaction_at=NOON)
    keys = {
        claims(replace(capped, channel=channel), replace(ACCOUNT, oa_id=oa))["frequency_cap"].key
        for channel in ChannelName
        for oa in ("oa1", "oa2")
    }
    assert len(keys) == 1
    elsewhere = claims(capped, replace(ACCOUNT, clinic="8"))["frequency_cap"].key
    assert elsewhere not in keys


def test_a_cap_binds_its_own_tag_alone() -> None:
    caps = (Cap(Tag.PROMOTION, "day", 1), Cap(Tag.CUSTOMER_CARE, "day", 1))
    assert "frequency_cap" not in claims(replace(TRANSACTION, caps=caps))
    assert (
        claims(replace(CARE, caps=caps))["frequency_cap"].key
        != claims(replace(PROMOTION, caps=caps))["frequency_cap"].key
    )


# --- the other ways -------------------------------------------------------------


def test_a_template_by_user_id_counts_as_one_by_phone() -> None:
    assert claims(PROMOTION) == claims(replace(PROMOTION, channel=ChannelName.UID))


@pytest.mark.parametrize("tag", Tag)
def test_an_sms_is_in_no_window_of_zalo(tag: Tag) -> None:
    held = replace(ACCOUNT, allowed_tags=(), brake=Brake.ONLY_TRANSACTION, daily_quota=0)
    night = NOON.replace(hour=23)
    assert answer(replace(CARE, tag=tag, channel=ChannelName.SMS), held, now=night) == ()


@pytest.mark.parametrize(
    ("heard", "opens"),
    [
        (None, False),
        (timedelta(days=7, seconds=1), False),
        (timedelta(days=7), True),
        (timedelta(hours=49), True),
        (timedelta(0), True),
    ],
)
def test_chat_is_open_for_seven_days_after_the_patient_wrote(heard: timedelta | None, opens: bool) -> None:
    last = None if heard is None else NOON - heard
    found = answer(replace(CARE, channel=ChannelName.CHAT, last_interaction_at=last), now=NOON)
    assert found == (() if opens else Refusal("chat_window_closed", {"days": 7}))


def test_in_2024_eight_replies_are_free_each_time_the_patient_writes() -> None:
    wrote = NOON - timedelta(hours=47)
    chat = replace(CARE, channel=ChannelName.CHAT, last_interaction_at=wrote)
    window = claims(chat, name="zalo-2024")["chat_quota"]
    assert (window.limit, window.ends_at) == (8, wrote + timedelta(hours=48))
    again = claims(replace(chat, last_interaction_at=NOON), name="zalo-2024")["chat_quota"]
    assert again.key != window.key
    late = replace(chat, last_interaction_at=NOON - timedelta(hours=48))
    assert claims(late, name="zalo-2024") == {}
    assert claims(chat, name="zalo-2026") == {}


# --- the set of rules changes ---------------------------------------------------


def test_a_set_of_rules_says_which_days_it_covers() -> None:
    old, new = policy("zalo-2024"), policy("zalo-2026")
    days = [date(2024, 3, 11), date(2024, 3, 12), date(2026, 1, 15), date(2026, 1, 16)]
    assert [old.covers(day) for day in days] == [False, True, True, False]
    assert [new.covers(day) for day in days] == [False, False, False, True]


def test_the_windows_of_a_day_keep_their_keys_under_other_rules() -> None:
    account = replace(ACCOUNT, daily_quota=20_000)
    before, after = claims(PROMOTION, account, name="zalo-2024"), claims(PROMOTION, account, name="zalo-2026")
    assert {rule: claim.key for rule, claim in after.items()}.items() <= {r: c.key for r, c in before.items()}.items()
