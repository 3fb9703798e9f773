"""The sheet webhook over HTTP, line by line of its contract."""

import json
import logging
import sqlite3
from datetime import timedelta

import psycopg
import pytest
from django.db import OperationalError
from django.test import Client

from datahub import webhooks
from datahub.models import Batch, Customer, Record, RecordEvent, SheetRow
from datahub.sources import close_source
from integrations import clock
from tests.factories import as_bytes, make_source, sheet_batch, sheet_row, signed, visit

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.datahub.urls")]


@pytest.fixture
def post(source):
    """Post a body (a mapping, or raw bytes) to the source's address, signed now unless told otherwise."""
    client = Client(enforce_csrf_checks=True)

    def _post(body, *, key=source.key, secret=source.secret, at=None, headers=None):
        raw = body if isinstance(body, bytes) else as_bytes(body)
        signature = signed(secret, raw, at or clock.wall()) if headers is None else headers
        return client.post(f"/hooks/sheets/{key}", raw, content_type="application/json", **signature)

    return _post


def assert_refused(response, status, error):
    """The error's exact keys, a sentence for the operator and one for the cell; and nothing stored."""
    assert response.status_code == status
    body = response.json()
    assert set(body) == {"error", "message", "status"}
    assert body["error"] == error
    assert body["message"]
    assert body["status"]
    # The script sends such rows again every five minutes, for ever.
    assert not body["status"].startswith("Chưa gửi được: ")
    assert not any(model.objects.exists() for model in (Batch, Customer, Record, RecordEvent, SheetRow))
    return body


def test_200_answers_every_row_in_order_with_the_contracts_keys(post, source):
    right = sheet_row(visit(Số_điện_thoại="912345678"), row_id="5f0c", number=17)
    wrong = sheet_row(visit(Số_điện_thoại="09123"), row_id="77aa", number=18)
    response = post(sheet_batch(right, wrong, batch_id="b1c9"))
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    body = response.json()
    assert list(body) == ["batch_id", "results"]
    assert body["batch_id"] == "b1c9"
    first, second = body["results"]
    assert list(first) == list(second) == ["row_id", "row_number", "accepted", "status", "errors", "note"]
    assert first["note"].startswith("5f0c lúc ")
    assert first | {"note": ""} == {
        "row_id": "5f0c", "row_number": 17, "accepted": True, "status": "Đã gửi", "errors": [], "note": "",
    }  # fmt: skip
    assert second["status"] == "Số điện thoại “09123”: thiếu chữ số, cần 10 số, ví dụ 0912345678"
    assert list(second["errors"][0]) == ["column", "code", "message", "suggestion"]
    source.refresh_from_db()
    assert source.last_seen_at is not None


def test_the_same_call_twice_is_answered_with_the_same_bytes(post):
    body = sheet_batch(sheet_row(visit()))
    assert post(body).content == post(body).content
    assert Batch.objects.count() == 1


def test_400_not_json(post):
    body = assert_refused(post(b"{"), 400, "body.shape")
    assert body["message"].startswith("body: không phải JSON")


def test_400_not_this_shape_says_what_and_where(post):
    batch = sheet_batch(sheet_row(visit()), sheet_row(visit()) | {"row_number": "x"})
    assert assert_refused(post(batch), 400, "body.shape")["message"] == "rows[1].row_number: phải là số nguyên."


def test_401_wrong_secret(post):
    assert_refused(post(sheet_batch(), secret="khác"), 401, "signature.bad")


@pytest.mark.parametrize("missing", ["HTTP_X_CDP_TIMESTAMP", "HTTP_X_CDP_SIGNATURE"])
def test_401_a_missing_header(post, source, missing):
    raw = as_bytes(sheet_batch())
    headers = signed(source.secret, raw, clock.wall())
    del headers[missing]
    assert_refused(post(raw, headers=headers), 401, "signature.missing")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_401_more_than_five_minutes_off(post, minutes):
    response = post(sheet_batch(), at=clock.wall() + timedelta(minutes=minutes))
    assert_refused(response, 401, "signature.stale")


