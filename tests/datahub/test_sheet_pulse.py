"""The door `pulse` of a sheet's script, line by line of its contract."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from datahub.models import Checkup, OutcomeCell, ScriptPulse
from datahub.pulses import script_state
from datahub.sources import close_source
from integrations import clock
from integrations.google_sheets import package
from tests.datahub.doors import knock
from tests.datahub.test_sheet_webhook import failing, sqlite_error
from tests.factories import NOW, make_source

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.datahub.urls")]

PULSE: dict[str, Any] = {
    "version": package.version(),
    "sheet": {"spreadsheet_id": "1AbC", "sheet_name": "Khách hàng"},
    "headers": ["Mã khách hàng", "Gửi webhook", "Kết quả gửi tin"],
    "waiting": 3,
    "calls_left": 19_000,
    "problems": [],
    "heard": 0,
}


@pytest.fixture
def post(source):
    """Post a body to one of the source's doors."""
    return partial(knock, source)


@pytest.fixture
def pulse(post):
    """One pulse, changed as told; its answer."""

    def _pulse(**changes):
        response = post("pulse", PULSE | changes)
        assert response.status_code == 200, response.content
        return response.json()

    return _pulse


@pytest.fixture
def cell(source):
    """One outcome that the sheet has not heard."""

    def _cell(row_id, text="Đã gửi 11:00", **changes):
        story = {"workspace": source.workspace, "source": source, "row_id": row_id, "text": text, "changed_at": NOW}
        return OutcomeCell.objects.create(**story | changes)

    return _cell


def untold():
    return list(OutcomeCell.objects.filter(told_at=None).order_by("row_id").values_list("row_id", flat=True))


def test_a_pulse_is_remembered_and_answered_with_the_contracts_keys(pulse, source):
    assert pulse(problems=["Thiếu cột"]) == {
        "latest_version": package.version(), "outcomes": [], "cursor": 0, "checkup_due": True, "says": "",
    }  # fmt: skip
    known = ScriptPulse.objects.get(source=source)
    assert (known.version, known.waiting) == (package.version(), 3)
    assert known.facts["headers"] == PULSE["headers"]
    assert known.facts["problems"] == ["Thiếu cột"]
    assert (known.facts["sheet_name"], known.facts["calls_left"]) == ("Khách hàng", 19_000)
    source.refresh_from_db()
    assert source.last_seen_at is None  # that is about rows


def test_one_pulse_a_source_however_often(pulse):
    pulse(waiting=5)
    pulse(waiting=0, calls_left=None)
    assert ScriptPulse.objects.get().waiting == 0


def test_outcomes_are_told_until_the_sheet_confirms_them(pulse, cell):
    cell("a")
    cell("b", "Bệnh nhân đã nhận")
    first, lost = pulse(), pulse()
    assert first["outcomes"] == [{"row_id": "a", "text": "Đã gửi 11:00"}, {"row_id": "b", "text": "Bệnh nhân đã nhận"}]
    assert lost["outcomes"] == first["outcomes"]
    assert lost["cursor"] > first["cursor"] > 0
    pulse(heard=first["cursor"])  # overtaken: what that answer held was told anew since
    assert untold() == ["a", "b"]
    again = pulse()
    assert pulse(heard=again["cursor"])["outcomes"] == []
    assert untold() == []


def test_a_pulse_repeated_confirms_once_and_nothing_that_came_since(pulse, cell):
    cell("a")
    heard = pulse()["cursor"]
    pulse(heard=heard)
    told_at = OutcomeCell.objects.get().told_at
    cell("b")
    pulse(heard=heard)
    pulse(heard=heard)
    assert untold() == ["b"]
    assert OutcomeCell.objects.get(row_id="a").told_at == told_at


def test_an_outcome_that_changed_on_the_way_is_told_again(pulse, cell):
    cell("a")
    cell("b")
    heard = pulse()["cursor"]
    OutcomeCell.objects.filter(row_id="a").update(text="Đã nhận", changed_at=NOW + timedelta(minutes=1))
    assert [outcome["text"] for outcome in pulse(heard=heard)["outcomes"]] == ["Đã nhận"]
    assert untold() == ["a"]


