"""Visits from a file: old ones are never written to, new ones as if a sheet had brought them, taken-back ones no more."""

from __future__ import annotations

import pytest

from campaigns.models import Enrollment, Message
from campaigns.release import release
from campaigns.states import MessageState
from datahub.models import Record
from datahub.statuses import mark_status
from tests.campaigns.story import vn
from tests.datahub.imports.story import HandClock, a_file, imported, row, taken_back

TODAY = {"day": "21/11/2026"}


def bring(clinic, owner, *rows, **choices):
    clock = HandClock(clinic.clock.now())
    return imported(clinic.source.dataset, owner, a_file(*rows), clock=clock, **choices)


@pytest.fixture
def listening(clinic):
    """A campaign that hears of every change."""
    clinic.set_definition(clinic.send, trigger={"kind": "record_changed", "field": "status", "to": "Đã hoàn thành"})
    return clinic


def test_a_scheduled_run_takes_new_visits_and_leaves_old_ones(clinic, owner):
    bring(clinic, owner, row(1, **TODAY))
    bring(clinic, owner, row(2, **TODAY), is_history=False)
    clinic.at(vn(21, 9))
    assert [each.record.values["customer_id"] for each in Enrollment.objects.all()] == ["KH00002"]
    clinic.at(vn(21, 11))
    assert [message.phone for message in clinic.channel.sent] == ["84900000002"]


def test_a_campaign_that_listens_hears_of_new_visits_alone(listening, owner):
    bring(listening, owner, row(1, **TODAY))
    bring(listening, owner, row(2, **TODAY), is_history=False)
    listening.tick()
    assert [each.record.values["customer_id"] for each in Enrollment.objects.all()] == ["KH00002"]


def test_an_old_visit_that_is_done_again_by_hand_stays_old(listening, owner):
    bring(listening, owner, row(1, **TODAY))
    record = Record.objects.get()
    for status in ("Đang điều trị", "Đã hoàn thành"):
        mark_status(record=record, status=status, actor="Lễ tân", now=listening.clock.now())
    listening.tick()
    assert not Enrollment.objects.exists()


def test_old_visits_are_not_offered_as_a_backlog(clinic, owner):
    from campaigns.enrollment import backlog

    bring(clinic, owner, row(1))
    assert backlog(clinic.send, clinic.clock.now(), clinic.clock.now()) == 0


def test_an_old_file_that_completes_a_waiting_visit_makes_it_old(listening, owner):
    bring(listening, owner, row(1, status="Đặt lịch", **TODAY), is_history=False)
    bring(listening, owner, row(1, **TODAY))
    listening.tick()
    assert Record.objects.get().status == "Đã hoàn thành"
    assert not Enrollment.objects.exists()


def test_taking_a_file_back_stops_what_it_would_have_sent(clinic, owner):
    found = bring(clinic, owner, row(1, **TODAY), is_history=False)
    clinic.at(vn(21, 9))
    clinic.clock.moment = vn(21, 10)
    taken_back(found, owner, release=release, clock=clinic.clock)
    clinic.at(vn(21, 11))
    assert not clinic.channel.sent
    assert not Record.objects.filter(workspace=clinic.workspace).exists()


def test_a_visit_that_was_written_to_is_kept(clinic, owner):
    found = bring(clinic, owner, row(1, **TODAY), row(2, status="Đặt lịch", **TODAY), is_history=False)
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    found = taken_back(found, owner, release=release, clock=clinic.clock)
    assert (found.kept, found.taken_back) == (1, 1)
    assert Message.objects.get().state == MessageState.SENT


@pytest.mark.parametrize("state", [MessageState.LEASED, MessageState.SENDING, MessageState.UNCONFIRMED])
def test_a_visit_whose_message_may_be_on_its_way_is_kept(clinic, owner, state):
    found = bring(clinic, owner, row(1, **TODAY), is_history=False)
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 10, 59))
    clinic.clock.moment = vn(21, 11)
    from campaigns import progress

    progress.advance(now=clinic.clock.now(), limit=10)
    Message.objects.update(state=state, lease_until=vn(22))
    assert taken_back(found, owner, release=release, clock=clinic.clock).kept == 1
