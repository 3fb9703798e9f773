"""What a mapping finds in a body, and that no body frightens it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datahub.json.mapping import JsonMapping, evaluate, extract
from datahub.json.paths import lists, look, read, rows_at
from datahub.json.presets import find, presets
from datahub.json.signatures import is_signed
from datahub.rows import CleanRow, clean
from datahub.schema import FieldSpec, Schema
from datahub.tables import REFERENCE_SCHEMA

PAYLOADS = Path(__file__).parent / "payloads"
REFERENCE = Schema(
    tuple(FieldSpec(**{**field, "choices": tuple(field.get("choices", ()))}) for field in REFERENCE_SCHEMA)
)
ROW = {"a": " x ", "b": {"c": 5, "d": None}}
BODY = {"shop": {"name": "Cơ sở 1"}, "rows": [ROW, {"a": "", "l": [{"n": 1.5}]}, 7]}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=5), inside, max_size=4),
    max_leaves=20,
)
paths = st.text(st.sampled_from("ab.*$0 +|="), max_size=12) | st.text(max_size=8)


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("a", "x"),
        ("b.c", "5"),
        ("b.d", None),
        ("b", None),
        ("rows", None),
        ("", None),
        ("khong.co", None),
        ("$.shop.name", "Cơ sở 1"),
        ("$.rows.1.l.0.n", "1,5"),
        ("a + b.c", "x 5"),
        ("a + khong", "x"),
        ("khong | b.c", "5"),
        ("khong + b.d | a", "x"),
        ("= cố định", "cố định"),
        ("=", None),
    ],
)
def test_an_expression_says(expression, told):
    assert evaluate(expression, ROW, BODY) == told


@pytest.mark.parametrize(
    ("path", "count"),
    [("rows", 2), ("rows.*", 2), ("rows.*.l", 1), ("rows.1.l", 1), ("", 1), ("shop", 1), ("shop.name", 0), ("*", 0)],
)
def test_rows_are_the_objects_of_a_list(path, count):
    assert len(rows_at(BODY, path)) == count


def test_a_body_that_is_a_list_has_a_row_an_element():
    assert len(rows_at([{}, {}, 1, []], "")) == 2


def test_a_sample_shows_its_paths_and_its_lists():
    assert [(seen.path, seen.value) for seen in look(ROW)] == [("a", " x "), ("b.c", "5"), ("b.d", "")]
    assert lists(BODY) == ["rows", "rows.*.l"]


def test_each_path_that_a_required_column_misses_is_named():
    mapping = JsonMapping(row_id="id", fields={"customer_id": "ma", "customer_name": "= Hoa", "service": "dv"})
    [row] = extract({"x": 1}, mapping, REFERENCE)
    assert [(error.column, error.code) for error in row.errors] == [
        ("Mã dòng", "path.missing"),
        ("Mã khách hàng", "path.missing"),
        ("Số điện thoại", "path.missing"),
    ]
    assert "“ma”" in row.errors[1].message
    assert "chưa được ghép" in row.errors[2].message


def test_their_words_become_ours():
    mapping = JsonMapping(row_id="id", fields={"status": "s"}, values={"status": {"Hoàn Thành": "Đã hoàn thành"}})
    rows = extract([{"s": "hoàn  thành"}, {"s": "khác"}], mapping, REFERENCE)
    assert [row.values["status"] for row in rows] == ["Đã hoàn thành", "khác"]


def test_ids_fit_and_stay_apart():
    mapping = JsonMapping(row_id="id")
    rows = extract([{"id": "a b"}, {"id": "x" * 90}, {"id": "x" * 91}, {"n": 1}, {"n": 2}], mapping, REFERENCE)
    ids = [row.row_id for row in rows]
    assert ids[0] == "a_b"
    assert len(set(ids)) == 5
    assert all(len(each) <= 80 and not any(map(str.isspace, each)) for each in ids)


@given(anything, paths, paths, paths)
def test_no_body_and_no_mapping_makes_it_raise(body, rows, row_id, path):
    mapping = JsonMapping(rows=rows, row_id=row_id, fields={"phone": path, "service": path})
    for row in extract(body, mapping, REFERENCE):
        assert 0 < len(row.row_id) <= 80
        row.row_id.encode()
        clean({"Số điện thoại": row.values.get("phone", "")}, REFERENCE, date(2026, 11, 21))
    look(body)
    lists(body)
    read(body, path)


def test_a_deep_and_a_huge_body_are_looked_at_in_bounds():
    deep: object = "x"
    for _ in range(800):
        deep = {"a": deep}
    assert look(deep) == []
    assert len(look({f"k{n}": n for n in range(5000)})) == 150
    assert lists([[{}]] * 5000) == ["*"]


SAMPLES = sorted(path.stem for path in PAYLOADS.glob("*.json"))


def test_every_kind_of_body_of_every_preset_has_a_sample():
    assert sorted(f"{preset.key}.{payload.key}" for preset in presets() for payload in preset.payloads) == SAMPLES


@pytest.mark.parametrize("name", SAMPLES)
def test_a_preset_reads_its_sample(name):
    found = find(name)
    assert found
    preset, payload = found
    assert preset.told.pages
    rows = extract(json.loads((PAYLOADS / f"{name}.json").read_text()), preset.mapping(payload), REFERENCE)
    assert rows
    first = dict(rows[0].values) | ({"phone": "0912345678"} if name == "kiotviet.invoice" else {})
    labels = {spec.key: spec.label for spec in REFERENCE.fields}
    outcome = clean({labels[key]: value for key, value in first.items()}, REFERENCE, date(2026, 11, 21))
    assert isinstance(outcome, CleanRow), outcome
    assert (outcome.values["customer_name"], outcome.values["phone"]) == ("Nguyễn Thị Hoa", "84912345678")
    if "visit_date" in payload.fields:
        assert outcome.values["visit_date"] == "2026-11-20"
        assert outcome.values["service"]
        assert outcome.values["status"] in ("Đã hoàn thành", "Đặt lịch")


def test_a_preset_speaks_of_columns_and_statuses_of_the_reference_table():
    keys = {spec.key for spec in REFERENCE.fields}
    statuses = set(next(spec.choices for spec in REFERENCE.fields if spec.key == "status"))
    for preset in presets():
        for payload in preset.payloads:
            assert set(payload.fields) <= keys
            assert set(payload.values.get("status", {}).values()) <= statuses


HEX = hmac.new(b"khoa", b"{}", hashlib.sha256).hexdigest()
B64 = base64.b64encode(bytes.fromhex(HEX)).decode()


@pytest.mark.parametrize(
    ("style", "said", "signed"),
    [
        ("none", "", True),
        ("token", "khoa", True),
        ("token", "Bearer khoa", True),
        ("token", "khoA", False),
        ("token", "", False),
        ("hmac_hex", HEX, True),
        ("hmac_hex", f"sha256={HEX}", True),
        ("hmac_hex", f"sha1={HEX.upper()}", True),
        ("hmac_hex", HEX[:-1], False),
        ("hmac_hex", B64, False),
        ("hmac_base64", B64, True),
        ("hmac_base64", HEX, False),
        ("hmac_base64", "é\ud800", False),
    ],
)
def test_a_signature_proves_the_body(style, said, signed):
    assert is_signed(style=style, said=said, secret="khoa", body=b"{}") is signed
    if style != "none":
        assert not is_signed(style=style, said=said, secret="khác", body=b"{}")
        assert not is_signed(style=style, said="", secret="", body=b"{}")
    if style.startswith("hmac"):
        assert not is_signed(style=style, said=said, secret="khoa", body=b"{ }")
