"""Calls at the same moment, each with a connection of its own."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts import tokens
from accounts.models import ApiToken
from datahub.models import Batch, Record, RecordEvent, Source
from integrations import clock
from tests.datahub.calling import Caller, api_row, make_api_source
from tests.datahub.test_ingest_race import together
from tests.datahub.test_json_webhook import ROW, make_json, post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.datahub.api_urls")]


@pytest.fixture(autouse=True)
def _needs_a_server():
    if connection.vendor != "postgresql":
        pytest.skip("the in-memory test database has one connection; SQLite lets one writer in at a time anyway")


def calls(caller, count):
    """As many programs with the same token."""
    return [Caller(caller.text) for _ in range(count)]


def test_one_key_at_once_is_stored_once_and_answered_alike(caller, open_table):
    rows = [api_row(f"r{n}", customer_id=f"KH{n}") for n in range(40)]
    sends = [lambda each=each: each.send(open_table, *rows, key="k") for each in calls(caller, 6)]
    answers = together(*sends)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert (Batch.objects.count(), Record.objects.count(), RecordEvent.objects.count()) == (1, 40, 40)


def test_one_key_at_once_for_two_bodies_takes_one_and_refuses_the_other(caller, open_table):
    sends = [
        lambda each=each, n=n: each.send(open_table, api_row(service=f"Dịch vụ {n}"), key="k")
        for n, each in enumerate(calls(caller, 4))
    ]
    answers = together(*sends)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert (Batch.objects.count(), RecordEvent.objects.count()) == (1, 1)


def test_the_same_rows_under_different_keys_are_taken_in_once(caller, open_table):
    together(*[lambda each=each: each.send(open_table, api_row()) for each in calls(caller, 5)])
    assert (Batch.objects.count(), Record.objects.count(), RecordEvent.objects.count()) == (5, 1, 1)


def test_no_more_calls_than_the_share_get_through_at_once(caller):
    token, wall = ApiToken.objects.get(), clock.wall()

    def many():
        return [tokens.take_turn(token=token, wall_now=wall) for _ in range(20)]

    waits = [wait for answers in together(*[many] * 6) for wait in answers]
    assert waits.count(0) == 60
    assert set(waits) == {0, 1}


def test_opening_a_table_at_once_makes_one_way_in(dataset, owner):
    together(*[lambda: make_api_source(dataset, owner)] * 5)
    assert Source.objects.filter(kind=Source.Kind.API).count() == 1


def test_a_webhook_repeated_at_once_is_taken_in_once(dataset, owner):
    source = make_json(dataset, owner)
    answers = together(*[lambda: post(source, {"rows": [ROW]})] * 5)
    assert len({answer.content for answer in answers}) == 1
    assert (Batch.objects.count(), Record.objects.count(), RecordEvent.objects.count()) == (1, 1, 1)
