"""Promotion's quota ahead, from the clinic's own rows."""

from __future__ import annotations

from datetime import date

import pytest

from campaigns.models import Campaign, StandingDay
from campaigns.standing import outlook
from campaigns.standing.outlook import Outlook
from integrations.models import MessageTemplate
from integrations.zalo.forecast import Formula, Idle
from tests.campaigns.arrivals import delivered
from tests.campaigns.story import Clinic, due, make_account, make_template, vn


@pytest.fixture
def sending(clinic: Clinic) -> Clinic:
    """A clinic that has sent one care message, at 11:00 on 21 November, and had no receipt yet."""
    due(clinic)
    clinic.tick()
    return clinic


def seen(clinic: Clinic) -> Outlook:
    return outlook.outlook(clinic.account, clinic.clock.now())


def reminders(clinic: Clinic, *minutes: int) -> None:
    """The campaign sends its message after each of these delays from the pick-up."""
    send = next(step for step in clinic.send.definition.steps if step.kind == "send")
    steps: list[dict[str, object]] = []
    for number, delay in enumerate(minutes):
        steps.append({"kind": "delay", "key": f"wait-{number}", "minutes": delay})
        steps.append({**send.model_dump(), "key": f"send-{number}"})
    clinic.set_definition(clinic.send, steps=steps)


def test_two_months_of_care_make_the_next_ones_quota(sending: Clinic) -> None:
    delivered(sending, vn(10, 12, month=10), 30)
    delivered(sending, vn(12, 12), 14)
    delivered(sending, vn(13, 12), 50, tag=3)
    delivered(sending, vn(13, 12), 50, channel="sms")
    delivered(sending, vn(13, 12, month=9), 50)
    assert seen(sending).forecast.certain == Formula((30, 14), 6, 10_000, 10_007)


def test_a_finished_day_is_read_from_its_row(sending: Clinic) -> None:
    delivered(sending, vn(20, 12), 5)
    for offset in range(81):
        day = date.fromordinal(date(2026, 9, 1).toordinal() + offset)
        StandingDay.objects.create(
            account=sending.account,
            day=day,
            quality_7d="HIGH",
            delivered=9,
            care_delivered=1,
            promotion_sent=2,
            reports=0,
        )
    found = seen(sending)
    # October has 31 rows, November 20; the message of the 21st has not arrived.
    assert found.forecast.certain.terms == (31, 20)
    assert found.burn_down.days[19].used == 40
    assert found.last_forecast is not None
    assert found.last_forecast.truth.terms == (30, 31)


def test_what_is_on_its_way_or_waiting_is_scheduled(sending: Clinic) -> None:
    assert seen(sending).forecast.with_planned.terms == (0, 0, 1)
    sending.visit(Mã_khách_hàng="KH9", Số_điện_thoại="0987654321")
    sending.at(vn(22, 9))
    assert seen(sending).forecast.with_planned.terms == (0, 0, 2)


@pytest.mark.parametrize(
    ("days", "counted"),
    [((0,), 1), ((0, 1), 2), ((0, 8, 30), 2), ((8, 9), 1), ((9, 10), 0)],
)
def test_steps_of_next_month_do_not_count_for_this_one(clinic: Clinic, days: tuple[int, ...], counted: int) -> None:
    reminders(clinic, *(1 + 1440 * day for day in days))
    clinic.visit()
    clinic.at(vn(22, 9))  # a pick-up on the 22nd: eight days later is the 30th
    assert seen(clinic).forecast.with_planned.terms == (0, 0, counted)


def test_promotion_and_disabled_templates_earn_nothing(clinic: Clinic) -> None:
    clinic.visit()
    clinic.at(vn(22, 9))
    MessageTemplate.objects.update(status="DISABLE")
    assert seen(clinic).forecast.with_planned.terms == (0, 0, 0)
    MessageTemplate.objects.update(status="ENABLE", tag=3)
    assert seen(clinic).forecast.with_planned.terms == (0, 0, 0)


@pytest.mark.parametrize(
    ("state", "template", "why"),
    [
        ("active", {}, None),
        ("paused", {}, Idle.PAUSED),
        ("draft", {}, Idle.DRAFT),
        ("active", {"status": "DISABLE"}, Idle.TEMPLATE_OFF),
        ("paused", {"tag": 3}, None),
    ],
)
def test_a_care_message_that_exists_and_does_not_go_would_earn(clinic: Clinic, state: str, template, why) -> None:
    for number in range(12):
        clinic.visit(Mã_khách_hàng=f"KH{number}", Số_điện_thoại=f"09{12_345_678 + number}")
    Campaign.objects.filter(pk=clinic.send.pk).update(state=state)
    if template:
        MessageTemplate.objects.update(**template)
    earners = [(earner.step.why, earner.step.messages, earner.gain) for earner in seen(clinic).plan.earners]
    assert earners == ([(why, 12, 2)] if why else [])


def test_another_accounts_message_is_not_this_ones_to_earn(clinic: Clinic) -> None:
    Campaign.objects.filter(pk=clinic.send.pk).update(state="paused")
    other = make_account(clinic.workspace, oa_id="oa-hai")
    make_template(other, template_id="7002")
    assert outlook.outlook(other, clinic.clock.now()).plan.earners == ()


def test_the_outlook_asks_a_constant_number_of_questions(sending: Clinic, django_assert_max_num_queries) -> None:
    reminders(sending, 1, 1500, 3000)
    for number in range(10):
        sending.visit(Mã_khách_hàng=f"KH9{number}", Số_điện_thoại=f"098765432{number}")
        sending.at(vn(22 + number % 3, 9, number))
    delivered(sending, vn(12, 12), 14)
    with django_assert_max_num_queries(11):
        seen(sending)
