"""Raw bodies are kept for a month; what is forgotten is never taken in twice."""

from __future__ import annotations

from datetime import timedelta

from datahub.ingest import Answered, Reused
from datahub.models import Batch, Record
from datahub.retention import forget_bodies
from tests import factories

NOW = factories.NOW


def send(source, batch_id, now, **changes):
    body = factories.as_bytes(factories.sheet_batch(factories.sheet_row(factories.visit(**changes)), batch_id=batch_id))
    return factories.take_in(source, body, now=now)


def test_old_bodies_and_answers_are_emptied_the_oldest_first_and_the_rest_is_left(source, settings):
    settings.BATCHES_KEPT_DAYS = 30
    for number, days in enumerate([40, 31, 29]):
        send(source, f"b{number}", NOW - timedelta(days=days))
    assert forget_bodies(NOW, 1) == 1
    assert [bool(batch.body) for batch in Batch.objects.order_by("batch_id")] == [False, True, True]
    assert forget_bodies(NOW, 100) == 1
    assert forget_bodies(NOW, 100) == 0
    kept = Batch.objects.get(batch_id="b2")
    assert kept.body
    assert kept.answer
    forgotten = Batch.objects.get(batch_id="b0")
    assert (forgotten.body, forgotten.answer, len(forgotten.body_sha256)) == ("", "", 64)


def test_a_forgotten_batch_changes_nothing_when_it_comes_again(source):
    send(source, "old", NOW - timedelta(days=40), Dịch_vụ="Nhổ răng")
    send(source, "new", NOW, Dịch_vụ="Trám răng")
    forget_bodies(NOW, 100)
    assert isinstance(send(source, "old", NOW, Dịch_vụ="Nhổ răng"), Reused)
    assert Record.objects.get().values["service"] == "Trám răng"
    assert isinstance(send(source, "new", NOW, Dịch_vụ="Trám răng"), Answered)