def test_the_signature_is_judged_by_the_wall_clock_not_by_the_sandboxs(post, settings, monkeypatch):
    # The sandbox lives a week ahead; what it stores is dated so, what it trusts is not.
    settings.CDP_SANDBOX = True
    monkeypatch.setattr(clock, "_offset", lambda: timedelta(days=7))
    assert_refused(post(sheet_batch(), at=clock.now()), 401, "signature.stale")
    assert post(sheet_batch(sheet_row(visit()))).status_code == 200
    assert Record.objects.get().created_at > clock.wall() + timedelta(days=6)


@pytest.mark.parametrize("key", ["khong-co", "0" * 24, "%00", "%F0%9F%92%99", "a" * 500])
def test_404_unknown_source(post, key):
    assert_refused(post(sheet_batch(), key=key), 404, "source.unknown")


def test_409_a_batch_id_reused_with_another_body(post):
    post(sheet_batch(sheet_row(visit()), batch_id="b1"))
    response = post(sheet_batch(sheet_row(visit(Dịch_vụ="Khác")), batch_id="b1"))
    assert (response.status_code, response.json()["error"]) == (409, "batch.reused")
    assert Record.objects.get().values["service"] == "Nhổ răng"


def test_413_over_five_hundred_rows(post):
    rows = [sheet_row(visit(), row_id=f"r{n}") for n in range(501)]
    assert "501" in assert_refused(post(sheet_batch(*rows)), 413, "rows.too_many")["message"]


@pytest.mark.parametrize("size", [2_000_001, 2_200_000])
def test_413_over_two_megabytes(post, size):
    assert_refused(post(b" " * size), 413, "body.too_large")


def test_two_megabytes_are_read(post):
    batch = sheet_batch(sheet_row(visit(Ghi_chú="")))
    filling = "x" * (2_000_000 - len(as_bytes(batch)))
    batch["rows"][0]["values"]["Ghi chú"] = filling
    assert len(as_bytes(batch)) == 2_000_000
    assert post(batch).status_code == 200


def test_423_the_sync_campaign_is_not_active(post, source):
    close_source(source=source)
    body = assert_refused(post(sheet_batch(sheet_row(visit()))), 423, "source.closed")
    assert body["status"].startswith("Chiến dịch đồng bộ chưa được kích hoạt")


def sqlite_error(code, words="Hoa 0912345678"):
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return error


def failing(cause):
    """A database that fails as Django tells it: its own error, caused by the driver's."""

    def fail(**_):
        raise OperationalError(str(cause)) from cause

    return fail


@pytest.mark.parametrize(
    "cause",
    [
        sqlite_error(sqlite3.SQLITE_BUSY, "database is locked"),
        sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT, "database is locked"),
        sqlite_error(sqlite3.SQLITE_LOCKED, "database table is locked"),
        psycopg.errors.SerializationFailure("could not serialize access"),
        psycopg.errors.DeadlockDetected("deadlock detected"),
        psycopg.errors.LockNotAvailable("canceling statement due to lock timeout"),
        psycopg.errors.QueryCanceled("canceling statement due to statement timeout"),
        psycopg.errors.ConnectionFailure("server closed the connection"),
        psycopg.errors.AdminShutdown("terminating connection"),
        psycopg.errors.TooManyConnections("sorry, too many clients already"),
        psycopg.OperationalError("connection refused"),
    ],
    ids=lambda cause: type(cause).__name__,
)
def test_503_a_busy_database_says_when_to_come_again(post, monkeypatch, cause):
    monkeypatch.setattr(webhooks, "ingest", failing(cause))
    response = post(sheet_batch(sheet_row(visit())))
    assert_refused(response, 503, "database.busy")
    assert response["Retry-After"] == "5"


