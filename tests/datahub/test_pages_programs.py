"""The pages for other programs: keys shown once, tables opened, a webhook mapped, tried and opened."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from accounts.models import ApiToken, AuditEntry
from datahub.models import Batch, Record, Source
from datahub.programs import api_source
from tests.accounts.browser import as_, form, text
from tests.datahub.calling import Caller
from tests.datahub.test_json_webhook import PAYLOADS

pytestmark = pytest.mark.django_db

API = "/hub/api/"
SAMPLE = {"order": {"code": "D1", "customer": {"code": "KH1", "fullName": "Hoa", "phone": "0912345678"}}}


@pytest.fixture
def browser(owner):
    return as_(owner)


def made_token(response):
    return response.context["text"]


def test_a_key_is_shown_once_and_works(browser, workspace):
    page = browser.post(API, {"name": "Phần mềm A"})
    key = made_token(page)
    assert key in text(page)
    assert page["Cache-Control"].count("no-store")
    again = text(browser.get(API))
    assert key not in again
    assert ApiToken.objects.get().prefix in again
    assert Caller(key)("GET", "/datasets").status_code == 200
    assert AuditEntry.objects.filter(workspace=workspace, action="token.create").count() == 1


def test_a_second_key_of_the_same_name_is_not_made(browser):
    browser.post(API, {"name": "A"})
    assert "Đã có mã đang dùng mang tên này" in text(browser.post(API, {"name": "A"}))
    assert ApiToken.objects.count() == 1


def test_a_key_that_is_taken_back_opens_nothing(browser):
    key = made_token(browser.post(API, {"name": "A"}))
    browser.post(f"/hub/api/tokens/{ApiToken.objects.get().pk}/revoke/")
    assert Caller(key)("GET", "/datasets").status_code == 403
    assert "Mã đã thu hồi" in text(browser.get(API))


def is_open_to_keys(table):
    source = api_source(table)
    assert source is not None
    return source.is_open


def test_a_table_is_opened_and_closed_to_keys(browser, dataset):
    switch = f"/hub/tables/{dataset.pk}/api/"
    browser.post(switch, {"open": "yes"})
    assert is_open_to_keys(dataset)
    browser.post(switch, {"open": "no"})
    assert not is_open_to_keys(dataset)
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == ["source.open", "source.close"]


@pytest.mark.parametrize("person", ["colleague", "viewer"])
def test_only_who_manages_connections_sees_or_does_any_of_it(request, person, dataset, program_source):
    visitor = as_(request.getfixturevalue(person))
    where = f"/hub/sources/{program_source.pk}/json/"
    for path in (API, "/hub/sources/json/", where):
        assert visitor.get(path).status_code == 403
        assert visitor.post(path, {"name": "A"}).status_code in (403, 405)
    for path in (f"/hub/tables/{dataset.pk}/api/", f"{where}open/", f"{where}signature/", "/hub/api/tokens/1/revoke/"):
        assert visitor.post(path, {"open": "yes"}).status_code == 403
    assert ">API<" not in visitor.get(f"/hub/tables/{dataset.pk}/").content.decode()


def test_another_clinics_things_are_not_there(stranger, dataset, program_source, browser):
    browser.post(API, {"name": "A"})
    theirs, where = as_(stranger), f"/hub/sources/{program_source.pk}/json/"
    assert theirs.get(where).status_code == 404
    paths = [where, f"{where}open/", f"{where}signature/", f"/hub/tables/{dataset.pk}/api/"]
    for path in [*paths, f"/hub/api/tokens/{ApiToken.objects.get().pk}/revoke/"]:
        assert theirs.post(path, {"open": "yes"}).status_code == 404


@pytest.fixture
def program_source(owner, dataset):
    """A JSON source of the owner's making, nothing mapped yet."""
    as_(owner).post("/hub/sources/json/", {"preset": "", "dataset": dataset.pk, "name": "Phần mềm X"})
    return Source.objects.get(kind=Source.Kind.JSON)


def test_a_new_source_begins_closed_with_what_is_known_of_the_program(browser, dataset):
    page = browser.post("/hub/sources/json/", {"preset": "sapo.omni_order", "dataset": dataset.pk, "name": ""})
    source = Source.objects.get(kind=Source.Kind.JSON)
    assert page.url == f"/hub/sources/{source.pk}/json/"
    assert not source.is_open
    assert source.mapping["fields"]["phone"] == "customer_data.phone_number | phone_number"
    shown = text(browser.get(page.url))
    assert f"/hooks/json/{source.key}" in shown
    assert source.secret not in shown


def test_an_unconfirmed_preset_says_so(browser, dataset):
    page = browser.post("/hub/sources/json/", {"preset": "pancake.order", "dataset": dataset.pk}, follow=True)
    assert "chưa được đối chiếu với một lần gửi thật" in text(page)


