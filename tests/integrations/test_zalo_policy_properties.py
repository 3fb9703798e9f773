"""Whatever the account, the message and the moment: one answer, by one rule we have words for, and tag 1 goes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from campaigns.reasons import Reason
from campaigns.sentences import SENTENCES
from integrations.base import AccountFacts, Brake, Cap, ChannelName, Deferral, Refusal, SendFacts, Tag
from integrations.zalo.policy import policy, policy_names

MOMENTS = st.integers(0, 5 * 365 * 86_400).map(
    lambda seconds: datetime(2024, 3, 12, tzinfo=UTC) + timedelta(seconds=seconds)
)
QUOTAS = st.none() | st.integers(0, 500_000)
CAPS = st.builds(Cap, st.sampled_from(Tag), st.sampled_from(["day", "week", "month"]), st.integers(1, 30))
ACCOUNTS = st.builds(
    AccountFacts,
    st.just("oa1"),
    QUOTAS,
    st.integers(0, 100_000),
    allowed_tags=st.none() | st.lists(st.sampled_from([1, 2, 3]), unique=True).map(tuple),
    tag_one_reserve=st.integers(0, 100),
    brake=st.sampled_from(Brake),
    clinic=st.just("1"),
)
SENDS = st.builds(
    SendFacts,
    st.sampled_from(Tag),
    st.sampled_from(["84912345678", "84987654321"]),
    last_care_delivered_at=st.none() | MOMENTS,
    template_daily_quota=QUOTAS,
    template_id=st.sampled_from(["7001", "7002"]),
    channel=st.sampled_from(ChannelName),
    template_brake=st.sampled_from(Brake),
    last_interaction_at=st.none() | MOMENTS,
    caps=st.lists(CAPS, max_size=9, unique_by=lambda cap: (cap.tag, cap.period)).map(tuple),
)
NAMES = st.sampled_from(policy_names())
OF_TAG_ONE = {"daily_quota", "template_day_quota", "frequency_cap", "chat_quota"}


@given(NAMES, ACCOUNTS, SENDS, MOMENTS)
def test_every_answer_names_a_rule_we_have_words_for(
    name: str, account: AccountFacts, send: SendFacts, now: datetime
) -> None:
    answer = policy(name).assess(account, send, now)
    rules = [each.rule for each in answer] if isinstance(answer, tuple) else [answer.rule]
    assert all(Reason(rule) in SENTENCES for rule in rules)


@given(NAMES, ACCOUNTS, SENDS, MOMENTS)
def test_what_is_put_off_ends_and_no_window_is_named_twice(
    name: str, account: AccountFacts, send: SendFacts, now: datetime
) -> None:
    # Nobody wrote to us in the future.
    heard = min(send.last_interaction_at or now, now)
    match policy(name).assess(account, replace(send, last_interaction_at=heard), now):
        case Deferral(_, until, _):
            assert now < until <= now + timedelta(days=1)
        case tuple(claims):
            assert len({claim.key for claim in claims}) == len(claims)
            assert all(claim.limit >= 0 for claim in claims)
            assert all(now < claim.ends_at <= now + timedelta(days=31) for claim in claims)


@given(NAMES, ACCOUNTS, SENDS, MOMENTS)
def test_tag_one_is_held_by_no_rule_of_promotion_no_reserve_no_brake_and_no_other_tags_cap(
    name: str, account: AccountFacts, send: SendFacts, now: datetime
) -> None:
    answer = policy(name).assess(account, send, now)
    if send.tag != Tag.TRANSACTION:
        return
    assert not isinstance(answer, Deferral)
    if isinstance(answer, Refusal):
        assert answer.rule in ("tag_not_entitled", "chat_window_closed")
        assert answer.rule != "tag_not_entitled" or (account.allowed_tags is not None and 1 not in account.allowed_tags)
    else:
        assert {claim.rule for claim in answer} <= OF_TAG_ONE
        assert all(":tag1:" in claim.key for claim in answer if claim.rule == "frequency_cap")


@given(ACCOUNTS, SENDS, MOMENTS)
def test_the_same_question_has_the_same_answer(account: AccountFacts, send: SendFacts, now: datetime) -> None:
    for name in policy_names():
        assert policy(name).assess(account, send, now) == policy(name).assess(account, send, now)
