"""Who comes in when a campaign starts, stops, listens for something else, or the clock was wrong for a while."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from campaigns import activation
from campaigns.models import Campaign, CampaignVersion, Enrollment, Occurrence
from campaigns.sums import campaign_sums
from datahub.models import Record
from datahub.statuses import mark_status
from tests.campaigns.story import Clinic, vn

ON_DONE = {"kind": "record_changed", "field": "status", "to": "Đã hoàn thành"}


def pause(clinic: Clinic) -> None:
    activation.pause(campaign=clinic.send, actor=None, now=clinic.clock.now())


def resume(clinic: Clinic, *, include_backlog: bool = False) -> None:
    found = activation.activate(
        campaign=clinic.send, actor=None, now=clinic.clock.now(), include_backlog=include_backlog
    )
    assert found == []


def set_status(clinic: Clinic, record: Record, *statuses: str) -> None:
    for status in statuses:
        record.refresh_from_db()
        mark_status(record=record, status=status, actor="lễ tân", now=clinic.clock.now())


def test_what_changed_before_a_campaign_listened_comes_in_when_it_starts(clinic: Clinic) -> None:
    Campaign.objects.filter(pk=clinic.send.pk).update(state="draft", enroll_from=None, activated_at=None)
    clinic.send.refresh_from_db()
    clinic.set_definition(clinic.send, trigger=ON_DONE)
    clinic.visit()
    clinic.at(vn(20, 15))
    resume(clinic)
    clinic.at(vn(20, 16))
    assert len(clinic.channel.sent) == 1, "two hours after the completion, not after the activation"


def test_a_visit_that_waits_for_tomorrows_run_is_not_lost_when_the_trigger_changes(clinic: Clinic) -> None:
    clinic.visit()
    clinic.tick()
    clinic.set_definition(clinic.send, trigger=ON_DONE)
    clinic.at(vn(20, 16))
    assert len(clinic.channel.sent) == 1


def test_a_run_cut_short_by_a_pause_loses_nobody(clinic: Clinic) -> None:
    clinic.visit()
    clinic.clock.moment = vn(21, 9)
    Occurrence.objects.create(campaign=clinic.send, planned_at=vn(21, 9), state=Occurrence.State.OPEN)
    pause(clinic)
    clinic.at(vn(23, 8))
    resume(clinic)
    clinic.at(vn(23, 9))
    clinic.at(vn(23, 11))
    assert len(clinic.channel.sent) == 1


def test_a_visit_set_back_and_completed_again_before_anything_was_written_still_gets_its_message(
    clinic: Clinic,
) -> None:
    record = clinic.visit()
    clinic.at(vn(21, 9))
    set_status(clinic, record, "Đang điều trị")
    clinic.at(vn(21, 11))
    assert Enrollment.objects.get().state == "cancelled"
    set_status(clinic, record, "Đã hoàn thành")
    clinic.at(vn(22, 9))
    clinic.at(vn(22, 11))
    assert len(clinic.channel.sent) == 1
    assert campaign_sums(clinic.send).closes


def test_a_long_pause_makes_history_and_says_how_much(clinic: Clinic) -> None:
    clinic.visit(Mã_khách_hàng="ĐÃ-CHỌN")
    clinic.at(vn(21, 9))
    pause(clinic)
    clinic.visit(Mã_khách_hàng="THÁNG-11")
    clinic.clock.moment = vn(5, 8, month=12)
    clinic.visit(Mã_khách_hàng="HÔM-NAY")
    assert activation.backlog(clinic.send, clinic.clock.now()) == 1
    resume(clinic)
    clinic.at(vn(5, 9, month=12))
    taken = [each.record.values["customer_id"] for each in Enrollment.objects.order_by("id")]
    assert taken == ["ĐÃ-CHỌN", "HÔM-NAY"]


def test_a_person_may_ask_for_the_history(clinic: Clinic) -> None:
    pause(clinic)
    clinic.visit()
    clinic.clock.moment = vn(5, 8, month=12)
    resume(clinic, include_backlog=True)
    clinic.at(vn(5, 9, month=12))
    assert Enrollment.objects.count() == 1


def test_an_earlier_hour_chosen_in_the_afternoon_starts_tomorrow(clinic: Clinic) -> None:
    clinic.visit()
    clinic.at(vn(21, 15))
    assert Occurrence.objects.count() == 1
    Occurrence.objects.all().delete()
    Enrollment.objects.all().delete()
    clinic.set_definition(clinic.send, trigger={"kind": "schedule", "at": "08:00"})
    clinic.tick()
    assert not Occurrence.objects.exists()
    clinic.at(vn(22, 8))
    assert Enrollment.objects.count() == 1


def test_a_clock_that_ran_ahead_and_was_put_right_does_not_stop_the_runs(clinic: Clinic) -> None:
    clinic.at(vn(21, 9) + timedelta(days=365))
    clinic.clock.moment = vn(21, 12)
    clinic.visit()
    clinic.at(vn(22, 9))
    assert Enrollment.objects.count() == 1


def test_a_value_the_field_never_takes_is_a_problem_before_activation(clinic: Clinic) -> None:
    pause(clinic)
    clinic.set_definition(clinic.send, trigger=ON_DONE | {"to": "đã hoàn thành"})
    [problem] = activation.problems(clinic.send)
    assert "đã hoàn thành" in str(problem.message)


def test_a_definition_that_cannot_be_read_stops_only_its_own_campaign(
    clinic: Clinic, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    broken = Campaign.objects.get(pk=clinic.sync.pk)
    broken.pk = None
    broken.save()
    version = CampaignVersion.objects.create(
        campaign=broken, number=1, definition={"steps": "?"}, created_at=clinic.clock.now()
    )
    Campaign.objects.filter(pk=broken.pk).update(version=version, state="active")
    clinic.visit()
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    assert len(clinic.channel.sent) == 1
