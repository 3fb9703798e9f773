"""Any history of claiming, giving back, refusals, Zalo's own counts and changes by people: no window is ever passed."""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import guard
from campaigns.models import FrequencyCap, Message, QuotaWindow
from campaigns.reasons import Reason
from integrations.base import ChannelName, Tag
from integrations.models import MessageTemplate, OfficialAccount, ZaloUser
from tests.campaigns.guarding import delivered_before, messages, reserve
from tests.campaigns.story import Clinic, make_template, vn

PHONES = ["84912345678", "84987654321", "84933333333"]
RULES = ["daily_quota", "promotion_month_quota", "user_month_quota", "template_day_quota", "vendor_busy"]
WANTED = st.tuples(st.sampled_from(Tag), st.integers(0, 2), st.integers(0, 1), st.sampled_from(ChannelName))
STEPS = st.one_of(
    st.tuples(st.just("claim"), st.lists(WANTED, min_size=1, max_size=8)),
    st.tuples(st.just("free"), st.integers(0, 5)),
    st.tuples(st.just("turn_away"), st.sampled_from(RULES)),
    st.tuples(st.just("count"), st.integers(0, 30)),
    st.tuples(st.just("set"), st.fixed_dictionaries({"daily_quota": st.none() | st.integers(0, 20)})),
    st.tuples(st.just("set"), st.fixed_dictionaries({"tag_one_reserve": st.sampled_from([0, 30, 100])})),
    st.tuples(st.just("set"), st.fixed_dictionaries({"brake": st.integers(0, 3)})),
    st.tuples(st.just("set"), st.fixed_dictionaries({"policy": st.sampled_from(["zalo-2024", "zalo-2026"])})),
    st.tuples(st.just("wait"), st.sampled_from([30, 600, 1_440, 20_160])),
)


@dataclass
class World:
    """A clinic, and what its workers hold. Each step is a transaction, so any order of steps is an interleaving."""

    clinic: Clinic
    sample: Message
    templates: list[MessageTemplate]
    held: list[Message] = field(default_factory=list)

    def claim(self, wanted: list[tuple[Tag, int, int, ChannelName]]) -> None:
        batch = [self._message(*each) for each in sorted(wanted)]
        answers = reserve(self.clinic, batch)
        for message, answer in zip(batch, answers, strict=True):
            if isinstance(answer, tuple):
                message.claims = list(answer)
                self.held.append(message)
            else:
                assert Reason(answer.rule)
                assert message.tag != Tag.TRANSACTION or answer.rule in OF_TAG_ONE
        granted = {key for answer in answers if isinstance(answer, tuple) for key in answer}
        assert all(each.used <= each.limit for each in QuotaWindow.objects.filter(key__in=granted))

    def _message(self, tag: Tag, phone: int, template: int, channel: ChannelName) -> Message:
        made = copy.copy(self.sample)
        made.tag, made.phone, made.channel, made.user_id = tag, PHONES[phone], channel, f"u{phone}"
        made.template = self.templates[template]
        return made

    def free(self, count: int) -> None:
        unsent, self.held = self.held[:count], self.held[count:]
        with transaction.atomic():
            guard.release(unsent)

    def turn_away(self, rule: str) -> None:
        if self.held:
            refused = self.held.pop()
            with transaction.atomic():
                guard.learn(freed=[refused], closed=[(refused, rule)])

    def count(self, remaining: int) -> None:
        if self.held:
            with transaction.atomic():
                guard.learn(freed=[], counts=[guard.Count(self.held[-1], 20, remaining)])

    def set(self, changes: dict[str, Any]) -> None:
        OfficialAccount.objects.update(**changes)
        self.clinic.account.refresh_from_db()

    def wait(self, minutes: int) -> None:
        self.clinic.clock.advance(minutes=minutes)

    def sums_close(self) -> None:
        """Every window holds just what its holders hold, and never more than it may."""
        holders = Counter(key for message in self.held for key in message.claims)
        for window in QuotaWindow.objects.all():
            assert window.used == holders[window.key]
            assert window.used <= window.ceiling


OF_TAG_ONE = {"daily_quota", "template_day_quota", "frequency_cap", "chat_window_closed", "chat_quota"}


@pytest.fixture
def world(clinic: Clinic) -> World:
    """Two patients who had care before and one who did not; one of them wrote yesterday; a cap for each tag."""
    [sample] = messages(clinic, 1)
    for phone in PHONES[:2]:
        delivered_before(sample, phone=phone)
    ZaloUser.objects.create(
        account=clinic.account, user_id="u0", phone=PHONES[0], last_interaction_at=vn(20), told_at=vn(20)
    )
    for tag, period, limit in ((1, "day", 6), (2, "week", 3), (3, "month", 2)):
        FrequencyCap.objects.create(workspace=clinic.workspace, tag=tag, period=period, limit=limit)
    limited = make_template(clinic.account, template_id="7002", daily_quota=3)
    OfficialAccount.objects.update(daily_quota=12)
    return World(clinic, sample, [clinic.template, limited])


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=1, max_size=25))
def test_no_window_is_passed_whatever_happens(world: World, steps: list[tuple[str, Any]]) -> None:
    world.held, world.clinic.clock.moment = [], vn(21, 11, 5)
    with transaction.atomic():
        world.clinic.account.refresh_from_db()
        for step, given_to_it in steps:
            getattr(world, step)(given_to_it)
            world.sums_close()
        transaction.set_rollback(True)
