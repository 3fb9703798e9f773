"""The rounds: each duty at its time, one runner at a time, and one account's trouble its own.

The duties themselves are stubbed (`did`), but for the last test, in which the sandbox answers them. What each of them
does is tested in test_status_poll, test_hearing, test_readings, test_template_reading and test_watch, and in
tests/integrations/test_zalo_tokens and test_zalo_sync; all of them together in tests/simulation.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django_celery_beat.models import PeriodicTask

from accounts.models import Workspace
from campaigns import readings, receipts, rounds, status_poll, tasks
from campaigns.health import measure
from campaigns.models import Heartbeat
from campaigns.standing import watch
from integrations.models import OfficialAccount
from integrations.zalo import sync, template_sync, tokens
from integrations.zalo.api import ZaloDidNotAnswer
from tests.architecture.project import ROOT
from tests.campaigns.story import HandClock, make_account, vn
from tests.integrations.zalo_side import connected_to_sandbox, wire

DUTIES = ["refreshed", "read", "synced", "watched", "judged"]


@pytest.fixture
def clock() -> HandClock:
    """11:20 on 21 November 2026."""
    return HandClock(vn(21, 11, 20))


@pytest.fixture
def account(workspace: Workspace) -> OfficialAccount:
    return make_account(workspace)


@pytest.fixture
def did(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every duty takes a note instead of asking anybody: its name, and the account's OA id."""
    notes: list[str] = []

    def note(name: str, answer: Any = None) -> Callable[..., Any]:
        def duty(*args: Any, **named: Any) -> Any:
            account = next((each for each in (*args, *named.values()) if isinstance(each, OfficialAccount)), None)
            notes.append(f"{name} {account.oa_id}" if account else name)
            return answer

        return duty

    monkeypatch.setattr(status_poll, "poll", note("polled", 0))
    monkeypatch.setattr(receipts, "forget_events", note("forgotten", 0))
    monkeypatch.setattr(tokens, "refresh_ahead", note("refreshed"))
    monkeypatch.setattr(sync, "read_account", note("read"))
    monkeypatch.setattr(readings, "apply_reading", note("told"))
    monkeypatch.setattr(template_sync, "sync_templates", note("synced"))
    monkeypatch.setattr(watch, "hourly", note("watched"))
    monkeypatch.setattr(watch, "nightly", note("judged"))
    return notes


def fail(error: Exception) -> Callable[..., Any]:
    """A duty that raises."""

    def duty(*_: Any, **__: Any) -> Any:
        raise error

    return duty


def test_an_account_is_visited_zalos_word_first(clock: HandClock, account: OfficialAccount, did: list[str]) -> None:
    done = rounds.run_rounds(clock=clock)
    assert did == ["polled", "forgotten"] + [f"{name} {account.oa_id}" for name in [*DUTIES[:2], "told", *DUTIES[2:]]]
    assert {name: done[name] for name in DUTIES} == dict.fromkeys(DUTIES, 1)


@pytest.mark.parametrize(
    ("minutes", "visits"),
    [([0, 1, 39], 1), ([0, 40], 2), ([0, 40, 41, 99], 2), ([0, 40, 100], 3), ([0, 60 * 26], 2)],
)
def test_once_in_each_local_hour_and_once_after_an_outage(clock, account, did, minutes: list[int], visits: int) -> None:
    start = clock.moment
    for minute in minutes:
        clock.moment = start + timedelta(minutes=minute)
        rounds.run_rounds(clock=clock)
    assert did.count("polled") == len(minutes)
    assert did.count(f"watched {account.oa_id}") == visits


def test_a_business_clock_that_went_back_does_not_stop_the_rounds(clock, account, did: list[str]) -> None:
    rounds.run_rounds(clock=clock)
    clock.moment -= timedelta(hours=5)
    Heartbeat.objects.filter(name=rounds._LEASE_ROW).delete()
    rounds.run_rounds(clock=clock)
    assert did.count(f"watched {account.oa_id}") == 2


def test_one_runner_at_a_time(clock: HandClock, account: OfficialAccount, did: list[str], monkeypatch) -> None:
    inner: list[int] = []

    def poll(**_: Any) -> int:
        inner.append(rounds.run_rounds(clock=clock).total())
        return 0

    monkeypatch.setattr(status_poll, "poll", poll)
    rounds.run_rounds(clock=clock)
    assert inner == [0]
    assert did.count(f"watched {account.oa_id}") == 1


def test_a_runner_that_died_gives_way_when_its_lease_ends(clock: HandClock, account, did: list[str]) -> None:
    Heartbeat.objects.create(name=rounds._LEASE_ROW, at=clock.wall() + rounds.LEASE)
    clock.advance(minutes=4)
    rounds.run_rounds(clock=clock)
    assert did == []
    clock.advance(minutes=1)
    rounds.run_rounds(clock=clock)
    assert f"watched {account.oa_id}" in did


