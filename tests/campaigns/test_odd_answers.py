"""An answer whose words the database cannot hold keeps its outcome, and so do its neighbours in the chunk."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DataError, InterfaceError, OperationalError

from campaigns import settle, transitions
from campaigns.models import Message, QuotaWindow
from campaigns.states import MessageState as S
from campaigns.sums import campaign_sums
from campaigns.transitions import Move
from integrations import patience
from integrations.base import Accepted, RetryLater
from tests.campaigns.story import PHONE, Clinic, due

NEIGHBOUR = "84912345679"


@pytest.fixture
def choosy(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    """A database, as PostgreSQL is, that does not take the message id "odd"."""
    real = transitions.move

    def move(moves: list[Move], **more: Any) -> list[Message]:
        if any(each.changes.get("msg_id") == "odd" for each in moves):
            raise DataError("value too long for type character varying(80)")
        return real(moves, **more)

    monkeypatch.setattr(settle, "move", move)
    return clinic


def test_an_answer_that_cannot_be_written_does_not_put_its_neighbours_in_doubt(
    choosy: Clinic, caplog: pytest.LogCaptureFixture
) -> None:
    due(choosy, 2)
    choosy.channel.tell(PHONE, Accepted("odd"))
    choosy.tick()
    odd, neighbour = Message.objects.order_by("id")
    assert (odd.state, odd.reason_code, odd.msg_id, odd.poll_at) == (S.SENT, "accepted", "", None)
    assert (neighbour.state, neighbour.reason_code) == (S.SENT, "accepted")
    assert QuotaWindow.objects.get(key__contains=":day:").used == 2
    assert campaign_sums(choosy.send).closes
    assert f"the answer to message {odd.pk} cannot be written" in caplog.text


def test_places_of_the_surely_unsent_are_given_back_once(choosy: Clinic) -> None:
    due(choosy, 2)
    choosy.channel.tell(PHONE, Accepted("odd"))
    choosy.channel.tell(NEIGHBOUR, RetryLater("vendor_busy"))
    choosy.tick()
    assert QuotaWindow.objects.get(key__contains=":day:").used == 1


@pytest.mark.parametrize("trouble", [OperationalError, InterfaceError])
def test_the_databases_own_trouble_is_no_answers_fault(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, trouble: type[Exception]
) -> None:
    writes: list[int] = []

    def write(account: Any, pairs: Any, now: Any) -> None:
        writes.append(len(pairs))
        raise trouble("gone")

    monkeypatch.setattr(settle, "_write", write)
    monkeypatch.setattr(patience, "AGAIN_AFTER_S", ())
    due(clinic, 2)
    clinic.tick()
    assert writes == [2], "not one by one"
    assert set(Message.objects.values_list("state", flat=True)) == {S.SENDING}, "rescue puts them in doubt"
