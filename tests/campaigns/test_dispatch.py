"""Claim, send, settle: what each answer of Zalo's makes of a message, and what it does to the windows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import dispatch
from campaigns.models import Message, MessageEvent, QuotaWindow, Suppression
from campaigns.settle import retry_delay
from campaigns.states import MessageState as S
from campaigns.sums import campaign_sums
from datahub.statuses import mark_status
from integrations.base import Accepted, NotNow, Refused, Reopens, RetryLater, Scope, SendResult, Unknown
from tests.campaigns.story import PHONE, Clinic, due, vn


def used(clinic: Clinic) -> int:
    """Places taken in today's window."""
    return QuotaWindow.objects.get(key__contains=":day:").used


ANSWERS: list[tuple[SendResult, S, str, int, int]] = [
    (Accepted("m1"), S.SENT, "accepted", 1, 1),
    (RetryLater("vendor_busy"), S.SCHEDULED, "vendor_busy", 0, 1),
    (Refused("not_on_zalo", Scope.RECIPIENT), S.FAILED, "not_on_zalo", 0, 1),
    (Unknown("outcome_unknown"), S.UNCONFIRMED, "outcome_unknown", 1, 1),
    (NotNow("daily_quota", Scope.WINDOW, Reopens.NEXT_DAY), S.SCHEDULED, "daily_quota", 0, 0),
    (NotNow("account_blocked", Scope.ACCOUNT, Reopens.BY_HAND), S.SCHEDULED, "account_blocked", 0, 0),
]


@pytest.mark.parametrize(("answer", "state", "reason", "places", "attempts"), ANSWERS)
def test_each_answer_settles(
    clinic: Clinic, answer: SendResult, state: S, reason: str, places: int, attempts: int
) -> None:
    due(clinic)
    clinic.channel.tell(PHONE, answer)
    clinic.tick()
    message = clinic.message()
    assert (message.state, message.reason_code, message.attempts) == (state, reason, attempts)
    assert used(clinic) == places
    assert campaign_sums(clinic.send).closes
    last = MessageEvent.objects.order_by("-id")[0]
    assert (last.to_state, last.reason_code) == (state, reason)


def test_an_unknown_outcome_is_never_sent_again(clinic: Clinic) -> None:
    due(clinic)
    clinic.channel.tell(PHONE, Unknown("outcome_unknown"))
    clinic.tick()
    for hours in range(1, 30):
        clinic.at(vn(21, 11) + timedelta(hours=hours))
    assert len(clinic.channel.sent) == 1


def test_a_passing_fault_is_tried_five_times_and_then_told(clinic: Clinic) -> None:
    due(clinic)
    clinic.channel.tell(PHONE, *[RetryLater("vendor_busy")] * 5)
    for minute in range(30):
        clinic.at(vn(21, 11, minute))
    assert len(clinic.channel.sent) == 5
    assert (clinic.message().state, clinic.message().reason_code) == (S.FAILED, "attempts_spent")
    assert used(clinic) == 0


def test_retry_delays_double() -> None:
    assert [retry_delay(n) for n in range(1, 6)] == [
        timedelta(seconds=30),
        timedelta(seconds=60),
        timedelta(seconds=120),
        timedelta(seconds=240),
        None,
    ]


def test_a_blocked_account_sends_nothing_until_a_person_acts(clinic: Clinic) -> None:
    due(clinic, 3)
    clinic.channel.tell(PHONE, NotNow("account_blocked", Scope.ACCOUNT, Reopens.BY_HAND, {"code": -115}))
    clinic.tick()
    clinic.account.refresh_from_db()
    assert clinic.account.blocked_reason == "account_blocked"
    assert len(clinic.channel.sent) == 2, "the second chunk of the batch stayed here"
    clinic.at(vn(21, 12))
    assert len(clinic.channel.sent) == 2
    clinic.account.blocked_reason = ""
    clinic.account.save()
    clinic.tick()
    assert len(clinic.channel.sent) == 4


def test_zalos_closed_window_stops_the_day_and_opens_tomorrow(clinic: Clinic) -> None:
    due(clinic, 2)
    clinic.channel.tell(PHONE, NotNow("daily_quota", Scope.WINDOW, Reopens.NEXT_DAY, {"code": -144}))
    clinic.tick()
    window = QuotaWindow.objects.get(key__contains=":day:")
    assert window.limit - window.used == 0
    waiting = Message.objects.get(state=S.SCHEDULED)
    assert waiting.due_at == vn(22, 7), "tomorrow, when the clinic opens"
    clinic.at(vn(22, 7))
    assert len(clinic.channel.sent) == 3


def test_zalos_lower_number_wins_and_drift_is_kept(clinic: Clinic) -> None:
    due(clinic)
    clinic.channel.tell(PHONE, Accepted("m1", daily_quota=20_000, remaining_quota=5))
    clinic.tick()
    window = QuotaWindow.objects.get(key__contains=":day:")
    assert (window.limit - window.used, window.vendor_used, window.used) == (5, 19_995, 1)


