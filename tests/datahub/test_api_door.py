"""Who may call the API, how often, and how every no is said."""

from __future__ import annotations

import logging
import sqlite3
from datetime import timedelta

import pytest
from django.db import OperationalError

from accounts import tokens
from accounts.models import ApiToken, AuditEntry
from datahub.models import Dataset
from integrations import clock
from tests.datahub.calling import Caller, api_row, make_token
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.datahub.api_urls")]

OPERATIONS = [
    ("GET", "/datasets"),
    ("GET", "/datasets/1/fields"),
    ("GET", "/datasets/1/records"),
    ("POST", "/datasets/1/records"),
    ("GET", "/records/1"),
    ("PATCH", "/records/1"),
    ("GET", "/customers"),
    ("GET", "/messages"),
    ("POST", "/suppressions"),
    ("GET", "/khong-co"),
]


def said(response, status, error):
    assert (response.status_code, response.json()["error"]) == (status, error)
    assert set(response.json()) == {"error", "message", "details"}
    return response


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_401_without_a_token_whatever_is_asked(caller, method, path):
    caller.text = ""
    assert said(caller(method, path), 401, "token.unknown")["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("text", ["cdp_khac", "", "é", "\x7f", "a" * 5000])
def test_401_a_text_that_was_never_given_out(text, db):
    said(Caller(text)("GET", "/datasets"), 401, "token.unknown")


@pytest.mark.parametrize("header", ["{}", "Basic {}", "Token {}", "Bearer", "Bearer x {}"])
def test_401_the_right_token_in_the_wrong_words(caller, header, client):
    response = client.get("/api/v1/datasets", headers={"Authorization": header.format(caller.text)})
    said(response, 401, "token.unknown")


def test_the_word_bearer_may_be_written_small(caller, client):
    assert client.get("/api/v1/datasets", headers={"Authorization": f"bearer  {caller.text}"}).status_code == 200


def test_403_a_token_that_was_taken_back(caller, owner):
    token = ApiToken.objects.get()
    assert tokens.revoke(token=token, actor=owner, now=NOW)
    said(caller("GET", "/datasets"), 403, "token.revoked")
    assert not tokens.revoke(token=token, actor=owner, now=NOW)
    assert AuditEntry.objects.filter(action="token.revoke").count() == 1


def test_404_an_address_that_is_none_and_405_a_method_that_is_none(caller):
    said(caller("GET", "/khong/co"), 404, "not_found")
    said(caller("DELETE", "/khong/co"), 404, "not_found")
    assert caller("DELETE", "/datasets").status_code == 405


def test_404_what_belongs_to_another_clinic(caller, open_table, stranger):
    caller.send(open_table, api_row())
    theirs = Caller(make_token(stranger.memberships.get().workspace, stranger)[1])
    record = open_table.records.get()
    for method, path in [
        ("GET", f"/datasets/{open_table.pk}/fields"),
        ("GET", f"/datasets/{open_table.pk}/records"),
        ("GET", f"/records/{record.pk}"),
        ("GET", f"/messages?record={record.pk}"),
    ]:
        said(theirs(method, path), 404, "not_found")
    said(theirs("PATCH", f"/records/{record.pk}", {"status": "Hủy"}), 404, "not_found")
    said(theirs.send(open_table, api_row()), 404, "not_found")
    assert theirs("GET", "/datasets").json() == []
    assert theirs("GET", "/customers?code=KH001").json() == []


@pytest.mark.parametrize("number", [0, 2**63, 10**40])
def test_404_numbers_that_no_row_can_have(caller, number):
    said(caller("GET", f"/records/{number}"), 404, "not_found")
    said(caller("GET", f"/datasets/{number}/records"), 404, "not_found")


def test_429_after_sixty_calls_at_once_and_again_half_a_second_later(caller, monkeypatch):
    wall = clock.wall()
    monkeypatch.setattr(clock, "wall", lambda: wall)
    assert {caller("GET", "/datasets").status_code for _ in range(60)} == {200}
    response = said(caller("GET", "/datasets"), 429, "rate.exceeded")
    assert response["Retry-After"] == "1"
    wall += timedelta(seconds=1)
    assert [caller("GET", "/datasets").status_code for _ in range(3)] == [200, 200, 429]


def test_another_token_has_a_share_of_its_own(caller, workspace, owner, monkeypatch):
    wall = clock.wall()
    monkeypatch.setattr(clock, "wall", lambda: wall)
    while caller("GET", "/datasets").status_code == 200:
        pass
    assert Caller(make_token(workspace, owner)[1])("GET", "/datasets").status_code == 200


def test_the_last_use_is_kept_to_the_minute(caller, monkeypatch):
    monkeypatch.setattr(clock, "wall", lambda: NOW + timedelta(minutes=3, seconds=17))
    caller("GET", "/datasets")
    assert ApiToken.objects.get().used_at == NOW + timedelta(minutes=3)


def test_503_while_the_database_is_busy(caller, monkeypatch):
    def busy(*_, **__):
        cause = sqlite3.OperationalError("database is locked")
        cause.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise OperationalError from cause

    monkeypatch.setattr(tokens, "take_turn", busy)
    assert said(caller("GET", "/datasets"), 503, "database.busy")["Retry-After"] == "5"


def test_a_broken_database_is_loud(caller, monkeypatch):
    def broken(*_, **__):
        raise OperationalError from sqlite3.OperationalError("no such table")

    monkeypatch.setattr(tokens, "take_turn", broken)
    with pytest.raises(OperationalError):
        caller("GET", "/datasets")


def test_only_a_digest_of_the_token_is_kept(caller):
    token = ApiToken.objects.get()
    kept = " ".join(str(value) for value in vars(token).values())
    assert caller.text not in kept
    assert caller.text.startswith(token.prefix)
    assert token.digest == tokens.digest(caller.text)
    assert caller.text not in str(AuditEntry.objects.values())


def test_neither_token_nor_patient_gets_into_the_log(caller, open_table, caplog, settings):
    settings.DEBUG = True
    caplog.set_level(logging.DEBUG)
    caller.send(open_table, api_row("HD1", phone="0987654321", customer_name="Nguyễn Thị Kín"))
    caller.send(open_table, api_row("HD2", phone="09876"))
    caller("GET", "/customers?phone=0987654321")
    caller("GET", "/khong-co")
    caller("POST", f"/datasets/{open_table.pk}/records", b'{"phone": "0987654321"')
    caller.text = f"x{caller.text}"
    caller("GET", "/datasets")
    told = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    assert told
    assert caller.text[5:] not in told
    assert not any(private in told for private in ("987654321", "09876", "Kín"))


def test_two_live_tokens_of_one_name_are_not_made(workspace, owner, stranger):
    def issue(workspace, actor):
        return tokens.issue(workspace=workspace, name="Phần mềm", actor=actor, now=NOW)

    first = issue(workspace, owner)
    assert first
    assert issue(workspace, owner) is None
    assert issue(stranger.memberships.get().workspace, stranger)
    tokens.revoke(token=first[0], actor=owner, now=NOW)
    assert issue(workspace, owner)


def test_every_call_asks_the_database_little(caller, open_table, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        caller("GET", "/datasets")
    with django_assert_max_num_queries(5):
        caller("GET", f"/datasets/{open_table.pk}/fields")
    assert Dataset.objects.count() == 1
