"""When Zalo answers nothing: an account rests a minute after a whole chunk, and each account's rest is its own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.models import Message, QuotaWindow
from campaigns.states import MessageState as S
from campaigns.sums import campaign_sums
from campaigns.tick import run_tick
from integrations.base import Accepted, NotNow, Refused, Reopens, RetryLater, Scope, SendResult, Unknown
from integrations.models import OfficialAccount
from tests.campaigns.story import PHONE, Clinic, due, vn

CHUNK = 2
SILENT = Unknown("outcome_unknown", {"why": "ReadTimeout"})
BUSY = NotNow("vendor_busy", Scope.WINDOW, Reopens.SOON, {"http": 429})
OTHER_PHONE = "84912345679"


def silent(clinic: Clinic, count: int, answer: SendResult = SILENT) -> None:
    """`count` messages are due at 11:00, and the first try of each gets this answer."""
    due(clinic, count)
    for number in range(count):
        clinic.channel.tell(f"849{12_345_678 + number}", answer)


def in_doubt() -> int:
    return Message.objects.filter(state=S.UNCONFIRMED).count()


def test_not_more_than_one_chunk_a_minute_comes_in_doubt(clinic: Clinic) -> None:
    silent(clinic, 10)
    seen = []
    for seconds in range(0, 180, 20):
        clinic.at(vn(21, 11) + timedelta(seconds=seconds))
        seen.append(in_doubt())
    assert seen == [2, 2, 2, 4, 4, 4, 6, 6, 6]
    assert QuotaWindow.objects.get(key__contains=":day:").used == 6
    assert campaign_sums(clinic.send).closes


def test_the_rest_of_the_batch_is_handed_back_as_it_was(clinic: Clinic) -> None:
    silent(clinic, 6)
    clinic.tick()
    waiting = Message.objects.filter(state=S.SCHEDULED)
    told = set(waiting.values_list("reason_code", "due_at", "attempts", "lease_until"))
    assert (waiting.count(), told) == (4, {("handed_back", vn(21, 11), 0, None)})
    assert not any(message.claims for message in waiting)


@pytest.mark.parametrize("answer", [SILENT, BUSY], ids=["no answer", "429"])
def test_a_whole_chunk_without_an_answer_rests_the_account_for_a_minute(clinic: Clinic, answer: SendResult) -> None:
    silent(clinic, 6, answer)
    clinic.tick()
    clinic.account.refresh_from_db()
    assert clinic.account.rests_until == vn(21, 11, 1)
    assert (clinic.account.rests(vn(21, 11)), clinic.account.rests(vn(21, 11, 1))) == (True, False)
    assert clinic.account.blocked_reason == "", "nobody need act"


@pytest.mark.parametrize(
    "other",
    [Accepted("m1"), Refused("not_on_zalo", Scope.RECIPIENT), RetryLater("vendor_error")],
    ids=["taken", "refused", "asked to try later"],
)
def test_a_chunk_that_was_answered_in_part_rests_nobody(clinic: Clinic, other: SendResult) -> None:
    due(clinic, 6)
    clinic.channel.tell(PHONE, SILENT)
    clinic.channel.tell(OTHER_PHONE, other)
    clinic.tick()
    assert OfficialAccount.objects.get().rests_until is None
    assert len(clinic.channel.sent) == 6


def test_one_lone_message_without_an_answer_rests_nobody(clinic: Clinic) -> None:
    silent(clinic, 1)
    clinic.tick()
    assert (in_doubt(), OfficialAccount.objects.get().rests_until) == (1, None)


def test_the_turn_passes_a_resting_account_by_without_looking_at_its_messages(clinic: Clinic) -> None:
    due(clinic, 4)
    OfficialAccount.objects.update(rests_until=vn(21, 11) + timedelta(seconds=1))
    assert run_tick(clock=clinic.clock, budget_s=30)["looked_at"] == 0
    assert clinic.channel.sent == []
    assert set(Message.objects.values_list("state", "fence")) == {(S.SCHEDULED, 0)}, "nothing was claimed"


def test_the_rest_ends_and_what_waited_leaves(clinic: Clinic) -> None:
    silent(clinic, 6)
    clinic.channel.told = {phone: clinic.channel.told[phone] for phone in (PHONE, OTHER_PHONE)}
    clinic.tick()
    clinic.at(vn(21, 11) + timedelta(seconds=59))
    assert len(clinic.channel.sent) == CHUNK
    clinic.at(vn(21, 11, 1))
    assert len(clinic.channel.sent) == 6
    assert len({message.tracking_id for message in clinic.channel.sent}) == 6, "nobody was asked twice"
    assert (in_doubt(), Message.objects.filter(state=S.SENT).count()) == (CHUNK, 4)


def test_the_rest_is_by_the_wall_whatever_the_business_clock_says(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent(clinic, 6)
    wall = vn(3, 8)
    monkeypatch.setattr(clinic.clock, "wall", lambda: wall, raising=False)
    clinic.tick()
    assert OfficialAccount.objects.get().rests_until == wall + timedelta(minutes=1)
    clinic.at(vn(21, 13))
    assert len(clinic.channel.sent) == CHUNK
    wall += timedelta(minutes=1)
    clinic.tick()
    assert len(clinic.channel.sent) == 2 * CHUNK