@pytest.mark.parametrize(
    ("change", "state", "reason"),
    [
        ("suppressed", S.SKIPPED, "suppressed"),
        ("uncompleted", S.CANCELLED, "no_longer_matches"),
        ("too_long", S.SKIPPED, "param_invalid"),
        ("disabled", S.SCHEDULED, "template_not_approved"),
        ("night", S.SCHEDULED, "quiet_hours"),
        ("too_late", S.SKIPPED, "too_late"),
    ],
)
def test_the_last_look_stops_what_is_no_longer_right(clinic: Clinic, change: str, state: S, reason: str) -> None:
    due(clinic)
    clinic.account.blocked_reason = "hold"
    clinic.account.save()
    clinic.tick()
    message = clinic.message()
    _spoil(clinic, message, change)
    clinic.account.blocked_reason = ""
    clinic.account.save()
    clinic.tick()
    message.refresh_from_db()
    assert (message.state, message.reason_code) == (state, reason)
    assert clinic.channel.sent == []
    assert not QuotaWindow.objects.filter(used__gt=0).exists()
    assert campaign_sums(clinic.send).closes


def _spoil(clinic: Clinic, message: Message, change: str) -> None:
    match change:
        case "suppressed":
            Suppression.objects.create(
                workspace=clinic.workspace, phone=PHONE, reason_code="asked", created_at=clinic.clock.now()
            )
        case "uncompleted":
            mark_status(record=message.record, status="Hủy", actor="lễ tân", now=clinic.clock.now())
        case "too_long":
            message.record.values["customer_name"] = "A" * 31
            message.record.save()
        case "disabled":
            clinic.template.status = "DISABLE"
            clinic.template.save()
        case "night":
            clinic.clock.moment = vn(21, 22)
        case "too_late":
            clinic.clock.moment = vn(22, 11, 1)


def test_a_message_of_the_evening_leaves_when_the_clinic_opens(clinic: Clinic) -> None:
    clinic.set_definition(clinic.send, trigger={"kind": "record_changed", "field": "status", "to": "Đã hoàn thành"})
    clinic.clock.moment = vn(20, 20, 30)
    clinic.visit()
    clinic.tick()
    clinic.at(vn(20, 22, 30))
    assert clinic.message().due_at == vn(21, 7)
    assert clinic.message().snoozes == 1
    clinic.at(vn(21, 7))
    assert len(clinic.channel.sent) == 1


def test_near_the_limit_what_is_left_is_granted_in_due_order(clinic: Clinic) -> None:
    clinic.account.daily_quota = 3
    clinic.account.save()
    due(clinic, 5)
    clinic.tick()
    assert len(clinic.channel.sent) == 3
    deferred = Message.objects.filter(state=S.SCHEDULED)
    assert {(each.reason_code, each.due_at) for each in deferred} == {("daily_quota", vn(22, 7))}
    clinic.at(vn(22, 7))
    assert len(clinic.channel.sent) == 5
    assert campaign_sums(clinic.send).closes


def test_a_dead_worker_before_sending_costs_nothing(clinic: Clinic) -> None:
    due(clinic)
    clinic.account.blocked_reason = "hold"
    clinic.account.save()
    clinic.tick()
    dispatch.claim(account=clinic.account, clock=clinic.clock, limit=10)
    assert (clinic.message().state, used(clinic)) == (S.LEASED, 1)
    clinic.clock.advance(minutes=3)
    dispatch.rescue(clock=clinic.clock, limit=10)
    assert (clinic.message().state, clinic.message().claims, used(clinic)) == (S.SCHEDULED, [], 0)


def test_a_worker_that_died_while_sending_leaves_the_message_in_doubt(clinic: Clinic) -> None:
    due(clinic)

    def die() -> None:
        raise KeyboardInterrupt

    clinic.channel.before_answer = die
    with pytest.raises(KeyboardInterrupt):
        clinic.tick()
    clinic.channel.before_answer = None
    assert clinic.message().state == S.SENDING
    clinic.at(vn(21, 11, 3))
    assert (clinic.message().state, clinic.message().reason_code) == (S.UNCONFIRMED, "outcome_unknown")
    assert (len(clinic.channel.sent), used(clinic)) == (1, 1)


def test_a_worker_that_lost_its_lease_cannot_write(clinic: Clinic) -> None:
    due(clinic)

    def wake_up_late() -> None:
        clinic.clock.advance(minutes=5)
        dispatch.rescue(clock=clinic.clock, limit=10)

    clinic.channel.before_answer = wake_up_late
    clinic.channel.tell(PHONE, RetryLater("vendor_busy"))
    clinic.tick()
    assert clinic.message().state == S.UNCONFIRMED
    assert used(clinic) == 1


def test_dispatch_costs_at_most_a_fifth_of_a_round_trip_a_message(clinic: Clinic, settings: Any) -> None:
    settings.SEND_CONCURRENCY = 32
    due(clinic, 200)
    clinic.account.blocked_reason = "hold"
    clinic.account.save()
    clinic.tick()
    # An account that has sent before: the first send of its life asks one question more.
    clinic.account.blocked_reason, clinic.account.first_sent_on = "", vn(1).date()
    clinic.account.save()
    with CaptureQueriesContext(connection) as queries:
        dispatch.dispatch(account=clinic.account, clock=clinic.clock, limit=200)
    assert len(clinic.channel.sent) == 200
    assert len(queries) / 200 <= 0.2, [query["sql"][:80] for query in queries]
