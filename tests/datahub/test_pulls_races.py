"""Somebody edits the sheet, or another worker takes the link, between two of our calls."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections

from datahub.linked.pulls import LEASE, claim, pull, pull_due
from datahub.models import LinkedRow, Record, RecordEvent, SheetLink
from tests.datahub.linked_story import AGAIN, FIRST, NAMES, ROW_ID, STATUS, make_rows, typed
from tests.sandbox.google_story import DATABASES

pytestmark = pytest.mark.django_db(databases=DATABASES)
WRITE = "POST values:batchUpdate"


def test_what_staff_type_while_we_write_stays_and_is_taken_at_the_next_turn(linked):
    linked.put(NAMES, make_rows(typed(1, Số_điện_thoại="09"), typed(2, request="")))
    linked.pull()
    linked.type(2, Họ_và_tên="Tên Mới", Số_điện_thoại="0912345678", Gửi_webhook=AGAIN)
    linked.wire.before(WRITE, lambda: linked.type(3, Họ_và_tên="Khách Vừa Gõ", Gửi_webhook=FIRST))
    linked.pull()
    assert linked.column("Họ và tên") == ["Tên Mới", "Khách Vừa Gõ"]
    linked.pull()
    assert linked.column(STATUS) == ["Đã gửi", "Đã gửi"]
    assert sorted(record.values["customer_name"] for record in Record.objects.all()) == ["Khách Vừa Gõ", "Tên Mới"]


def test_a_request_changed_while_we_were_taking_in_is_not_answered_by_the_old_verdict(linked):
    linked.put(NAMES, make_rows(typed(1, Số_điện_thoại="0912")))
    linked.pull()
    linked.type(2, Số_điện_thoại="09127", Gửi_webhook=AGAIN)
    # The second read of the turn is the one right before the write.
    linked.wire.before("GET values:batchGet", lambda: None)
    linked.wire.before("GET values:batchGet", lambda: linked.type(2, Số_điện_thoại="0912345678", Gửi_webhook=FIRST))
    linked.pull()
    assert linked.column(STATUS)[0].startswith("Số điện thoại “0912”")
    linked.pull()
    assert (linked.column(STATUS), linked.phones()) == (["Đã gửi"], ["84912345678"])


def test_verdicts_blown_to_other_rows_by_a_sort_are_mended_at_the_next_turn(linked):
    linked.put(NAMES, make_rows(typed(1), typed(2, Số_điện_thoại="09"), typed(3, request=""), typed(4)))
    linked.pull()
    for number in (2, 3, 4, 5):
        linked.type(number, Trạng_thái_gửi_Webhook="")
    linked.wire.before(WRITE, lambda: linked.reorder(2, 3, 0, 1))
    linked.pull()
    assert linked.column("Mã khách hàng") == ["KH003", "KH004", "KH001", "KH002"]
    linked.pull()
    no_request, fourth, first, second = linked.column(STATUS)
    assert (no_request, fourth, first) == ("", "Đã gửi", "Đã gửi")
    assert second.startswith("Số điện thoại “09”")
    assert Record.objects.count() == RecordEvent.objects.count() == 2


def test_ids_blown_over_others_by_a_sort_are_given_back(linked):
    linked.put(NAMES, make_rows(typed(1), typed(2)))
    linked.pull()
    before = linked.column(ROW_ID)
    columns, rows = linked.grid()
    blank = [""] * (len(columns) - len(NAMES))
    linked.put(columns, [*rows, make_rows(typed(3))[0] + blank])
    linked.wire.before(WRITE, lambda: linked.reorder(2, 0, 1))  # the third row's id lands on the second
    linked.pull()
    linked.pull()
    third, first, second = linked.column(ROW_ID)
    assert ([first, second], len({first, second, third})) == (before, 3)
    assert linked.column(STATUS) == ["Đã gửi"] * 3
    assert Record.objects.count() == RecordEvent.objects.count() == 3


def test_a_row_inserted_while_ids_are_written_keeps_every_row_apart(linked):
    linked.put(NAMES, make_rows(typed(1), typed(2)))

    def insert():
        columns, rows = linked.grid()
        linked.put(columns, [make_rows(typed(9, request=""))[0], *rows])

    linked.wire.before(WRITE, insert)
    linked.pull()
    linked.pull()
    assert linked.phones() == ["84912300001", "84912300002"]
    assert linked.column(STATUS) == ["", "Đã gửi", "Đã gửi"]


def test_rows_deleted_while_we_write_leave_nothing_behind(linked):
    linked.put(NAMES, make_rows(typed(1), typed(2)))
    linked.wire.before(WRITE, lambda: None)

    def delete():
        columns, rows = linked.grid()
        linked.put(columns, rows[1:])

    linked.wire.before(WRITE, delete)
    linked.pull()
    linked.pull()
    assert linked.column("Mã khách hàng") == ["KH002", ""][: len(linked.grid()[1])]
    assert linked.column(STATUS)[0] == "Đã gửi"
    assert "".join(linked.column(STATUS)[1:]) == ""


def test_a_link_has_one_worker(linked):
    linked.clock.advance(minutes=5)
    assert claim(linked.link.pk, linked.clock)
    assert claim(linked.link.pk, linked.clock) is None
    linked.clock.advance(seconds=LEASE.total_seconds() + 1)
    assert claim(linked.link.pk, linked.clock)


def test_who_lost_the_lease_changes_nothing_of_the_next_ones(linked):
    linked.put(NAMES, make_rows(typed(1)))
    slow = claim(linked.link.pk, linked.clock)
    assert slow is not None
    linked.clock.advance(seconds=LEASE.total_seconds() + 1)
    assert claim(linked.link.pk, linked.clock)
    pull(slow, linked.clock)
    linked.link.refresh_from_db()
    assert linked.link.lease_until is not None
    assert linked.link.pulled_at is None


def test_two_workers_at_once_take_each_row_once(linked):
    linked.put(NAMES, make_rows(*(typed(number) for number in range(1, 41))))
    first, second = claim(linked.link.pk, linked.clock), SheetLink.objects.get(pk=linked.link.pk)
    assert first is not None
    second.source = first.source
    # The second believes that the lease has run out, and has its turn in the middle of the first one's.
    linked.wire.before(WRITE, lambda: pull(second, linked.clock))
    pull(first, linked.clock)
    linked.link.refresh_from_db()
    linked.pull()
    assert Record.objects.count() == RecordEvent.objects.count() == 40
    assert linked.column(STATUS) == ["Đã gửi"] * 40
    assert len(set(linked.column(ROW_ID))) == 40
    assert LinkedRow.objects.count() == 40


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the in-memory test database has one connection")
@pytest.mark.django_db(databases=DATABASES, transaction=True)
def test_of_workers_that_ring_together_one_pulls(linked):
    linked.put(NAMES, make_rows(typed(1)))
    start, turns = threading.Barrier(4), []

    def ring():
        start.wait()
        turns.append(pull_due(clock=linked.clock, deadline=linked.clock.wall() + timedelta(seconds=40)))
        connections.close_all()

    workers = [threading.Thread(target=ring) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(turns) == [0, 0, 0, 1]
    assert Record.objects.count() == RecordEvent.objects.count() == 1