@pytest.mark.parametrize(
    "cause",
    [
        sqlite_error(sqlite3.SQLITE_ERROR, "no such table: datahub_source"),
        sqlite_error(sqlite3.SQLITE_FULL, "database or disk is full"),
        psycopg.errors.DiskFull("could not extend file"),
        None,
    ],
    ids=lambda cause: type(cause).__name__,
)
def test_a_fault_that_waiting_does_not_mend_is_loud(post, monkeypatch, cause):
    monkeypatch.setattr(webhooks, "ingest", failing(cause))
    with pytest.raises(OperationalError):
        post(sheet_batch(sheet_row(visit())))


def test_a_length_that_is_no_number_is_a_wrong_signature(post, source):
    headers = signed(source.secret, b"{}", clock.wall()) | {"CONTENT_LENGTH": "abc"}
    assert_refused(post(b"{}", headers=headers), 401, "signature.bad")


STRANGE = ["\ud800", "a\ud800b", "\x00", "a\x00b", "\udfff\ud800"]


def escaped(*rows, **changes):
    """A batch as a script sends characters that UTF-8 has no bytes for."""
    return json.dumps(sheet_batch(*rows, **changes)).encode()


@pytest.mark.parametrize("strange", STRANGE)
def test_a_column_of_strange_characters_is_named_without_them(post, strange):
    batch = escaped(sheet_row(visit() | {f"Lạ{strange}": []}))
    assert "cột “Lạ" in assert_refused(post(batch), 400, "body.shape")["message"]


@pytest.mark.parametrize("column", [*visit(), "Cột lạ"])
@pytest.mark.parametrize("strange", STRANGE)
def test_strange_characters_in_any_cell_or_header_are_answered(post, strange, column):
    right = visit(Số_điện_thoại="912345678")
    rows = [
        right | {column: strange},
        right | {column: f"{right.get(column, '')}{strange}"},
        right | {f"{column}{strange}": "x"},
        right | {column: strange * 300, "Số điện thoại": f"{strange}12"},
    ]
    batch = escaped(*(sheet_row(row, row_id=f"r{n}", number=n + 2) for n, row in enumerate(rows)))
    assert post(batch).status_code == 200
    assert len(post(batch).json()["results"]) == 4


@pytest.mark.parametrize("field", ["row_id", "request", "row_number"])
@pytest.mark.parametrize("strange", STRANGE)
def test_strange_characters_elsewhere_are_refused(post, strange, field):
    assert_refused(post(escaped(sheet_row(visit()) | {field: strange})), 400, "body.shape")
    assert_refused(post(escaped(sheet_row(visit()), batch_id=f"b{strange}")), 400, "body.shape")


def test_refusals_come_in_the_contracts_order(post, source):
    """Each call has every later fault too, so the first answer proves the order."""
    close_source(source=source)
    shapeless, large = b"{", b"{" * 2_000_001
    assert post(large, key="khongco", secret="khác").status_code == 404
    assert post(large, secret="khác").status_code == 413
    assert post(shapeless, secret="khác").status_code == 401
    assert post(shapeless).status_code == 400
    assert post(sheet_batch(*[sheet_row({})] * 501)).status_code == 413
    assert post(sheet_batch()).status_code == 423


def test_405_only_post(source, client):
    assert client.get(f"/hooks/sheets/{source.key}").status_code == 405


def test_another_sources_secret_does_not_open_this_one(post, dataset):
    assert_refused(post(sheet_batch(), secret=make_source(dataset).secret), 401, "signature.bad")


def test_no_personal_data_in_the_log(post, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    post(sheet_batch(sheet_row(visit(Số_điện_thoại="0912345")), sheet_row(visit(), row_id="r2")))
    post(b'{"x": "0912345678')
    monkeypatch.setattr(webhooks, "ingest", failing(sqlite_error(sqlite3.SQLITE_BUSY)))
    post(sheet_batch(sheet_row(visit())))
    logged = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    assert "Hoa" not in logged
    assert "0912345" not in logged
    assert "database busy" in logged


def test_the_answer_is_readable_vietnamese_not_escapes(post):
    assert "Đã gửi" in post(sheet_batch(sheet_row(visit()))).content.decode()
    assert json.loads(post(sheet_batch()).content)["results"] == []