def test_five_hundred_at_a_time_and_only_of_this_source(pulse, cell, source, dataset):
    other = make_source(dataset)
    cell("theirs", source=other)
    for number in range(501):
        cell(f"r{number:03}")
    first = pulse()
    assert len(first["outcomes"]) == 500
    rest = pulse(heard=first["cursor"])["outcomes"]
    assert [outcome["row_id"] for outcome in rest] == ["r500"]
    pulse(heard=2**40)
    assert untold() == ["r500", "theirs"]


def test_a_sheet_without_the_column_is_told_nothing_and_loses_nothing(pulse, cell):
    cell("a")
    assert pulse(headers=["Mã khách hàng"])["outcomes"] == []
    assert len(pulse(headers=["KẾT  QUẢ gửi tin"])["outcomes"]) == 1


def test_a_pulse_asks_as_often_for_many_outcomes_as_for_few(pulse, cell, django_assert_max_num_queries):
    cell("a")
    heard = pulse()["cursor"]
    with django_assert_max_num_queries(14) as captured:
        heard = pulse(heard=heard)["cursor"]
    few = len(captured)
    for number in range(300):
        cell(f"r{number}", changed_at=NOW + timedelta(seconds=number))
    heard = pulse(heard=heard)["cursor"]
    with django_assert_max_num_queries(few + 1):
        pulse(heard=heard)


def test_a_closed_source_is_heard_and_told_why_nothing_is_sent(pulse, source):
    close_source(source=source)
    assert pulse()["says"].startswith("Chiến dịch đồng bộ chưa được kích hoạt")
    assert ScriptPulse.objects.exists()


def test_an_older_script_hears_of_the_newer_one(pulse, source):
    assert package.version() in pulse(version="0.9.9")["says"]
    assert script_state(source, clock.wall()).newer_version == package.version()
    assert pulse(version="99.0")["says"] == ""
    assert pulse(version="lạ")["says"] != ""


def test_words_that_are_too_long_or_broken_are_cut_not_refused(post):
    body = json.dumps(PULSE | {"problems": ["x\ud800\x00" * 400] * 50, "headers": ["y" * 999] * 400}).encode()
    assert post("pulse", body).status_code == 200
    facts = ScriptPulse.objects.get().facts
    assert (len(facts["problems"]), len(facts["headers"])) == (20, 200)
    assert max(map(len, facts["problems"] + facts["headers"])) <= 300


def test_a_checkup_is_due_once_a_night(pulse, source, monkeypatch):
    night = NOW.replace(hour=19)  # 02:00 in Vietnam
    monkeypatch.setattr(clock, "now", lambda: night)
    for hours, due in [(1, False), (11, False), (13, True)]:
        Checkup.objects.all().delete()
        Checkup.objects.create(source=source, at=night - timedelta(hours=hours), rows=1)
        assert pulse()["checkup_due"] is due
    by_day = NOW + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: by_day)
    for hours, due in [(13, False), (35, False), (37, True)]:
        Checkup.objects.all().delete()
        Checkup.objects.create(source=source, at=by_day - timedelta(hours=hours), rows=1)
        assert pulse()["checkup_due"] is due


def test_silence_is_measured_by_the_wall_clock(pulse, source, monkeypatch):
    monkeypatch.setattr(clock, "_offset", lambda: timedelta(days=7))
    pulse()
    assert not script_state(source, clock.wall() + timedelta(minutes=14)).is_silent
    assert script_state(source, clock.wall() + timedelta(minutes=16)).is_silent


def test_a_busy_database_says_when_to_come_again(post, monkeypatch):
    monkeypatch.setattr("datahub.webhooks.take_pulse", failing(sqlite_error(5, "database is locked")))
    response = post("pulse", PULSE)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