def test_what_does_not_fit_waits_for_the_next_minute_and_goes_first(clock, workspace, did, monkeypatch) -> None:
    for number in range(3):
        make_account(workspace, oa_id=f"oa-{number}")

    def slow(account: OfficialAccount, clock_: HandClock) -> None:
        did.append(f"slow {account.oa_id}")
        clock.advance(seconds=25)

    monkeypatch.setattr(sync, "read_account", slow)
    rounds.run_rounds(clock=clock)
    rounds.run_rounds(clock=clock)
    assert [note for note in did if note.startswith("slow")] == ["slow oa-0", "slow oa-1", "slow oa-2"]


def test_one_accounts_fault_is_its_own_and_said_once(clock, workspace, did, monkeypatch, caplog) -> None:
    sick, well = make_account(workspace, oa_id="oa-ốm"), make_account(workspace, oa_id="oa-khỏe")

    def hourly(account: OfficialAccount, _: HandClock) -> None:
        if account == sick:
            raise ZeroDivisionError
        did.append(f"watched {account.oa_id}")

    monkeypatch.setattr(watch, "hourly", hourly)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            rounds.run_rounds(clock=clock)
            clock.advance(minutes=1)
    assert did.count(f"watched {well.oa_id}") == 1
    assert f"judged {sick.oa_id}" in did
    assert [record.message for record in caplog.records] == [f"rounds: account {sick.pk}: watched failed"]


def test_zalo_that_does_not_answer_is_not_asked_again_and_our_own_counts_go_on(
    clock, account, did, monkeypatch, caplog
) -> None:
    monkeypatch.setattr(sync, "read_account", fail(ZaloDidNotAnswer("bận")))
    with caplog.at_level(logging.WARNING):
        done = rounds.run_rounds(clock=clock)
    assert f"synced {account.oa_id}" not in did
    assert f"watched {account.oa_id}" in did
    assert (done["unanswered"], done["broken"]) == (1, 0)
    assert "bận" in caplog.text
    assert measure(now=clock.now(), wall=clock.wall()).last_rounds_age_s == 0


def test_the_pulse_stops_when_something_broke(clock, account, did, monkeypatch, caplog) -> None:
    caplog.set_level(logging.CRITICAL)
    monkeypatch.setattr(watch, "nightly", fail(ZeroDivisionError()))
    rounds.run_rounds(clock=clock)
    assert measure(now=clock.now(), wall=clock.wall()).last_rounds_age_s is None


def test_the_bell_hangs_and_rings_the_rounds(db: None, did: list[str], account: OfficialAccount) -> None:
    # Called by hand: a test with real transactions empties the tables after it, what migrations wrote included.
    import_module("campaigns.migrations.0004_rounds_bell").hang(apps, None)
    bell = PeriodicTask.objects.get(name="cdp: rounds")
    assert (bell.task, str(bell.interval), bell.enabled) == (tasks.rounds.name, "every 60 seconds", True)
    tasks.rounds()
    assert f"watched {account.oa_id}" in did


def test_metrics_tell_of_accounts_by_our_number_alone(clock: HandClock, account: OfficialAccount) -> None:
    OfficialAccount.objects.update(grant_refused_at=vn(21), name="Nha khoa Bí Mật")
    told = Client().get("/metrics").content.decode()
    assert f'cdp_account_grant_refused{{account="{account.pk}"}} 1.0' in told
    assert f'cdp_account_reports_left{{account="{account.pk}"}} 401.0' in told
    assert "Bí Mật" not in told
    assert account.oa_id not in told


def test_every_alert_of_the_handbook_has_its_gauge(clock: HandClock, account: OfficialAccount) -> None:
    told = Client().get("/metrics").content.decode()
    page = (ROOT / "docs" / "operations.md").read_text()
    named = set(re.findall(r"expr: .*?(cdp_\w+)", page)) | set(re.findall(r" or (cdp_\w+)", page))
    assert len(named) >= 8
    assert [name for name in named if f"# TYPE {name} gauge" not in told] == []


@pytest.mark.django_db(databases=["default", "sandbox"])
def test_against_the_sandbox_an_hour_brings_its_quota_its_quality_and_its_templates(
    workspace: Workspace, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = connected_to_sandbox(workspace, clock, daily_quota=10_000, quality_7d="MEDIUM")
    wire(monkeypatch, clock)
    done = rounds.run_rounds(clock=clock)
    account.refresh_from_db()
    assert {name: done[name] for name in DUTIES} == dict.fromkeys(DUTIES, 1)
    assert (account.daily_quota, account.quality_7d, account.templates.count()) == (10_000, "MEDIUM", 3)
    assert [change.cause for change in account.quota_changes.all()] == ["told"]
    assert [row.quality_7d for row in account.standing_days.all()] == ["MEDIUM"]
