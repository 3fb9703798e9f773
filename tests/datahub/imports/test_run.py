"""The worker's side: in stretches, by one worker at a time, going on where it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError

from accounts.models import AuditEntry
from datahub.imports import orders, storage
from datahub.imports import run as running
from datahub.imports.intake import FileIntake
from datahub.models import FileImport, Record
from integrations.base import Clock
from tests.datahub.files.making import HEADER, workbook
from tests.datahub.imports.story import HandClock, a_file, counts, imported, nobody, row, run, uploaded

MANY = 2_500


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    """A thousand rows a transaction: these tests count them."""
    monkeypatch.setattr("datahub.imports.stretches.CHUNK", 1_000)


@pytest.fixture
def many(dataset, owner):
    found = uploaded(dataset, owner, a_file(*map(row, range(MANY))))
    assert orders.start(found, by=owner, now=HandClock().now())
    return found


def hurried() -> Clock:
    """A clock by which one chunk takes the whole turn."""
    return HandClock(step=timedelta(seconds=10))


def test_a_turn_ends_with_its_time_and_the_next_goes_on(many):
    run(many, clock=hurried())
    assert (many.state, many.cursor, many.lease_until) == ("running", 1000, None)
    run(many)
    assert (many.state, counts(many)) == ("done", {"created": MANY})


def test_a_chunk_that_fails_leaves_nothing_and_the_import_says_so(many, owner, monkeypatch, now):
    whole = FileIntake.settle

    def breaks(intake, rows):
        tally = whole(intake, rows)
        if rows[0][0] > 1000:
            raise ValueError("boom")
        return tally

    monkeypatch.setattr(FileIntake, "settle", breaks)
    run(many)
    assert (many.state, many.cursor, Record.objects.count()) == ("failed", 1000, 1000)
    assert "quanh dòng 1002" in many.problem
    monkeypatch.undo()
    assert orders.resume(many, by=owner, now=now)
    assert counts(run(many)) == {"created": MANY}


def test_a_database_that_does_not_answer_is_asked_again(many, monkeypatch):
    def away(*_):
        raise OperationalError("gone")

    monkeypatch.setattr(FileIntake, "settle", away)
    run(many)
    assert (many.state, many.lease_until) == ("running", None)
    monkeypatch.undo()
    assert run(many).state == "done"


def test_one_that_fails_stops_no_other(many, dataset, owner, now):
    storage.remove(many)
    other = imported(dataset, owner, a_file(row(9_000)))
    many.refresh_from_db()
    assert (many.state, other.state) == ("failed", "done")
    assert many.problem.startswith("Không còn tệp đã tải lên")


def test_while_one_worker_holds_it_another_does_nothing(many, now):
    FileImport.objects.update(lease_until=now + timedelta(seconds=30))
    assert run(many).cursor == 0
    assert run(many, clock=HandClock(now + timedelta(seconds=31))).cursor == MANY


def test_a_worker_that_lost_its_lease_writes_nothing(many, monkeypatch):
    """It slept so long that another took over, while it was between two chunks."""
    from datahub.imports import stretches

    whole = stretches.stretches

    def stolen(found):
        for number, chunk in enumerate(whole(found)):
            if number == 1:
                FileImport.objects.update(lease_until=HandClock().now() + timedelta(hours=1))
            yield chunk

    monkeypatch.setattr(running, "stretches", stolen)
    run(many)
    assert (many.state, many.cursor, Record.objects.count()) == ("running", 1000, 1000)


def test_pausing_stops_after_the_chunk_and_resuming_goes_on(many, owner, now, monkeypatch):
    whole = FileIntake.settle

    def pressed(intake, rows):
        orders.pause(many, by=owner, now=now)
        return whole(intake, rows)

    monkeypatch.setattr(FileIntake, "settle", pressed)
    run(many)
    assert (many.state, many.cursor) == ("paused", 1000)
    monkeypatch.undo()
    assert run(many).cursor == 1000
    assert orders.resume(many, by=owner, now=now)
    assert run(many).state == "done"


def test_stopping_keeps_what_came_in_and_drops_the_file(many, owner, now):
    run(many, clock=hurried())
    assert orders.stop(many, by=owner, now=now)
    assert run(many).state == "stopped"
    assert Record.objects.count() == 1000
    assert not storage.path_of(many).exists()


def test_a_file_that_is_mostly_wrong_waits_for_a_person_once(dataset, owner, now):
    found = imported(dataset, owner, a_file(*(row(number, phone="1") for number in range(2_000)), row(2_001)))
    assert (found.state, found.cursor, found.wrong) == ("paused", 1000, 1000)
    assert "Hơn một nửa" in found.problem
    assert orders.resume(found, by=owner, now=now)
    assert run(found).state == "done"


def test_a_workbook_is_unrolled_once(dataset, owner, monkeypatch):
    found = uploaded(dataset, owner, workbook((("Danh sách",), HEADER, *map(row, range(2_000)))), name="a.xlsx")
    assert orders.start(found, by=owner, now=HandClock().now())
    run(found, clock=hurried())
    assert (found.cursor, found.path) == (1000, f"imports/{found.pk}.rows")
    monkeypatch.setattr(running, "prepare", None)
    assert counts(run(found)) == {"created": 2_000}
    assert not list(storage.folder().glob(f"{found.pk}*"))


def test_too_many_rows_are_refused_before_the_first(dataset, owner, monkeypatch):
    monkeypatch.setattr("datahub.imports.prepare.MAX_ROWS", 3)
    found = imported(dataset, owner, a_file(*map(row, range(5))))
    assert (found.state, Record.objects.count()) == ("failed", 0)
    assert "hơn 1.000.000 dòng" in found.problem
    assert not orders.resume(found, by=owner, now=HandClock().now())


def test_an_upload_that_nobody_took_up_is_forgotten(dataset, owner, now):
    found = uploaded(dataset, owner, a_file(row(1)))
    run(found, clock=HandClock(now + timedelta(hours=23)))
    assert found.state == "uploaded"
    run(found, clock=HandClock(now + timedelta(hours=25)))
    assert found.state == "stopped"
    assert not storage.path_of(found).exists()


def test_the_end_is_written_down_without_names(many, owner):
    run(many)
    entry = AuditEntry.objects.get(action="import.done")
    assert (entry.actor, entry.facts["created"]) == (owner, MANY)


def test_the_number_of_queries_does_not_grow_with_the_rows(dataset, owner, django_assert_max_num_queries, now):
    found = uploaded(dataset, owner, a_file(*map(row, range(1000))))
    orders.start(found, by=owner, now=now)
    with django_assert_max_num_queries(32):
        running.run_imports(clock=HandClock(), release=nobody)
