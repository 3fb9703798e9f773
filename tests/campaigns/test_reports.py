"""The figures of the first page: one message is counted once, on the day it left or was refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Workspace
from campaigns import reports
from campaigns.models import Message, QuotaWindow
from campaigns.states import MessageState as S
from tests.campaigns.story import Clinic, make_account, vn

NOW = vn(21, 15)


@pytest.fixture
def message(clinic: Clinic) -> Message:
    """One message, not yet sent."""
    clinic.visit()
    clinic.at(vn(21, 9))
    clinic.account.blocked_reason = "hold"
    clinic.account.save()
    clinic.at(vn(21, 11))
    return clinic.message()


def become(message: Message, state: S, *, sent_at: datetime | None = None, **changes: Any) -> Message:
    """Another message like it, in this state; written two weeks ago, as one that waited for a quota may have been."""
    twin = Message.objects.get(pk=message.pk)
    twin.pk, twin.state, twin.sent_at, twin.created_at = None, state, sent_at, vn(7, 9)
    twin.dedupe_key = twin.tracking_id = f"twin-{Message.objects.count()}"
    for name, value in changes.items():
        setattr(twin, name, value)
    twin.save()
    return twin


def test_a_day_is_when_the_message_left_not_when_it_was_written(clinic: Clinic, message: Message) -> None:
    become(message, S.SENT, sent_at=vn(21, 8))
    become(message, S.DELIVERED, sent_at=vn(21, 0, 1), delivered_at=vn(21, 9))
    become(message, S.DELIVERED, sent_at=vn(20, 23, 59), delivered_at=vn(21, 0, 1))
    become(message, S.DELIVERED, sent_at=vn(14, 23, 59), delivered_at=vn(21, 0, 1))
    figures = reports.overview(workspace=clinic.workspace, now=NOW)
    assert figures.last_7_days[-2:] == [(vn(20).date(), 1, 1, 0), (vn(21).date(), 2, 1, 0)]
    assert [day.date.day for day in figures.last_7_days] == list(range(15, 22))
    assert (figures.sent_today, figures.delivered_today) == (2, 1)
    assert (figures.hourly[0], figures.hourly[8], sum(figures.hourly)) == (1, 1, 2)


def test_not_gone_out_is_what_zalo_refused_or_lost_not_what_we_left_out(clinic: Clinic, message: Message) -> None:
    become(message, S.SKIPPED, due_at=vn(21, 8))
    become(message, S.CANCELLED, due_at=vn(21, 8))
    become(message, S.FAILED, due_at=vn(21, 8))
    become(message, S.FAILED, due_at=vn(20, 8))
    become(message, S.FAILED, due_at=vn(1, 8))
    become(message, S.UNDELIVERED, sent_at=vn(21, 8))
    figures = reports.overview(workspace=clinic.workspace, now=NOW)
    # A lost message stands among those that did not arrive and nowhere else; today it left us all the same.
    assert [day[1:] for day in figures.last_7_days[-2:]] == [(0, 0, 1), (0, 0, 2)]
    assert figures.sent_today == 1


def test_what_waits_and_what_is_in_doubt(clinic: Clinic, message: Message) -> None:
    become(message, S.UNCONFIRMED)
    become(message, S.SENDING)
    figures = reports.overview(workspace=clinic.workspace, now=NOW)
    assert (figures.waiting, figures.unconfirmed) == (2, 1)
    assert [view for _, view, _ in figures.attention] == ["campaigns:connections", "campaigns:messages"]


def test_another_clinics_messages_are_nobodys_business(clinic: Clinic, message: Message, stranger: Any) -> None:
    become(message, S.SENT, sent_at=vn(21, 8))
    become(message, S.FAILED, due_at=vn(21, 8))
    figures = reports.overview(workspace=Workspace.objects.exclude(pk=clinic.workspace.pk).get(), now=NOW)
    assert (figures.sent_today, figures.waiting, sum(day.failed for day in figures.last_7_days)) == (0, 0, 0)


def test_the_first_page_shows_the_day_of_each_account_and_asks_for_no_month(clinic: Clinic) -> None:
    make_account(clinic.workspace, oa_id="oa-other", name="Z", daily_quota=None)
    QuotaWindow.objects.create(
        account=clinic.account,
        key=f"zalo:{clinic.account.oa_id}:day:2026-11-21",
        rule="daily_quota",
        limit=500,
        ceiling=20_000,
        vendor_limit=500,
        used=3,
        ends_at=vn(22),
    )
    with CaptureQueriesContext(
        connection,
    ) as queries:
        lines = reports.overview(workspace=clinic.workspace, now=NOW).quotas
    assert [(line.rule, line.used, line.limit, line.ends_at) for line in lines] == [
        ("daily_quota", 3, 500, vn(22)),
        ("daily_quota", 0, None, vn(22)),
    ]
    assert not [query for query in queries.captured_queries if "promo-month" in query["sql"]]
