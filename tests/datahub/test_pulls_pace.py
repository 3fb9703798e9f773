"""When a link's next turn comes: Google's limits, back-off, refusals, idle sheets, and neighbours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from datahub.linked import pace
from datahub.linked.pulls import backoff, pull_due
from datahub.models import CallPace, SheetLink
from datahub.rounds import run_hub
from datahub.sources import create_source
from sandbox.google import answers, books, faults
from sandbox.models import GoogleAccount, GoogleBook
from tests.datahub.linked_story import NAMES, STATUS, make_link, make_rows, typed
from tests.sandbox.google_story import BOOK, DATABASES, EMAIL, script

pytestmark = pytest.mark.django_db(databases=DATABASES)
State = SheetLink.State


def wait_of(linked):
    return linked.link.next_pull_at - linked.clock.now()


def test_a_sheet_is_read_every_minute_and_less_often_when_nothing_happens(linked):
    linked.pull()
    assert wait_of(linked) == timedelta(minutes=1)
    for _ in range(4):
        linked.pull(minutes=5)
    assert wait_of(linked) == timedelta(minutes=5)
    linked.put(NAMES, make_rows(typed(1)))
    linked.pull()
    assert wait_of(linked) == timedelta(minutes=1)


def test_each_failure_doubles_the_wait_up_to_an_hour(linked):
    script(kind="http_503", count=10)
    waits = []
    for _ in range(10):
        linked.pull(hours=2)
        waits.append(wait_of(linked))
    assert waits[0] < timedelta(minutes=1, seconds=16)
    assert waits[3] > timedelta(minutes=5)
    assert all(timedelta(minutes=45) <= wait <= timedelta(minutes=75) for wait in waits[7:])
    assert (linked.link.state, "Google đang bận" in linked.link.problem) == (State.WAITING, True)
    linked.pull(hours=2)
    assert (linked.link.state, linked.link.problem, linked.link.failures) == (State.WORKING, "", 0)


def test_googles_retry_after_is_honoured(linked, monkeypatch):
    monkeypatch.setitem(faults.REFUSING, "http_429", answers.exhausted("Read", "user", retry_after_s=900))
    script(kind="http_429")
    linked.pull()
    assert wait_of(linked) == timedelta(seconds=900)


def test_neighbours_that_failed_together_do_not_come_back_together():
    waits = {backoff(SheetLink(pk=pk, failures=2)) for pk in range(50)}
    assert len(waits) == 50
    assert min(waits) >= timedelta(minutes=3)
    assert max(waits) <= timedelta(minutes=5)


def test_revoked_access_says_whom_to_share_with_and_is_retried_slowly(linked):
    linked.put(NAMES, make_rows(typed(1)))
    book = GoogleBook.objects.get()
    books.share(book=book, email=EMAIL, role="")
    linked.pull()
    assert linked.link.state == State.REFUSED
    assert EMAIL in linked.link.problem
    assert "Chia sẻ" in linked.link.problem
    assert wait_of(linked) == timedelta(minutes=30)
    books.share(book=GoogleBook.objects.get(), email=EMAIL, role="writer")
    linked.pull(minutes=31)
    assert (linked.link.state, linked.link.problem, linked.column(STATUS)) == (State.WORKING, "", ["Đã gửi"])


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda: GoogleAccount.objects.update(is_deleted=True), "khóa"),
        (lambda: GoogleAccount.objects.update(api_enabled=False), "Google Sheets API"),
        (lambda: GoogleBook.objects.all().delete(), "Không tìm thấy bảng tính"),
        (lambda: books.share(book=GoogleBook.objects.get(), email=EMAIL, role="reader"), "Người chỉnh sửa"),
    ],
)
def test_each_refusal_has_a_sentence(linked, change, word):
    linked.put(NAMES, make_rows(typed(1)))
    change()
    linked.pull()
    assert (linked.link.state, word in linked.link.problem) == (State.REFUSED, True)


def test_a_tab_that_was_renamed_is_followed_and_one_that_is_gone_is_said(linked):
    tab = GoogleBook.objects.get().tabs.get()
    tab.title = "Khách năm 2026"
    tab.save()
    assert linked.pull().worksheet == "Khách năm 2026"
    tab.delete()
    linked.pull()
    assert (linked.link.state, "“Khách năm 2026”" in linked.link.problem) == (State.WAITING, True)


def test_links_of_one_account_share_its_minute(linked, monkeypatch):
    monkeypatch.setattr(pace, "BY_ACCOUNT", 3)
    dataset = linked.source.dataset
    for _ in range(2):
        make_link(create_source(dataset=dataset, name="Trang khác"), linked.clock, linked.link.service_account)
    run_hub(clock=linked.clock)
    states = SheetLink.objects.order_by("pk").values_list("pulled_at", "failures", "next_pull_at")
    pulled = [row for row in states if row[0]]
    assert len(pulled) == 1
    assert all(failures == 0 for _, failures, _ in states)
    later = [next_at for at, _, next_at in states if at is None]
    assert all(next_at <= linked.clock.now() + timedelta(minutes=1) for next_at in later)


def test_the_projects_minute_is_shared_by_its_accounts(linked, monkeypatch):
    monkeypatch.setattr(pace, "BY_PROJECT", 2)
    clock = linked.clock
    first = [pace.wait_for("read", client_email=f"a{n}@du-an.iam", clock=clock) for n in range(3)]
    assert first[:2] == [0, 0]
    assert first[2] > 0
    assert pace.wait_for("write", client_email="a1@du-an.iam", clock=clock) == 0
    assert pace.wait_for("read", client_email="b@khac.iam", clock=clock) == 0
    clock.advance(minutes=1)
    assert pace.wait_for("read", client_email="a1@du-an.iam", clock=clock) == 0
    assert CallPace.objects.count() == 8


def test_a_failing_link_stops_no_neighbour(linked):
    linked.put(NAMES, make_rows(typed(1)))
    source = create_source(dataset=linked.source.dataset, name="Trang khác")
    broken = make_link(source, linked.clock, "không phải khóa", next_pull_at=linked.clock.now() - timedelta(hours=1))
    done = run_hub(clock=linked.clock)
    assert (done["pulled"], done["broken"]) == (2, 0)
    broken.refresh_from_db()
    assert (broken.state, broken.lease_until) == (State.WAITING, None)
    assert linked.column(STATUS) == ["Đã gửi"]


def test_a_round_ends_in_time_and_the_longest_waiting_come_first(linked):
    source = create_source(dataset=linked.source.dataset, name="Trang khác")
    make_link(source, linked.clock, linked.link.service_account, spreadsheet_id=f"{BOOK}x")
    linked.clock.advance(minutes=1)
    assert pull_due(clock=linked.clock, deadline=linked.clock.wall()) == 0


def test_a_link_without_a_tab_is_not_read(linked):
    SheetLink.objects.update(worksheet="")
    linked.pull()
    assert linked.wire.calls == []
