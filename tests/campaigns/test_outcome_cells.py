"""The cell “Kết quả gửi tin”: what it says, when it changes, and what it costs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db.models import Max
from django.utils import translation

from campaigns import outcome_cells, rounds
from campaigns.models import Cursor, Message, MessageEvent
from campaigns.outcome_text import LIMIT, Outcome, cell, sentence
from campaigns.states import MessageState as S
from datahub.models import OutcomeCell, RecordEvent, Source
from integrations.base import Refused, Scope, Unknown
from tests import factories
from tests.campaigns.story import Clinic, due, vn

DONE = vn(21, 11, 2)
ON_DONE = {"kind": "record_changed", "field": "status", "to": "Đã hoàn thành"}


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome(S.SCHEDULED, vn(22, 11)), "Dự kiến gửi 11:00 22/11"),
        (Outcome(S.SENDING, vn(22, 11)), "Dự kiến gửi 11:00 22/11"),
        (Outcome(S.SENT, vn(21, 11), DONE), "Đã gửi 11:02 21/11"),
        (Outcome(S.DELIVERED, vn(21, 11), DONE, vn(21, 11, 3)), "Đã nhận 11:03 21/11"),
        (Outcome(S.DELIVERED, vn(21, 11), DONE), "Đã nhận 11:02 21/11"),
        (Outcome(S.UNDELIVERED, vn(21, 11), DONE, why="Máy tắt."), "Đã gửi 11:02 21/11, không tới: Máy tắt"),
        (Outcome(S.CANCELLED, vn(21, 11), why="Lượt khám đã hủy."), "Không gửi: Lượt khám đã hủy"),
        (Outcome(S.SKIPPED, vn(21, 11)), "Không gửi: không rõ lý do"),
        (Outcome(S.FAILED, vn(21, 11), why="Khách chặn."), "Không gửi: Khách chặn"),
        (Outcome(S.UNCONFIRMED, vn(21, 11), why="Chưa rõ."), "Chưa rõ kết quả: Chưa rõ"),
    ],
)
def test_one_message_in_a_few_words(outcome: Outcome, said: str) -> None:
    assert sentence(outcome) == said


def test_every_state_has_words() -> None:
    assert all(sentence(Outcome(state, vn(21, 11))) for state in S)


def test_several_messages_are_numbered_and_the_earliest_go_where_there_is_no_room() -> None:
    assert cell(["Đã gửi 1", "Dự kiến 2"]) == "Tin 1: Đã gửi 1 · Tin 2: Dự kiến 2"
    long = cell([f"{number} {'x' * 80}" for number in range(5)])
    assert len(long) <= LIMIT
    assert long.startswith("Tin 3: 2 ")
    assert long.endswith("x" * 80)
    assert len(cell(["y" * 400])) == LIMIT


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "'", "\t", "\r\n", " =", "’="])
def test_no_cell_is_a_formula(start: str) -> None:
    assert cell([f"{start}HYPERLINK(1)"]).startswith("HYPERLINK")
    assert "\n" not in cell([f"a{start}\nb"])


# --- a visit's way, as the sheet sees it -------------------------------------------


def said(clinic: Clinic) -> str:
    """What the only cell says, once the rounds have come by."""
    outcome_cells.refresh(now=clinic.clock.now())
    return OutcomeCell.objects.get().text


def test_from_planned_to_sent(clinic: Clinic) -> None:
    clinic.visit(row_id="r")
    clinic.at(vn(21, 8))
    outcome_cells.refresh(now=clinic.clock.now())
    assert not OutcomeCell.objects.exists()
    clinic.at(vn(21, 9))
    assert said(clinic) == "Dự kiến gửi 11:00 21/11"
    clinic.at(vn(21, 11, 2))
    assert said(clinic) == "Đã gửi 11:02 21/11"
    Message.objects.update(state=S.DELIVERED, delivered_at=vn(21, 11, 4))
    MessageEvent.objects.create(message=clinic.message(), from_state="sent", to_state="delivered", at=vn(21, 11, 4))
    assert said(clinic) == "Đã nhận 11:04 21/11"
    assert OutcomeCell.objects.get().row_id == "r"


def test_a_visit_planned_for_the_night_is_told_the_morning(clinic: Clinic) -> None:
    clinic.set_definition(clinic.send, trigger=ON_DONE)
    clinic.clock.moment = vn(20, 20)
    clinic.visit()
    clinic.tick()
    assert said(clinic) == "Dự kiến gửi 07:00 21/11"


def test_an_un_completed_visit_says_why_not(clinic: Clinic) -> None:
    record = clinic.visit(row_id="r")
    clinic.at(vn(21, 9))
    said(clinic)
    factories.make_record(clinic.source, now=clinic.clock.now(), row_id=record.row_id, Trạng_thái="Hủy")
    clinic.at(vn(21, 9, 1))
    assert said(clinic) == "Không gửi: Lượt khám không còn đúng điều kiện lọc của chiến dịch"


def test_a_message_cancelled_while_it_waits_says_why_not(clinic: Clinic) -> None:
    clinic.set_definition(clinic.send, trigger=ON_DONE)
    clinic.clock.moment = vn(20, 20)
    record = clinic.visit(row_id="r")
    clinic.tick()
    clinic.at(vn(20, 22))
    assert said(clinic) == "Dự kiến gửi 07:00 21/11"
    factories.make_record(clinic.source, now=clinic.clock.now(), row_id=record.row_id, Trạng_thái="Hủy")
    clinic.tick()
    assert clinic.message().state == S.CANCELLED
    assert said(clinic) == "Không gửi: Lượt khám không còn đúng điều kiện lọc của chiến dịch"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Refused("recipient_refuses", Scope.RECIPIENT), "Không gửi: Khách đã chặn hoặc từ chối nhận tin từ OA"),
        (Unknown("outcome_unknown"), "Chưa rõ kết quả: Chưa rõ tin đã gửi đi hay chưa"),
    ],
)
def test_a_message_that_did_not_get_through_says_why_not(clinic: Clinic, answer: Any, text: str) -> None:
    clinic.channel.tell("84912345678", answer)
    due(clinic)
    clinic.tick()
    assert said(clinic).startswith(text)


def test_a_reminder_still_to_come_stands_behind_what_was_sent(clinic: Clinic) -> None:
    delay, send = (step.model_dump() for step in clinic.send.definition.steps)
    later = [delay | {"key": "w2", "minutes": 3 * 1440}, send | {"key": "s2"}]
    clinic.set_definition(clinic.send, steps=[delay, send, *later])
    due(clinic)
    clinic.tick()
    assert said(clinic) == "Tin 1: Đã gửi 11:00 21/11 · Tin 2: Dự kiến gửi 09:00 24/11"


def test_it_is_vietnamese_whoever_looks(clinic: Clinic) -> None:
    clinic.channel.tell("84912345678", Refused("recipient_refuses", Scope.RECIPIENT))
    due(clinic)
    clinic.tick()
    with translation.override("en"):
        assert said(clinic) == "Không gửi: Khách đã chặn hoặc từ chối nhận tin từ OA"


# --- the outbox ------------------------------------------------------------------------


def test_a_cell_that_changes_is_told_again_and_one_that_does_not_is_not(clinic: Clinic) -> None:
    clinic.visit()
    clinic.at(vn(21, 9))
    said(clinic)
    OutcomeCell.objects.update(told_at=vn(21, 9, 5))
    for _ in range(3):
        outcome_cells.refresh(now=vn(21, 9, 30))
    assert OutcomeCell.objects.get().told_at == vn(21, 9, 5)
    clinic.at(vn(21, 11))
    said(clinic)
    cell_ = OutcomeCell.objects.get()
    assert (cell_.told_at, cell_.changed_at) == (None, vn(21, 11))


def test_only_sheets_have_cells(clinic: Clinic) -> None:
    Source.objects.update(kind=Source.Kind.API)
    due(clinic)
    clinic.tick()
    assert outcome_cells.refresh(now=clinic.clock.now()) == 0


def test_a_change_that_the_engine_has_not_handled_is_not_passed_over(clinic: Clinic) -> None:
    record = clinic.visit(row_id="r")
    clinic.at(vn(21, 9))
    said(clinic)
    factories.make_record(clinic.source, now=clinic.clock.now(), row_id=record.row_id, Trạng_thái="Hủy")
    for _ in range(3):
        outcome_cells.refresh(now=clinic.clock.now())
    assert said(clinic) == "Dự kiến gửi 11:00 21/11"
    clinic.tick()
    assert said(clinic).startswith("Không gửi")


def test_a_row_numbered_earlier_and_committed_later_is_not_missed(clinic: Clinic) -> None:
    """As two transactions on PostgreSQL may: the second number is seen first."""
    due(clinic)
    clinic.tick()
    event = MessageEvent.objects.latest("id")
    MessageEvent.objects.filter(pk=event.pk).delete()
    MessageEvent.objects.create(
        pk=event.pk + 5, message=_elsewhere(clinic), from_state="", to_state="scheduled", at=event.at
    )
    Cursor.objects.create(name="outcomes: visits", position=10**9, seen=10**9)
    Cursor.objects.create(name="outcomes: messages", position=event.pk - 1, seen=event.pk - 1)
    outcome_cells.refresh(now=clinic.clock.now())
    MessageEvent.objects.create(pk=event.pk, message=event.message, from_state="sending", to_state="sent", at=event.at)
    outcome_cells.refresh(now=clinic.clock.now())
    assert OutcomeCell.objects.filter(row_id=event.message.record.row_id).exists()


def _elsewhere(clinic: Clinic) -> Message:
    """Another visit's message."""
    message = Message.objects.latest("id")
    record = factories.make_record(clinic.source, now=clinic.clock.now(), row_id="x", Mã_khách_hàng="KHX")
    message.pk, message.record, message.dedupe_key, message.tracking_id = None, record, "x", "x"
    message.save(force_insert=True)
    return message


