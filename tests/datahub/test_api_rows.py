"""Rows that a clinic's own software sends: judged, stored and answered as a sheet's are, and only once."""

from __future__ import annotations

import json

import pytest

from datahub.models import Batch, Customer, Record, RecordEvent, SheetRow, Source
from datahub.programs import api_source, set_open
from integrations.google_sheets import protocol
from tests.datahub.calling import ROW, Caller, api_row, make_api_source, make_token
from tests.datahub.posting import everything
from tests.factories import NOW, make_dataset, make_field

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.datahub.api_urls")]


def refused(response, status, error):
    """One shape for every no, and nothing stored."""
    assert (response.status_code, response["Content-Type"]) == (status, "application/json")
    body = response.json()
    assert set(body) == {"error", "message", "details"}
    assert body["error"] == error
    assert body["message"].endswith(".")
    assert not any(model.objects.exists() for model in (Batch, Customer, Record, RecordEvent, SheetRow))
    return body


def test_right_and_wrong_rows_get_the_sheets_verdicts(caller, open_table):
    response = caller.send(open_table, api_row("HD1"), api_row("HD2", phone="09123"), key="lan-1")
    assert response.status_code == 200
    body = response.json()
    assert body["batch_id"] == "lan-1"
    right, wrong = body["results"]
    assert (right["row_id"], right["row_number"], right["accepted"], right["errors"]) == ("HD1", 1, True, [])
    assert wrong["status"] == "Số điện thoại “09123”: thiếu chữ số, cần 10 số, ví dụ 0912345678"
    assert wrong["errors"][0]["code"] == "phone.too_short"
    record = Record.objects.get()
    assert (record.row_id, record.phone, record.values["visit_date"]) == ("HD1", "84912345678", "2026-11-21")
    assert SheetRow.objects.get(accepted=False).row_id == "HD2"


def test_column_names_serve_as_well_as_keys_and_an_unknown_one_is_told(caller, open_table):
    values = {"Mã khách hàng": "KH1", "họ và tên": "Lan", "phone": 912345678, "so_dt": "x", "status": None}
    result = caller.send(open_table, {"id": "1", "values": values}).json()["results"][0]
    assert result["accepted"]
    assert result["note"].endswith("Không đọc cột: so_dt")
    assert Record.objects.get().values["customer_name"] == "Lan"


def test_a_column_named_as_another_columns_key_is_that_column(caller, open_table):
    make_field(open_table, "phone number")
    key = make_field(open_table, "doctor").key
    caller.send(open_table, api_row(doctor="Nam"))
    assert Record.objects.get().values[key] == "Nam"


def test_the_same_id_again_is_a_correction_wherever_it_stands(caller, open_table):
    caller.send(open_table, api_row("A"), api_row("B", customer_id="KH2"))
    caller.send(open_table, api_row("B", customer_id="KH3", phone="0987654321", customer_name="Bình"))
    assert Record.objects.count() == 2
    assert Record.objects.get(row_id="B").values["customer_id"] == "KH3"


def test_one_id_twice_in_a_call_is_read_once_and_the_second_says_so(caller, open_table):
    first, second = caller.send(open_table, api_row("A"), api_row("A", service="Khác")).json()["results"]
    assert first["accepted"]
    assert not second["accepted"]
    assert "có cùng mã với dòng 1" in second["status"]
    assert "ẩn" not in second["status"]


def test_the_same_key_and_body_get_the_same_bytes_and_change_nothing(caller, open_table):
    first = caller.send(open_table, api_row(), key="k")
    before = everything()
    assert caller.send(open_table, api_row(), key="k").content == first.content
    assert everything() == before
    assert Batch.objects.count() == 1


def test_409_the_same_key_with_another_body(caller, open_table):
    caller.send(open_table, api_row(), key="k")
    before = everything()
    response = caller.send(open_table, api_row(service="Khác"), key="k")
    assert (response.status_code, response.json()["error"]) == (409, "idempotency_key.reused")
    assert everything() == before


def test_a_key_belongs_to_its_table(caller, open_table, workspace, owner):
    other = make_dataset(workspace)
    make_api_source(other, owner)
    assert caller.send(open_table, api_row(), key="k").status_code == 200
    assert caller.send(other, api_row(), key="k").status_code == 200
    assert Record.objects.count() == 2


def test_a_new_token_meets_the_rows_of_the_old_one(caller, open_table, workspace, owner):
    caller.send(open_table, api_row("A"))
    Caller(make_token(workspace, owner)[1]).send(open_table, api_row("A", service="Khác"))
    assert Record.objects.get().values["service"] == "Khác"


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 81, "é"])
def test_422_a_key_of_the_wrong_shape(caller, open_table, key):
    path = f"/datasets/{open_table.pk}/records"
    body = refused(caller("POST", path, {"rows": []}, Idempotency_Key=key), 422, "call.shape")
    assert body["details"][0]["where"] == "Idempotency-Key"