def test_a_sample_is_looked_at_mapped_tried_kept_and_opened(browser, program_source):
    where = f"/hub/sources/{program_source.pk}/json/"
    looked = browser.post(where, {"sample": json.dumps(SAMPLE), "step": "look"})
    assert "order.customer.phone" in text(looked)
    answers = {name: values[-1] for name, values in form(looked, id="mapping").items()}
    assert answers["field-phone"] == "order.customer.phone"
    assert answers["field-customer_name"] == "order.customer.fullName"
    answers |= {"row_id": "order.code", "field-customer_id": "order.customer.code", "field-service": "order.dv"}
    tried = text(browser.post(where, answers | {"step": "try"}))
    assert "Kết quả chạy thử, không lưu gì" in tried
    assert "Đúng" in tried
    program_source.refresh_from_db()
    assert program_source.mapping["fields"] == {}
    assert not Batch.objects.exists()
    assert not Record.objects.exists()
    browser.post(where, answers | {"step": "save"})
    browser.post(f"{where}open/", {"open": "yes"})
    program_source.refresh_from_db()
    assert program_source.is_open
    headers = {"X-Webhook-Token": program_source.secret}
    address = f"/hooks/json/{program_source.key}"
    assert Client().post(address, SAMPLE, content_type="application/json", headers=headers).status_code == 200
    assert Record.objects.get().row_id == "D1"


def test_a_source_that_lacks_a_path_is_not_opened(browser, program_source):
    page = browser.post(f"/hub/sources/{program_source.pk}/json/open/", {"open": "yes"}, follow=True)
    assert "Chưa mở được: hãy ghép Mã dòng, Mã khách hàng, Họ và tên, Số điện thoại rồi lưu." in text(page)
    program_source.refresh_from_db()
    assert not program_source.is_open


def test_a_wrong_trial_names_each_path(browser, program_source):
    where = f"/hub/sources/{program_source.pk}/json/"
    said = {"sample": "{}", "step": "try", "row_id": "id", "field-phone": "dt"}
    shown = text(browser.post(where, said))
    assert "Mã dòng không có ở “id”" in shown
    assert "Số điện thoại không có ở “dt”" in shown


@pytest.mark.parametrize("sample", ["{", "x" * 200_001, '{"a": NaN}', "[[[" * 9999, '"chữ"', "[]", "5"])
def test_what_is_no_sample_is_said_not_feared(browser, program_source, sample):
    page = browser.post(f"/hub/sources/{program_source.pk}/json/", {"sample": sample, "step": "look"})
    assert page.status_code == 200


def test_every_sample_can_be_looked_at_and_tried(browser, dataset):
    for path in sorted(PAYLOADS.glob("*.json")):
        page = browser.post("/hub/sources/json/", {"preset": path.stem, "dataset": dataset.pk, "name": path.stem})
        answers = {name: values[-1] for name, values in form(browser.get(page.url), id="mapping").items()}
        shown = browser.post(page.url, answers | {"sample": path.read_text(), "step": "try"})
        expected = "Số điện thoại" if path.stem == "kiotviet.invoice" else "Đúng"
        assert expected in text(shown).partition("không lưu gì")[2], path.stem
    assert not Record.objects.exists()


def test_words_need_both_halves(browser, program_source):
    said = {"row_id": "id", "words-status": "paid", "step": "save"}
    page = text(browser.post(f"/hub/sources/{program_source.pk}/json/", said))
    assert "Dòng “paid” cần có dạng" in page


def test_the_way_of_signing_and_the_secret_are_changed_and_written_down(browser, program_source):
    where = f"/hub/sources/{program_source.pk}/json/signature/"
    said = {"style": "hmac_hex", "header": "X-Hub-Signature", "delivery": "X-Id", "secret": "cua-kiotviet"}
    browser.post(where, said)
    program_source.refresh_from_db()
    assert program_source.secret == "cua-kiotviet"
    assert program_source.mapping["signature"] == {"style": "hmac_hex", "header": "X-Hub-Signature"}
    entry = AuditEntry.objects.get(action="source.secret")
    assert "cua-kiotviet" not in str(entry.facts)
    assert "Hãy nhập tên header" in text(browser.post(where, {"style": "token", "header": ""}))
    assert "chỉ gồm chữ không dấu" in text(browser.post(where, said | {"header": "X: a"}))
    assert "ai biết địa chỉ này đều gửi được" in text(browser.post(where, {"style": "none"}, follow=True))


def test_the_secret_is_shown_on_asking_and_who_asked_is_written_down(browser, program_source):
    shown = browser.post(f"/hub/sources/{program_source.pk}/secret/")
    assert program_source.secret in shown.content.decode()
    assert AuditEntry.objects.filter(action="source.reveal_secret").count() == 1


def test_the_reference_is_served_from_our_own_files(browser):
    page = browser.get("/hub/api/reference/")
    assert page.status_code == 200
    assert "http" not in page.content.decode().replace("https://", "http://").split("<body")[1]
