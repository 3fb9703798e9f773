"""A place in today's quota is none in tomorrow's: nothing leaves that Zalo may take on the other side of midnight."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from campaigns import dispatch, progress, recheck
from campaigns.models import Message, QuotaWindow
from campaigns.states import MessageState as S
from integrations.models import MessageTemplate, OfficialAccount
from tests.campaigns.story import Clinic, due, vn

MIDNIGHT = vn(22)
# Two calls a thread, a token refreshed in between, both calls once more: at 3 + 20 s each.
LAST = timedelta(seconds=115)


@pytest.fixture
def tonight(clinic: Clinic) -> Clinic:
    """Six transaction messages, which leave at night too, are due; the 21st is about to end."""
    MessageTemplate.objects.update(tag=1)
    due(clinic, 6)
    progress.advance(now=clinic.clock.now(), limit=10)
    Message.objects.update(expires_at=vn(23))
    assert set(Message.objects.values_list("tag", "state")) == {(1, S.SCHEDULED)}
    return clinic


def dispatch_at(clinic: Clinic, moment: datetime) -> int:
    clinic.clock.moment = moment
    return dispatch.dispatch(account=OfficialAccount.objects.get(), clock=clinic.clock, limit=10)


def used() -> dict[int, int]:
    """Day of November → its places that are taken."""
    windows = QuotaWindow.objects.filter(key__contains=":day:", used__gt=0)
    return {int(window.key[-2:]): window.used for window in windows}


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        (MIDNIGHT - LAST - timedelta(seconds=1), True),
        (MIDNIGHT - LAST, False),
        (vn(21, 23, 59) + timedelta(seconds=14), False),
        (vn(21, 23, 59) + timedelta(seconds=39), False),
        (vn(21, 23, 59) + timedelta(seconds=59), False),
        (MIDNIGHT, True),
    ],
    ids=lambda value: f"{value:%H:%M:%S}" if isinstance(value, datetime) else "",
)
def test_in_the_seconds_that_an_answer_may_take_nothing_is_claimed(
    tonight: Clinic, moment: datetime, leaves: bool
) -> None:
    assert dispatch_at(tonight, moment) == (6 if leaves else 0)
    assert len(tonight.channel.sent) == (6 if leaves else 0)
    assert used() == ({moment.day: 6} if leaves else {})


def test_the_margin_is_the_slowest_chunk_there_can_be() -> None:
    assert recheck.slowest_chunk() == LAST


def test_what_waits_at_ten_to_midnight_leaves_a_second_after_on_the_new_day(tonight: Clinic) -> None:
    tonight.at(vn(21, 23, 59) + timedelta(seconds=50))
    assert (tonight.channel.sent, used()) == ([], {})
    tonight.at(MIDNIGHT + timedelta(seconds=1))
    assert (len(tonight.channel.sent), used()) == (6, {22: 6})
    assert set(Message.objects.values_list("state", "sent_at")) == {(S.SENT, MIDNIGHT + timedelta(seconds=1))}


@pytest.mark.parametrize("seconds", [5, 59.9, 119.9, 120, 121], ids=lambda seconds: f"{seconds} s after 23:58")
def test_a_chunk_claimed_before_and_reached_in_those_seconds_is_handed_back(tonight: Clinic, seconds: float) -> None:
    def moves() -> Iterator[datetime]:
        yield vn(21, 23, 58) + timedelta(seconds=seconds)

    moments = moves()
    tonight.channel.before_answer = lambda: setattr(tonight.clock, "moment", next(moments))
    dispatch_at(tonight, vn(21, 23, 58))
    assert (len(tonight.channel.sent), used()) == (2, {21: 2})
    assert Message.objects.filter(state=S.SCHEDULED, reason_code="handed_back", claims=[]).count() == 4
    tonight.channel.before_answer = None
    tonight.at(MIDNIGHT + timedelta(seconds=2))
    assert (len(tonight.channel.sent), used()) == (6, {21: 2, 22: 4})