def test_a_budget_is_kept_and_the_rest_is_read_by_the_next_turns(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome_cells, "_AT_ONCE", 4)
    due(clinic, count=11)
    clinic.tick()
    outcome_cells.refresh(now=clinic.clock.now(), budget=4)
    assert OutcomeCell.objects.count() == 4
    for _ in range(6):
        outcome_cells.refresh(now=clinic.clock.now(), budget=4)
    assert OutcomeCell.objects.filter(text="Đã gửi 11:00 21/11").count() == 11


def test_once_read_nothing_is_read_again(clinic: Clinic) -> None:
    due(clinic, count=3)
    clinic.tick()
    for _ in range(3):
        outcome_cells.refresh(now=clinic.clock.now())
    top = MessageEvent.objects.aggregate(top=Max("id"))["top"]
    assert Cursor.objects.get(name="outcomes: messages").position == top
    assert RecordEvent.objects.filter(handled_at=None).count() == 0


def test_sixty_rows_ask_no_more_than_one(clinic: Clinic, django_assert_num_queries: Any) -> None:
    due(clinic, count=60)
    clinic.tick()
    outcome_cells.refresh(now=clinic.clock.now())
    OutcomeCell.objects.all().delete()
    with django_assert_num_queries(26, exact=False):
        assert outcome_cells.refresh(now=clinic.clock.now()) == 60


def test_the_rounds_write_them(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[datetime] = []

    def refresh(*, now: datetime) -> int:
        called.append(now)
        return 3

    monkeypatch.setattr(outcome_cells, "refresh", refresh)
    monkeypatch.setattr(rounds, "_accounts_due", lambda now: [])
    done = rounds.run_rounds(clock=clinic.clock)
    assert (called, done["outcomes"], done["broken"]) == ([clinic.clock.now()], 3, 0)
