"""The sheet webhook's contract, without a server: signatures and bodies."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from integrations.google_sheets.answers import Result, answer
from integrations.google_sheets.protocol import ShapeError, SheetBatch, TooManyRows, Verdict, parse, sign, verify

WALL = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
STAMP = str(int(WALL.timestamp()))
BODY = '{"rows":"Đã gửi"}'.encode()
ROW = {"row_id": "5f0c", "row_number": 17, "request": "Đã gửi", "values": {"Họ và tên": "Hoa"}}


def verdict(*, timestamp=STAMP, signature=None, body=BODY, wall_now=WALL):
    signature = sign("bí mật", timestamp, BODY) if signature is None else signature
    return verify(secret="bí mật", timestamp=timestamp, signature=signature, body=body, wall_now=wall_now)


def test_the_signature_is_hmac_sha256_of_timestamp_dot_body():
    # printf '%s' '1795226400.{}' | openssl dgst -sha256 -hmac secret
    digest = "cba0727a650ff849dacfc678b61ba9c640433f41505a4e61711a2e1a82e5782f"
    assert sign("secret", "1795226400", b"{}") == f"sha256={digest}"


def test_a_true_signature_is_ok():
    assert verdict() is Verdict.OK


@pytest.mark.parametrize("drift_s", [-300, 300])
def test_five_minutes_off_is_still_ok(drift_s):
    assert verdict(wall_now=WALL + timedelta(seconds=drift_s)) is Verdict.OK


@pytest.mark.parametrize("drift_s", [-301, 301, 86_400])
def test_more_than_five_minutes_off_is_stale(drift_s):
    assert verdict(wall_now=WALL + timedelta(seconds=drift_s)) is Verdict.STALE


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": BODY + b" "},
        {"signature": sign("khác", STAMP, BODY)},
        {"signature": sign("bí mật", STAMP, BODY).removeprefix("sha256=")},
        {"signature": sign("bí mật", STAMP, BODY).upper()},
        {"signature": "sha256=é"},
        {"signature": sign("bí mật", "1", BODY)},
        {"timestamp": "hôm nay"},
        {"timestamp": "1e9"},
        {"timestamp": "١"},
        {"timestamp": "9" * 400},
    ],
)
def test_anything_else_is_bad(wrong):
    assert verdict(**wrong) is Verdict.BAD


@pytest.mark.parametrize("missing", [{"timestamp": ""}, {"signature": ""}])
def test_a_missing_header_is_missing(missing):
    assert verdict(**missing) is Verdict.MISSING


# --- bodies ---------------------------------------------------------------------


def parsed(batch_id="b1", rows=(ROW,), **extra):
    return parse(json.dumps({"batch_id": batch_id, "rows": list(rows), **extra}).encode())


def good(**kwargs):
    batch = parsed(**kwargs)
    assert isinstance(batch, SheetBatch), batch
    return batch


def test_a_body_of_the_contract():
    batch = good(sheet={"spreadsheet_id": "1", "sheet_name": "Khách hàng"}, later="ignored")
    (row,) = batch.rows
    assert (batch.batch_id, row.row_id, row.row_number, row.request) == ("b1", "5f0c", 17, "Đã gửi")
    assert row.values == {"Họ và tên": "Hoa"}


def test_an_empty_batch_is_a_batch():
    assert good(rows=[]).rows == []


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("Hoa", "Hoa"),
        (None, ""),
        (True, "TRUE"),
        (False, "FALSE"),
        (912345678, "912345678"),
        (912345678.0, "912345678"),
        (1.125, "1,125"),
        (46347.5, "46347,5"),
        (1e20, "1e+20"),
        (10**400, "#NUM!"),
        (-3, "-3"),
    ],
)
def test_a_cell_of_any_scalar_type_is_its_text(cell, text):
    assert good(rows=[ROW | {"values": {"Ô": cell}}]).rows[0].values == {"Ô": text}


@pytest.mark.parametrize(
    ("typed", "request_"),
    [("Đã gửi", "Đã gửi"), (" đã  GỬI ", "Đã gửi"), ("\u00d0ã gửi", "Đã gửi"), ("Cập nhật lại", "Cập nhật lại")],
)
def test_a_request_is_known_in_any_form(typed, request_):
    assert good(rows=[ROW | {"request": typed}]).rows[0].request == request_


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "body"),
        (b"\xff\xfe", "body"),
        (b"{", "body"),
        (b"[" * 100_000, "body"),
        (b'{"a": NaN}', "body"),
        (b"[]", "body"),
        (b'"rows"', "body"),
        (b"null", "body"),
        (b"{}", "batch_id"),
        (b'{"batch_id":"b1"}', "rows"),
        (b'{"batch_id":"b1","rows":{}}', "rows"),
        (b'{"batch_id":"b1","rows":[1]}', "rows[0]"),
        (b'{"batch_id":1,"rows":[]}', "batch_id"),
        (b'{"batch_id":"","rows":[]}', "batch_id"),
        (b'{"batch_id":"a b","rows":[]}', "batch_id"),
        (b'{"batch_id":"\\u0000","rows":[]}', "batch_id"),
        (b'{"batch_id":"\\ud800","rows":[]}', "batch_id"),
        (b'{"batch_id":"' + b"b" * 81 + b'","rows":[]}', "batch_id"),
    ],
)
def test_what_is_no_batch_says_where(body, where):
    error = parse(body)
    assert isinstance(error, ShapeError)
    assert error.where == where
    assert str(error).startswith(f"{where}: ")


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        ({"row_id": 5}, "rows[1].row_id", "phải là chữ"),
        ({"row_id": ""}, "rows[1].row_id", "không được để trống"),
        ({"row_id": "r" * 81}, "rows[1].row_id", "dài quá 80 ký tự"),
        ({"row_id": "a\x00b"}, "rows[1].row_id", "có ký tự không được dùng"),
        ({"row_number": "17"}, "rows[1].row_number", "phải là số nguyên"),
        ({"row_number": True}, "rows[1].row_number", "phải là số nguyên"),
        ({"row_number": 0}, "rows[1].row_number", "phải là số nguyên từ 1"),
        ({"row_number": 10**12}, "rows[1].row_number", "số quá lớn"),
        ({"request": "Xóa"}, "rows[1].request", "phải là “Đã gửi” hoặc “Cập nhật lại”"),
        ({"request": None}, "rows[1].request", "phải là “Đã gửi” hoặc “Cập nhật lại”"),
        ({"values": ["KH001"]}, "rows[1].values", "phải là một đối tượng {tên cột: giá trị}"),
        ({"values": {"Ô": {"a": 1}}}, "rows[1].values", "cột “Ô” phải là chữ, số, đúng/sai hoặc trống"),
    ],
)
def test_a_wrong_row_says_where_and_what(change, where, what):
    error = parsed(rows=[ROW, ROW | change])
    assert error == ShapeError(where, what)


@pytest.mark.parametrize("key", ["row_id", "row_number", "request", "values"])
def test_a_row_needs_all_its_keys(key):
    assert parsed(rows=[{k: v for k, v in ROW.items() if k != key}]) == ShapeError(f"rows[0].{key}", "thiếu trường này")


def test_the_words_of_an_error_never_quote_the_body():
    secret = "0912345678"
    for body in (f'{{"a": {secret}x}}', f'{{"batch_id": "{secret} {secret}", "rows": []}}'):
        assert secret not in str(parse(body.encode()))


def test_five_hundred_rows_are_enough():
    assert len(good(rows=[ROW] * 500).rows) == 500
    assert parsed(rows=[ROW] * 501) == TooManyRows(501)


def test_an_answer_has_the_contracts_keys():
    body = json.loads(answer("b1", [Result("r1", 2, accepted=True, status="Đã gửi", note="mai")]))
    result = {"row_id": "r1", "row_number": 2, "accepted": True, "status": "Đã gửi", "errors": [], "note": "mai"}
    assert body == {"batch_id": "b1", "results": [result]}
