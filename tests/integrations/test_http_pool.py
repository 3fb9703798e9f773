"""Many calls at once: each asking has its own hands, so that slow questions of one hold up nobody else."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from integrations.http import fan_out


@pytest.fixture(autouse=True)
def four_at_once(settings: Any) -> None:
    settings.SEND_CONCURRENCY = 4


def test_sends_do_not_wait_for_another_threads_slow_questions() -> None:
    asked, answer = threading.Barrier(5), threading.Event()

    def slow(_: int) -> None:
        asked.wait(10)
        answer.wait(10)

    rounds = threading.Thread(target=lambda: fan_out(slow, range(4)))
    rounds.start()
    asked.wait(10)
    sends = threading.Thread(target=lambda: fan_out(str, range(8)))
    sends.start()
    sends.join(5)
    waited = sends.is_alive()
    answer.set()
    rounds.join(10)
    sends.join(10)
    assert not waited


def test_answers_come_in_the_order_of_the_questions_and_not_more_than_so_many_at_once() -> None:
    names = set()

    def ask(number: int) -> int:
        names.add(threading.current_thread().name)
        return number * 2

    assert fan_out(ask, range(40)) == [number * 2 for number in range(40)]
    assert 1 <= len(names) <= 4
