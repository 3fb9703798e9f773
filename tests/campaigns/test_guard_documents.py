"""The examples of Zalo's own pages and of the clinic's documents, on real windows."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from campaigns.guardfacts import promotion_month_quota
from campaigns.models import FrequencyCap, Message, QuotaWindow
from integrations.base import ChannelName, Deferral, Refusal
from integrations.models import OfficialAccount, ZaloUser
from integrations.vietnam import at
from integrations.zalo.policy import policy
from tests.campaigns.guarding import delivered_before, messages, reserve
from tests.campaigns.story import Clinic, make_account, make_template, vn

REGIMES = pytest.mark.parametrize("rules", ["zalo-2024", "zalo-2026"])


@pytest.fixture
def message(clinic: Clinic) -> Message:
    """One care message that is due."""
    return messages(clinic, 1)[0]


def like(message: Message, **changes: object) -> Message:
    """The same message, changed; never saved."""
    made = copy.copy(message)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def promotions(message: Message, count: int, **changes: object) -> list[Message]:
    return [like(message, tag=3, **changes) for _ in range(count)]


def granted(answers: Sequence[object]) -> int:
    return sum(isinstance(answer, tuple) for answer in answers)


@REGIMES
def test_lava_sends_a_sixth_of_what_arrived_in_february_and_march(clinic: Clinic, message: Message, rules: str) -> None:
    """15 + 45 stand for 15,000 + 45,000, and what arrived a moment outside the two months does not count."""
    for day, count in ((date(2026, 2, 1), 15), (date(2026, 3, 31), 45)):
        for number in range(count):
            delivered_before(message, tag=1 + number % 2, delivered_at=at(day) + timedelta(hours=number % 24))
    for outside in (at(date(2026, 2, 1)) - timedelta(seconds=1), at(date(2026, 4, 1))):
        delivered_before(message, delivered_at=outside)
    for other_way in (ChannelName.CHAT, ChannelName.SMS):
        delivered_before(message, channel=other_way, delivered_at=at(date(2026, 3, 1)))
    delivered_before(message, tag=3, delivered_at=at(date(2026, 3, 1)))
    clinic.account.first_promotion_month = date(2026, 1, 1)
    assert promotion_month_quota(clinic.account, policy(rules), at(date(2026, 4, 1))) == 10


@REGIMES
def test_the_first_month_of_promotion_gets_ten_thousand_more(clinic: Clinic, message: Message, rules: str) -> None:
    clinic.account.policy = rules
    delivered_before(message)
    reserve(clinic, promotions(message, 1))
    assert QuotaWindow.objects.get(rule="promotion_month_quota").limit == 10_000
    clinic.clock.moment = vn(1, 12, month=12)
    reserve(clinic, promotions(message, 1))
    assert QuotaWindow.objects.filter(rule="promotion_month_quota").latest("key").limit == 0


@REGIMES
def test_strongfit_may_write_to_minh_and_hoa_and_not_to_an_and_phuc(
    clinic: Clinic, message: Message, rules: str
) -> None:
    clinic.account.policy = rules
    minh, hoa, an, phuc = ("84911111111", "84922222222", "84933333333", "84944444444")
    delivered_before(message, phone=minh, tag=1)
    delivered_before(message, phone=hoa, tag=2)
    # An registered and was sent a message that never arrived, and one by another way; Phúc is new.
    delivered_before(message, phone=an, delivered_at=None, state="undelivered")
    delivered_before(message, phone=an, channel=ChannelName.SMS)
    answers = reserve(clinic, [like(message, tag=3, phone=phone) for phone in (minh, hoa, an, phuc)])
    assert [isinstance(answer, tuple) for answer in answers] == [True, True, False, False]
    assert answers[2] == answers[3] == Refusal("promotion_not_eligible", {"months": 6})


def test_four_from_mia_and_four_from_abc_reach_one_phone_in_a_month(clinic: Clinic, message: Message) -> None:
    abc = make_account(clinic.workspace, oa_id="abc", name="Nhà sách ABC")
    theirs = {"account": abc, "template": make_template(abc, tag=3)}
    delivered_before(message)
    delivered_before(message, **theirs)
    mia = clinic.account
    assert granted(reserve(clinic, promotions(message, 6))) == 4
    clinic.account = abc
    assert granted(reserve(clinic, promotions(message, 6, **theirs))) == 4
    clinic.account = mia
    assert reserve(clinic, promotions(message, 1)) == [Deferral("user_month_quota", vn(1, month=12), {"limit": 4})]
    assert granted(reserve(clinic, [like(message, tag=tag) for tag in (1, 2) * 10])) == 20


def test_in_2024_a_quarter_of_the_day_is_for_promotion(clinic: Clinic, message: Message) -> None:
    clinic.account.policy = "zalo-2024"
    OfficialAccount.objects.update(allowed_tags=[1, 2, 3], daily_quota=8)
    batch = []
    for number in range(8):
        batch += promotions(message, 1, phone=f"8491111111{number}")
        delivered_before(message, phone=f"8491111111{number}")
    answers = reserve(clinic, batch)
    assert granted(answers) == 2
    assert answers[-1] == Deferral("promotion_day_quota", vn(22), {"limit": 2})
    assert granted(reserve(clinic, [message] * 8)) == 6, "what promotion may not have is there for care"


def test_a_reserve_keeps_the_last_of_the_day_for_transactions(clinic: Clinic, message: Message) -> None:
    OfficialAccount.objects.update(daily_quota=10, tag_one_reserve=25)
    answers = reserve(clinic, [message] * 9)
    assert (granted(answers), answers[-1]) == (7, Deferral("transaction_reserve", vn(22), {"limit": 7}))
    assert granted(reserve(clinic, [like(message, tag=1)] * 9)) == 3


def test_a_cap_holds_a_tag_and_no_other(clinic: Clinic, message: Message) -> None:
    FrequencyCap.objects.create(workspace=clinic.workspace, tag=2, period="week", limit=1)
    answers = reserve(clinic, [message, message, like(message, phone="84987654321")])
    assert [isinstance(answer, tuple) for answer in answers] == [True, False, True]
    assert answers[1] == Deferral("frequency_cap", vn(23), {"limit": 1})
    assert granted(reserve(clinic, [like(message, tag=1)] * 3)) == 3
    clinic.clock.moment = vn(23)
    assert granted(reserve(clinic, [message])) == 1


def test_a_cap_counts_what_the_clinics_other_account_and_an_sms_took(clinic: Clinic, message: Message) -> None:
    FrequencyCap.objects.create(workspace=clinic.workspace, tag=2, period="day", limit=2)
    other = make_account(clinic.workspace, oa_id="second")
    reserve(clinic, [like(message, channel=ChannelName.SMS)])
    clinic.account = other
    theirs = like(message, account=other, template=make_template(other))
    assert granted(reserve(clinic, [theirs] * 3)) == 1


def test_chat_goes_to_whom_wrote_in_the_last_seven_days(clinic: Clinic, message: Message) -> None:
    for user, days in (("now", 1), ("late", 8), ("never", None)):
        heard = None if days is None else clinic.clock.now() - timedelta(days=days)
        ZaloUser.objects.create(account=clinic.account, user_id=user, last_interaction_at=heard, told_at=vn(1))
    batch = [like(message, channel=ChannelName.CHAT, user_id=user) for user in ("now", "late", "never", "unknown")]
    closed = Refusal("chat_window_closed", {"days": 7})
    assert reserve(clinic, batch) == [(), closed, closed, closed]
    clinic.account.refresh_from_db()
    assert clinic.account.first_sent_on is None, "a chat message is no first template message"


def test_the_first_day_is_written_once_by_the_first_grant(clinic: Clinic, message: Message) -> None:
    OfficialAccount.objects.update(daily_quota=0)
    reserve(clinic, [message])
    clinic.account.refresh_from_db()
    assert clinic.account.first_sent_on is None
    OfficialAccount.objects.update(daily_quota=5)
    reserve(clinic, [message])
    clinic.clock.moment = vn(22, 11)
    reserve(clinic, [message])
    clinic.account.refresh_from_db()
    assert clinic.account.first_sent_on == date(2026, 11, 21)


def test_other_rules_begin_at_local_midnight_and_the_windows_go_on(clinic: Clinic, message: Message) -> None:
    clinic.account.policy, clinic.account.next_policy = "zalo-2024", "zalo-2026"
    clinic.account.next_policy_on = date(2026, 11, 22)
    delivered_before(message)
    rules = policy("zalo-2024")
    awake = rules.model_copy(update={"night": rules.night.model_copy(update={"tags": ()})})
    for moment, has_share in ((vn(22) - timedelta(seconds=1), True), (vn(22), False)):
        clinic.clock.moment = moment
        name = clinic.account.policy_on(moment.date())
        now_in_force = policy(name).model_copy(update={"night": awake.night})
        [answer] = reserve(clinic, promotions(message, 1), rules=now_in_force)
        assert isinstance(answer, tuple)
        assert any(f"{clinic.account.oa_id}:promo-day:" in key for key in answer) == has_share
    used = dict(QuotaWindow.objects.values_list("key", "used"))
    assert used[f"zalo:{clinic.account.oa_id}:promo-month:2026-11"] == 2
    assert [used[f"zalo:{clinic.account.oa_id}:day:2026-11-{day}"] for day in (21, 22)] == [1, 1]
