"""A correction and a step at the same moment, each with a connection of its own: nothing falls between them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from campaigns import enrollment, progress
from campaigns.models import Message
from tests import factories
from tests.campaigns.amending import NEW, ON_DONE, evening, phones, press
from tests.campaigns.story import Clinic, ObedientChannel, make_clinic, vn

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: there is nothing to race"),
]


@pytest.fixture
def committed(transactional_db: None, channel: ObedientChannel) -> Clinic:
    """The story in a database that other connections can see."""
    return make_clinic(factories.make_workspace(), channel)


def _aside(work: Callable[[], object]) -> threading.Thread:
    """The work in a thread with its own connection, begun."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def _is_blocked_or_done(thread: threading.Thread) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return not thread.is_alive() or cursor.fetchone()[0] > 0


@contextmanager
def meanwhile(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> Iterator[None]:
    """Start the work after a step has written its messages and before it commits; wait until it is done or waits for us."""
    insert, threads = progress._insert_messages, list[threading.Thread]()

    def inserted(*args: Any) -> None:
        insert(*args)
        if not threads:
            threads.append(_aside(work))
            for _ in range(500):
                if _is_blocked_or_done(threads[0]):
                    break
                time.sleep(0.01)

    monkeypatch.setattr(progress, "_insert_messages", inserted)
    yield
    for thread in threads:
        thread.join()
    assert threads


def test_a_row_cancelled_while_its_copy_is_being_skipped_leaves_the_visit_to_the_copy(
    committed: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = committed
    first = evening(clinic)
    again = clinic.visit(row_id="hai")
    enrollment.enroll_from_events(now=clinic.clock.now(), limit=10)
    clinic.clock.moment = vn(21, 0, 5)
    press(clinic, first, Trạng_thái="Hủy")
    now = clinic.clock.now()
    with meanwhile(monkeypatch, lambda: enrollment.enroll_from_events(now=now, limit=10)):
        progress.advance(now=now, limit=10)
    states = Message.objects.order_by("id").values_list("record__row_id", "state")
    assert list(states) == [("r", "cancelled"), ("hai", "scheduled")]
    clinic.at(vn(21, 7))
    assert [message.record for message in Message.objects.filter(state="sent")] == [again]


def test_a_phone_corrected_while_the_message_is_being_made_names_the_visit_as_it_is_now(
    committed: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = committed
    clinic.set_definition(clinic.send, trigger=ON_DONE)
    clinic.clock.moment = vn(20, 20)
    record = clinic.visit(row_id="r")
    clinic.tick()
    clinic.clock.moment = now = vn(20, 22)

    def correct() -> None:
        press(clinic, record, Số_điện_thoại=NEW)
        enrollment.enroll_from_events(now=now, limit=10)

    with meanwhile(monkeypatch, correct):
        progress.advance(now=now, limit=10)
    clinic.visit(row_id="hai", Số_điện_thoại=NEW)
    clinic.tick()
    clinic.at(vn(21, 7))
    clinic.at(vn(21, 12))
    assert phones(clinic) == ["84987654321"]
