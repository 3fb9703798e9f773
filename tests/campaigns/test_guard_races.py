"""Many workers at one guard, each with a connection of its own: no window is passed, nobody waits in a circle."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import cycle

import pytest
from django.db import DatabaseError, connection, transaction

from campaigns import guard, suppressions
from campaigns.models import Message, QuotaWindow, Suppression
from integrations.base import AccountFacts, Claim, SendFacts
from integrations.models import OfficialAccount
from integrations.zalo.policy import policy
from tests import factories
from tests.campaigns.guarding import messages, reserve
from tests.campaigns.story import Clinic, ObedientChannel, make_account, make_clinic, make_template, vn

pytestmark = pytest.mark.django_db(transaction=True)
races = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: there is nothing to race")


@pytest.fixture
def committed(transactional_db: None, channel: ObedientChannel) -> Clinic:
    """The story in a database that other connections can see."""
    return make_clinic(factories.make_workspace(), channel)


def at_once(*works: Callable[[], object]) -> list[Exception]:
    """Run all of them at the same moment, each in a thread with its own connection; what any of them raised."""
    start, raised = threading.Barrier(len(works)), list[Exception]()

    def run(work: Callable[[], object]) -> None:
        try:
            start.wait()
            work()
        except (DatabaseError, RuntimeError) as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@dataclass
class OnePlaceEach:
    """A policy that gives every message a window of its own, in this order."""

    keys: Iterator[str]

    def assess(self, account: AccountFacts, send: SendFacts, now: datetime) -> tuple[Claim, ...]:
        return (Claim(next(self.keys), "user_month_quota", 4, vn(30)),)

    def month_quota(self, *, care_delivered: int, is_first_month: bool) -> int:
        return 0


def reserve_in_order(clinic: Clinic, message: Message, keys: list[str]) -> int:
    """One batch that wants these windows, in this order; how many answers it got."""
    rules, batch = OnePlaceEach(cycle(keys)), [message] * len(keys)
    with transaction.atomic():
        return len(guard.reserve(account=clinic.account, policy=rules, messages=batch, now=vn(21, 11)))


def test_it_refuses_to_run_outside_a_transaction(committed: Clinic) -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        guard.reserve(account=committed.account, policy=policy("zalo-2026"), messages=[], now=vn(21))


@races
def test_fifty_workers_on_a_window_of_five_hundred_grant_exactly_five_hundred(committed: Clinic) -> None:
    [message] = messages(committed, 1)
    OfficialAccount.objects.update(daily_quota=500)
    granted: list[int] = []

    def work() -> None:
        for _ in range(4):
            granted.append(sum(isinstance(answer, tuple) for answer in reserve(committed, [message] * 7)))

    assert at_once(*[work] * 50) == []
    assert len(granted) == 200
    assert sum(granted) == QuotaWindow.objects.get().used == 500


@races
def test_two_batches_that_meet_the_same_new_windows_in_opposite_orders_do_not_deadlock(committed: Clinic) -> None:
    [message] = messages(committed, 1)
    for turn in range(3):
        keys = [f"new-{turn}-{number:04}" for number in range(2_000)]
        assert (
            at_once(*(lambda order=order: reserve_in_order(committed, message, order) for order in (keys, keys[::-1])))
            == []
        )
    assert set(QuotaWindow.objects.filter(rule="user_month_quota").values_list("used", flat=True)) == {2}


@races
def test_giving_back_and_closing_does_not_deadlock_with_a_batch_that_claims(committed: Clinic) -> None:
    """Zalo turns messages away by a window that sorts before those they give back."""
    [message] = messages(committed, 1)
    keys = [f"w-{number:04}" for number in range(1_500)]
    for _ in range(4):
        reserve_in_order(committed, message, keys)
        message.claims = keys[1:]
        refused = Message(claims=keys[:1])

        def settle(refused: Message = refused) -> None:
            with transaction.atomic():
                guard.learn(freed=[message], closed=[(refused, "user_month_quota")])

        assert at_once(settle, lambda: reserve_in_order(committed, message, keys)) == []
        QuotaWindow.objects.update(used=0, vendor_limit=None)


@races
def test_a_batch_of_one_account_does_not_wait_for_another_accounts(committed: Clinic) -> None:
    """The busy account's windows stay locked while the quiet one's message goes through."""
    [message] = messages(committed, 1)
    quiet = make_account(committed.workspace, oa_id="quiet")
    other = Message.objects.get(pk=message.pk)
    other.account, other.template = quiet, make_template(quiet)
    with transaction.atomic():
        reserve(committed, [message])

        def pass_by() -> None:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '2s'")
                guard.reserve(account=quiet, policy=policy("zalo-2026"), messages=[other], now=committed.clock.now())

        assert at_once(pass_by) == []
    assert QuotaWindow.objects.filter(used=1).count() == 2


@races
def test_two_batches_that_mark_the_same_phones_in_opposite_orders_do_not_deadlock(committed: Clinic) -> None:
    """The order in which Zalo's answers came; phones that were never marked, then the same for longer."""
    for turn in range(6):
        batch = [
            Suppression(
                workspace=committed.workspace,
                phone=f"849{turn // 2}{number:07}",
                way="zalo" if number % 2 else "",
                reason_code="not_on_zalo" if number % 2 else "recipient_refuses",
                until=vn(22 + turn),
                created_at=vn(21),
            )
            for number in range(3_000)
        ]

        def respect(order: list[Suppression]) -> None:
            with transaction.atomic():
                suppressions.put(order, vn(21))

        assert at_once(partial(respect, batch), partial(respect, batch[::-1])) == []
    assert Suppression.objects.count() == 9_000
    assert Suppression.objects.filter(until=vn(27)).count() == 3_000