def test_422_no_key(caller, open_table):
    body = refused(caller("POST", f"/datasets/{open_table.pk}/records", {"rows": []}), 422, "call.shape")
    assert body["message"] == "Idempotency-Key: thiếu trường này."


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        (None, "rows"),
        ({}, "rows"),
        ([1], "rows[0]"),
        ([{"id": "1"}], "rows[0].values"),
        ([{"id": "1", "values": []}], "rows[0].values"),
        ([{"id": 1, "values": {}}], "rows[0].id"),
        ([{"id": "a b", "values": {}}], "rows[0].id"),
        ([{"id": "x" * 81, "values": {}}], "rows[0].id"),
        ([{"id": "1", "values": {"phone": {"a": 1}}}], "rows[0].values"),
        ([{"id": "1", "values": {}}, {"values": {}}], "rows[1].id"),
    ],
)
def test_422_says_where_the_body_is_not_of_the_shape(caller, open_table, rows, where):
    path = f"/datasets/{open_table.pk}/records"
    body = refused(caller("POST", path, {"rows": rows}, Idempotency_Key="k"), 422, "call.shape")
    assert body["details"][0]["where"] == where


@pytest.mark.parametrize("raw", [b"{", b"\xff", b'{"rows": NaN}', b"[" * 100_000, b'{"rows": [' * 50_000])
def test_400_what_is_no_json(caller, open_table, raw):
    path = f"/datasets/{open_table.pk}/records"
    refused(caller("POST", path, raw, Idempotency_Key="k"), 400, "body.not_json")


def test_422_no_body_at_all_or_another_json(caller, open_table):
    path = f"/datasets/{open_table.pk}/records"
    refused(caller("POST", path, b"", Idempotency_Key="k"), 422, "call.shape")
    refused(caller("POST", path, b"[]", Idempotency_Key="k"), 422, "body.shape")


def test_413_more_than_500_rows(caller, open_table):
    refused(caller.send(open_table, *[api_row(f"r{n}") for n in range(501)]), 413, "rows.too_many")


@pytest.mark.parametrize("size", [2_000_001, 2_200_000])
def test_413_more_than_two_megabytes(caller, open_table, size):
    path = f"/datasets/{open_table.pk}/records"
    refused(caller("POST", path, b" " * size, Idempotency_Key="k"), 413, "body.too_large")


def test_423_a_table_that_is_not_open_to_tokens(caller, dataset, owner):
    assert int(caller.send(dataset, api_row())["Retry-After"]) > 0
    refused(caller.send(dataset, api_row()), 423, "source.closed")
    set_open(source=make_api_source(dataset, owner), is_open=False, actor=owner, now=NOW)
    refused(caller.send(dataset, api_row()), 423, "source.closed")


def test_the_sync_campaign_neither_opens_nor_closes_the_way_of_tokens(caller, dataset, source, owner):
    from datahub.sources import close_source, open_source

    close_source(source=source)
    api = make_api_source(dataset, owner)
    set_open(source=api, is_open=False, actor=owner, now=NOW)
    open_source(source=source)
    assert not Source.objects.get(pk=api.pk).is_open
    set_open(source=api, is_open=True, actor=owner, now=NOW)
    close_source(source=source)
    assert Source.objects.get(pk=api.pk).is_open
    assert not Source.objects.get(pk=source.pk).is_open


def test_opening_twice_makes_one_source(dataset, owner):
    assert make_api_source(dataset, owner) == make_api_source(dataset, owner) == api_source(dataset)


@pytest.mark.parametrize("cell", ["\x00", "\ud800", "👩‍⚕️" * 200, "=HYPERLINK()", 10**400, -0.0, 1e308, True])
def test_odd_cells_are_judged_not_feared(caller, open_table, cell):
    raw = json.dumps({"rows": [{"id": "1", "values": ROW | {"service": cell}}]}).encode()
    response = caller("POST", f"/datasets/{open_table.pk}/records", raw, Idempotency_Key="k")
    assert response.status_code == 200
    json.loads(response.content.decode())


@pytest.mark.parametrize("name", ["\ud800", "\x00", "x" * 5000])
def test_odd_column_names_are_told_or_left_alone(caller, open_table, name):
    raw = json.dumps({"rows": [{"id": "1", "values": ROW | {name: "x"}}]}).encode()
    response = caller("POST", f"/datasets/{open_table.pk}/records", raw, Idempotency_Key="k")
    assert response.json()["results"][0]["accepted"]


def test_half_a_surrogate_pair_as_an_id_is_no_500(caller, open_table):
    raw = json.dumps({"rows": [{"id": "\ud800", "values": ROW}]}).encode()
    response = caller("POST", f"/datasets/{open_table.pk}/records", raw, Idempotency_Key="k")
    refused(response, 422, "call.shape")


def test_500_rows_take_as_few_queries_as_one(caller, open_table, django_assert_max_num_queries):
    rows = [api_row(f"r{n}", customer_id=f"KH{n}") for n in range(protocol.MAX_ROWS)]
    with django_assert_max_num_queries(24):
        assert caller.send(open_table, *rows).status_code == 200
    assert Record.objects.count() == 500


def test_an_empty_call_is_answered(caller, open_table):
    assert caller.send(open_table).json()["results"] == []
