"""A program posts JSON: signed as its source says, answered at once, each row judged as a sheet's."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from pathlib import Path

import pytest
from django.test import Client

from datahub.json.intake import try_out
from datahub.json.mapping import JsonMapping, Signature
from datahub.json.presets import find
from datahub.models import Batch, Customer, Record, RecordEvent, SheetRow, Source
from datahub.programs import set_open
from datahub.sources import create_source
from tests.datahub.posting import everything
from tests.factories import NOW, make_dataset, make_source

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.datahub.api_urls")]

PAYLOADS = Path(__file__).parent / "payloads"
FIELDS = {"customer_id": "ma", "customer_name": "ten", "phone": "dt", "service": "dv"}
PLAIN = JsonMapping(rows="rows", row_id="id", fields=FIELDS, delivery="X-Delivery")
ROW = {"id": 7, "ma": "KH1", "ten": "Hoa", "dt": 912345678, "dv": "Nhổ răng"}


def make_json(dataset, owner, mapping=PLAIN, *, is_open=True):
    """A JSON source with this mapping."""
    source = create_source(dataset=dataset, name="Phần mềm", kind=Source.Kind.JSON)
    source.mapping = mapping.model_dump()
    source.save(update_fields=["mapping"])
    if is_open:
        set_open(source=source, is_open=True, actor=owner, now=NOW)
    return source


@pytest.fixture
def program(dataset, owner):
    return make_json(dataset, owner)


def post(source, body, *, key="", **headers):
    """A call with the source's token, unless told otherwise."""
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    sent = {"X-Webhook-Token": source.secret} | {name.replace("_", "-"): value for name, value in headers.items()}
    client = Client(enforce_csrf_checks=True)
    return client.post(f"/hooks/json/{key or source.key}", raw, content_type="application/json", headers=sent)


def refused(response, status, error):
    assert (response.status_code, response.json()["error"]) == (status, error)
    assert set(response.json()) == {"error", "message", "details"}
    assert not any(model.objects.exists() for model in (Batch, Customer, Record, RecordEvent, SheetRow))
    return response.json()["message"]


def test_rows_are_judged_and_the_wrong_ones_wait_in_dong_loi(program):
    response = post(program, {"rows": [ROW, {"id": 8, "ma": "KH2", "ten": "Bình", "dt": "09123"}, {"ten": "Ai"}]})
    assert response.status_code == 200
    right, wrong, nameless = response.json()["results"]
    assert (right["row_id"], right["accepted"]) == ("7", True)
    assert wrong["errors"][0]["code"] == "phone.too_short"
    assert [(error["column"], error["code"]) for error in nameless["errors"]] == [
        ("Mã dòng", "path.missing"),
        ("Mã khách hàng", "path.missing"),
        ("Số điện thoại", "path.missing"),
    ]
    assert "“dt”" in nameless["status"]
    assert Record.objects.get().values["service"] == "Nhổ răng"
    kept = SheetRow.objects.filter(accepted=False).order_by("row_number")
    assert [row.row_number for row in kept] == [2, 3]
    assert kept[1].errors[0]["column"] == "Mã dòng"
    assert kept[1].values == {"Họ và tên": "Ai"}


def test_the_raw_body_is_kept_and_the_same_call_changes_nothing(program):
    first = post(program, {"rows": [ROW]}, X_Delivery="d1")
    before = everything()
    assert post(program, {"rows": [ROW]}, X_Delivery="d1").content == first.content
    assert everything() == before
    assert json.loads(Batch.objects.get().body) == {"rows": [ROW]}


def test_an_id_of_a_call_repeated_with_news_brings_the_news(program):
    post(program, {"rows": [ROW], "Attempt": 1}, X_Delivery="d1")
    assert post(program, {"rows": [ROW | {"dv": "Khác"}], "Attempt": 2}, X_Delivery="d1").status_code == 200
    assert Record.objects.get().values["service"] == "Khác"
    assert post(program, {"rows": [ROW | {"dv": "Khác"}], "Attempt": 3}, X_Delivery="d1").status_code == 200
    assert (Record.objects.get().revision, RecordEvent.objects.count()) == (2, 2)


def test_a_mended_row_leaves_dong_loi(program):
    post(program, {"rows": [ROW | {"dt": "x"}]})
    assert not SheetRow.objects.get().accepted
    post(program, {"rows": [ROW]})
    assert SheetRow.objects.get().accepted


@pytest.mark.parametrize("body", [{}, [], 5, None, "x", {"rows": {}}, {"rows": "x"}, {"ping": True}])
def test_a_body_without_rows_is_fine(program, body):
    response = post(program, body)
    assert response.status_code == 200
    told = response.json()["results"]
    assert told == [] or not told[0]["accepted"]


def test_name_and_phone_come_from_the_known_customer_where_only_the_code_is_sent(program, owner, stranger):
    theirs = make_json(make_dataset(stranger.memberships.get().workspace), stranger)
    post(theirs, {"rows": [ROW | {"ma": "KH9", "ten": "Lạ"}]})
    post(program, {"rows": [ROW]})
    answer = post(program, {"rows": [{"id": 9, "ma": "kh1", "dv": "Tái khám"}, {"id": 10, "ma": "KH9"}]}).json()
    known, unknown = answer["results"]
    assert known["accepted"]
    assert not unknown["accepted"]
    visit = Record.objects.get(source=program, row_id="9")
    assert (visit.values["customer_name"], visit.phone) == ("Hoa", "84912345678")


