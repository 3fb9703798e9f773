"""Two calls at the same moment, each with a connection of its own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections

from datahub.ingest import ingest
from datahub.models import Batch, Customer, Record, RecordEvent
from datahub.statuses import mark_status
from integrations.google_sheets.protocol import SheetBatch, parse
from tests.factories import NOW, as_bytes, make_record, make_source, sheet_batch, sheet_row, visit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _needs_a_server():
    if connection.vendor != "postgresql":
        pytest.skip("the in-memory test database has one connection; SQLite lets one writer in at a time anyway")


def together(*calls):
    """Run the calls at once, in threads; their results in order."""
    barrier = Barrier(len(calls))

    def run(call):
        try:
            barrier.wait()
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def posting(source, body):
    raw = as_bytes(body)
    batch = parse(raw)
    assert isinstance(batch, SheetBatch), batch
    return lambda: ingest(source=source, batch=batch, body=raw, now=NOW, annotate=lambda records, now: {})


def rows(count, **changes):
    return [sheet_row(visit(Mã_khách_hàng=f"KH{n}", **changes), row_id=f"r{n}", number=n + 2) for n in range(count)]


def test_the_same_batch_at_once_is_stored_once_and_answered_alike(source):
    body = sheet_batch(*rows(50))
    answers = together(*[posting(source, body)] * 6)
    assert len(set(answers)) == 1
    assert (Batch.objects.count(), Record.objects.count(), RecordEvent.objects.count()) == (1, 50, 50)


def test_the_same_rows_in_different_batches_at_once_are_taken_in_once(source):
    together(*[posting(source, sheet_batch(*rows(50))) for _ in range(6)])
    assert (Batch.objects.count(), Record.objects.count(), RecordEvent.objects.count()) == (6, 50, 50)
    assert set(Record.objects.values_list("completions", "revision")) == {(1, 1)}


def test_two_sheets_that_meet_the_same_customers_at_once_do_not_block_each_other_for_ever(dataset):
    sources = [make_source(dataset) for _ in range(4)]
    batches = [sheet_batch(*(rows(60) if n % 2 else reversed(rows(60, Họ_và_tên=f"Khách {n}")))) for n in range(4)]
    together(*[posting(source, batch) for source, batch in zip(sources, batches, strict=True)])
    assert (Customer.objects.count(), Record.objects.count()) == (60, 240)


def test_a_page_and_a_sheet_that_change_one_visit_at_once_lose_nothing(source):
    for n in range(5):
        record = make_record(source, row_id=f"r{n}", Trạng_thái="Đặt lịch")
        changed = sheet_batch(sheet_row(visit(Trạng_thái="Đặt lịch", Bác_sĩ="Khác"), row_id=f"r{n}"))
        together(
            posting(source, changed),
            lambda record=record: mark_status(record=record, status="Đã hoàn thành", actor="Lan", now=NOW),
        )
        record.refresh_from_db()
        assert record.values["doctor"] == "Khác"
        # Whoever was last decided the status; either way it was completed once, and the events tell the order.
        assert (record.completions, record.revision, record.events.count()) == (1, 3, 3)
