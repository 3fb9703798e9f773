"""The table of moves, and the page that tells it to people."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from campaigns import transitions
from campaigns.models import Message
from campaigns.reasons import Reason
from campaigns.states import MOVES, OPEN, MessageState, may_move
from campaigns.states import MessageState as S
from tests.campaigns.story import Clinic, vn

PAGE = Path(__file__).parents[2] / "docs" / "lifecycle.md"
ENDED = frozenset({S.DELIVERED, S.SKIPPED, S.CANCELLED, S.FAILED})


def test_the_page_and_the_table_say_the_same() -> None:
    rows = re.findall(r"^\| `(\w+)` \|([^|]*)\|", PAGE.read_text(), flags=re.MULTILINE)
    told = {MessageState(name): frozenset(map(MessageState, re.findall(r"`(\w+)`", cells))) for name, cells in rows}
    assert told == MOVES


def test_the_model_knows_every_state() -> None:
    assert {choice.value for choice in Message.State} == {state.value for state in MessageState}


@pytest.mark.parametrize("ended", ENDED)
def test_only_a_receipt_leaves_an_end_that_a_vendor_had_a_part_in(ended: MessageState) -> None:
    # What was stopped before it left may be wanted again: `amendment` and `twins` say when.
    again = {S.SKIPPED: {S.SCHEDULED}, S.CANCELLED: {S.SCHEDULED, S.SKIPPED}}.get(ended, set())
    assert {target for target in MessageState if may_move(ended, target)} <= {S.DELIVERED, *again}


def test_every_state_leads_to_an_end() -> None:
    def reach(state: MessageState, seen: frozenset[MessageState]) -> set[MessageState]:
        further = MOVES[state] - seen
        return {state}.union(*(reach(each, seen | further) for each in further))

    for state in OPEN:
        assert reach(state, frozenset({state})) >= ENDED


def test_doubt_never_leads_back_to_sending() -> None:
    assert not MOVES[MessageState.UNCONFIRMED] & OPEN


def test_a_move_that_is_not_in_the_table_is_an_error(clinic: Clinic) -> None:
    clinic.visit()
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    with pytest.raises(ValueError, match="is no move"):
        transitions.move([transitions.Move(clinic.message(), MessageState.LEASED, Reason.CLAIMED)], now=vn(21))


def test_a_message_that_moved_meanwhile_is_left_alone(clinic: Clinic) -> None:
    clinic.visit()
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    stale = clinic.message()
    Message.objects.update(state=MessageState.UNDELIVERED)
    assert transitions.move([transitions.Move(stale, MessageState.DELIVERED, Reason.DELIVERED)], now=vn(21)) == []
    assert clinic.message().state == MessageState.UNDELIVERED
