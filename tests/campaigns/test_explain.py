"""What the sheet is told about a row's message, and that every reason has its sentence."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from campaigns.explain import planned_notes, reason_text
from campaigns.reasons import Reason
from datahub.models import Record
from tests.architecture.project import ROOT
from tests.campaigns.story import Clinic, vn


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_reason_is_a_sentence_even_without_its_facts(reason: Reason, language: str) -> None:
    with translation.override(language):
        sentence = reason_text(reason, {})
    assert sentence.endswith(".")
    assert "{" not in sentence


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_given_by_some_rule(reason: Reason) -> None:
    """By its name, or by its code where a lower layer decides."""
    told = {"reasons.py", "sentences.py", "labels.py", "zalo_words.py"}
    deciding = (path for app in ("campaigns", "integrations") for path in (ROOT / app).rglob("*.py"))
    named = re.compile(rf'Reason\.{reason.name}\b|"{reason.value}"')
    assert any(named.search(path.read_text()) for path in deciding if path.name not in told)


@pytest.mark.parametrize(
    "reason", [Reason.VENDOR_BUSY, Reason.PHONE_INVALID, Reason.ATTEMPTS_SPENT, Reason.OUTCOME_UNKNOWN]
)
def test_what_an_sms_may_meet_too_does_not_speak_of_zalo(reason: Reason) -> None:
    with translation.override("vi"):
        assert "Zalo" not in reason_text(reason, {})


def test_moments_are_told_as_a_vietnamese_clock_shows_them() -> None:
    text = reason_text("daily_quota", {"limit": 500, "until": "2026-11-21T17:00:00+00:00"})
    assert "00:00 22/11/2026" in text
    assert "500" in text


def test_a_row_is_told_what_happens_next_and_what_has_happened(clinic: Clinic) -> None:
    record = clinic.visit()
    told = [planned_notes([record], clinic.clock.now())[record.pk]]
    clinic.at(vn(21, 9))
    told.append(planned_notes([record], clinic.clock.now())[record.pk])
    clinic.at(vn(21, 11, 2))
    told.append(planned_notes([record], clinic.clock.now())[record.pk])
    assert told == ["Gửi tin dự kiến 11:00 21/11", "Gửi tin dự kiến 11:00 21/11", "Đã gửi tin 11:02 21/11"]


@pytest.mark.parametrize("status", ["Đặt lịch", ""])
def test_a_row_that_is_not_done_is_told_what_it_waits_for(clinic: Clinic, status: str) -> None:
    record = clinic.visit(Trạng_thái=status)
    note = "Chưa gửi tin: gửi sau khi Trạng thái là Đã hoàn thành"
    assert planned_notes([record], clinic.clock.now()) == {record.pk: note}


def test_the_second_row_of_one_visit_is_told_so_at_once(clinic: Clinic) -> None:
    first, second = clinic.visit(row_id="một"), clinic.visit(row_id="hai")
    notes = planned_notes([first, second], clinic.clock.now())
    assert notes[first.pk].startswith("Gửi tin dự kiến")
    assert notes[second.pk] == "Trùng lượt khám với một dòng khác, không gửi thêm tin"


def test_what_is_planned_for_the_night_is_told_for_the_morning(clinic: Clinic) -> None:
    clinic.set_definition(clinic.send, trigger={"kind": "schedule", "at": "20:00"})
    record = clinic.visit()
    assert planned_notes([record], clinic.clock.now()) == {record.pk: "Gửi tin dự kiến 07:00 21/11"}


def test_five_hundred_rows_cost_no_more_queries_than_one(clinic: Clinic) -> None:
    def cost(records: list[Record]) -> int:
        with CaptureQueriesContext(connection) as queries:
            planned_notes(records, clinic.clock.now())
        return len(queries)

    records = [clinic.visit(Mã_khách_hàng=f"KH{number}") for number in range(10)]
    assert cost(records) == cost(records[:1])