def test_401_says_which_header_and_how(program):
    message = refused(post(program, {"rows": [ROW]}, X_Webhook_Token="khác"), 401, "signature.bad")
    assert message == "Header X-Webhook-Token thiếu hoặc không khớp: phải đúng bằng mã bí mật của nguồn."
    refused(post(program, {"rows": [ROW]}, X_Webhook_Token=""), 401, "signature.bad")


@pytest.mark.parametrize("name", ["kiotviet.invoice", "haravan.order", "sapo.omni_order", "pancake.order"])
def test_a_programs_own_signature_opens_its_door_and_another_does_not(dataset, owner, name):
    preset, payload = find(name) or pytest.fail(name)
    source = make_json(dataset, owner, preset.mapping(payload))
    raw = (PAYLOADS / f"{name}.json").read_bytes()
    digest = hmac.new(source.secret.encode(), raw, hashlib.sha256)
    says = {
        "hmac_hex": f"sha256={digest.hexdigest()}",
        "hmac_base64": base64.b64encode(digest.digest()).decode(),
        "token": source.secret,
    }[preset.signature.style]
    refused(post(source, raw, **{preset.signature.header: says[:-1] + "!"}), 401, "signature.bad")
    response = post(source, raw, **{preset.signature.header: says})
    assert response.status_code == 200
    assert response.json()["results"]


def test_kiotviets_customers_make_its_invoices_whole(dataset, workspace, owner):
    for name, table in (("kiotviet.customer", make_dataset(workspace)), ("kiotviet.invoice", dataset)):
        preset, payload = find(name) or pytest.fail(name)
        mapping = preset.mapping(payload).model_copy(update={"signature": Signature(style="none", header="")})
        source = make_json(table, owner, mapping)
        answer = post(source, (PAYLOADS / f"{name}.json").read_bytes()).json()
    assert [result["accepted"] for result in answer["results"]] == [True, True]
    done, cancelled = Record.objects.filter(dataset=dataset).order_by("row_id")
    assert (done.phone, done.status, done.values["service"]) == ("84912345678", "Đã hoàn thành", "Nhổ răng khôn")
    assert (cancelled.phone, cancelled.status) == ("84987654321", "Hủy")


def test_404_a_key_of_no_json_source(program, dataset):
    refused(post(program, {}, key="khong-co"), 404, "source.unknown")
    refused(post(program, {}, key=make_source(dataset).key), 404, "source.unknown")


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b'{"a": Infinity}', b"[" * 60_000])
def test_400_what_is_no_json(program, raw):
    refused(post(program, raw), 400, "body.not_json")


def test_413_over_a_megabyte_or_500_rows(program):
    refused(post(program, b" " * 1_000_001), 413, "body.too_large")
    refused(post(program, {"rows": [ROW] * 501}), 413, "rows.too_many")


def test_423_a_source_that_no_admin_has_opened(dataset, owner):
    response = post(make_json(dataset, owner, is_open=False), {"rows": [ROW]})
    assert response["Retry-After"]
    refused(response, 423, "source.closed")


def test_405_only_post_is_heard(program):
    assert Client().get(f"/hooks/json/{program.key}").status_code == 405


@pytest.mark.parametrize("value", ["\ud800", "\x00", 10**400, 1e308, "x" * 10_000, "=1+1", True, {"a": {}}, [1]])
def test_odd_values_are_judged_not_feared(program, value):
    raw = json.dumps({"rows": [ROW | {"dv": value}, ROW | {"id": value}]}).encode()
    response = post(program, raw)
    assert response.status_code == 200
    json.loads(response.content.decode())


def test_a_trial_stores_nothing(program):
    results = try_out(source=program, said={"rows": [ROW, ROW | {"id": 8, "dt": "x"}]}, now=NOW)
    assert isinstance(results, list), results
    assert [result.accepted for result in results] == [True, False]
    assert not any(model.objects.exists() for model in (Batch, Customer, Record, RecordEvent, SheetRow))


def test_500_rows_take_as_few_queries_as_one(program, django_assert_max_num_queries):
    with django_assert_max_num_queries(24):
        post(program, {"rows": [{"id": n, "ma": f"KH{n}", "ten": "Hoa", "dt": "0912345678"} for n in range(500)]})
    assert Record.objects.count() == 500


def test_neither_secret_nor_patient_gets_into_the_log(program, caplog):
    caplog.set_level(logging.DEBUG)
    post(program, {"rows": [ROW | {"dt": "09123"}]})
    post(program, {"rows": [ROW]}, X_Webhook_Token=f"{program.secret}x")
    post(program, b'{"dt": "0912345678"')
    told = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    assert program.secret not in told
    assert "0912" not in told


def test_a_call_whose_answer_is_forgotten_is_answered_and_changes_nothing(program):
    body = {"rows": [ROW]}
    assert post(program, body).status_code == 200
    Batch.objects.update(body="", answer="")
    Record.objects.update(status="Hủy")
    again = post(program, body)
    assert (again.status_code, again.json()["results"]) == (200, [])
    assert Record.objects.get().status == "Hủy"
