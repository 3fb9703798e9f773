"""What a clinic's own software reads back: tables, columns, visits in the order of their changes, people."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest

from datahub.models import Customer, Label, Record
from datahub.paging import Cursor, read_cursor
from tests.datahub.calling import ROW, api_row
from tests.factories import NOW, make_field, make_record, make_records, visit

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.datahub.api_urls")]


def test_tables_and_their_columns(caller, dataset, open_table):
    make_field(dataset, "Ghi chú nội bộ", owner="hub")
    [table] = caller("GET", "/datasets").json()
    assert table == {"id": dataset.pk, "name": dataset.name, "done_value": "Đã hoàn thành", "open": True}
    columns = {each["key"]: each for each in caller("GET", f"/datasets/{dataset.pk}/fields").json()}
    assert columns["phone"]["type"] == "phone"
    assert columns["phone"]["required"]
    assert columns["status"]["choices"][0] == "Đặt lịch"
    assert [key for key, each in columns.items() if not each["writable"]] == ["ghi_chu_noi_bo"]


def pages(caller, dataset, query=""):
    """Every page to the end; the ids of each."""
    found, cursor = [], ""
    while True:
        body = caller("GET", f"/datasets/{dataset.pk}/records?limit=2{query}{cursor}").json()
        found.append([record["id"] for record in body["records"]])
        if body["next"] is None:
            return found
        cursor = f"&cursor={quote(body['next'])}"


def test_pages_follow_the_order_of_changes_and_hold_each_visit_once(caller, source):
    same = [each.pk for each in make_records(source, [visit(Mã_khách_hàng=f"K{n}") for n in range(3)])]
    late = make_record(source, now=NOW + timedelta(hours=1), Mã_khách_hàng="K9").pk
    first = make_record(source, now=NOW - timedelta(hours=1), Mã_khách_hàng="K8").pk
    assert pages(caller, source.dataset) == [[first, same[0]], [same[1], same[2]], [late]]


def test_updated_since_tells_what_changed_from_that_moment_on(caller, source):
    make_record(source, now=NOW - timedelta(seconds=1))
    later = make_record(source, now=NOW, Mã_khách_hàng="K2").pk
    assert pages(caller, source.dataset, f"&updated_since={quote(NOW.isoformat())}") == [[later]]


def test_a_visit_as_the_api_tells_it(caller, source):
    record = make_record(source, row_id="r9")
    told = caller("GET", f"/records/{record.pk}").json()
    assert told == caller("GET", f"/datasets/{source.dataset_id}/records").json()["records"][0]
    assert told["values"]["phone"] == "84912345678"
    assert (told["row_id"], told["status"], told["revision"]) == ("r9", "Đã hoàn thành", 1)
    assert told["completed_at"] == "2026-11-21T02:00:00Z"


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=x",
        "cursor=",
        "cursor=x",
        "cursor=%00",
        "updated_since=hôm qua",
        "updated_since=2026-11-21T00:00:00",
        "updated_since=0001-01-01T00:00:00%2B14:00",
        "updated_since=1e400",
    ],
)
def test_422_what_no_page_can_be_asked_by(caller, dataset, query):
    response = caller("GET", f"/datasets/{dataset.pk}/records?{query}")
    assert response.status_code == 422
    assert response.json()["details"][0]["where"] == query.partition("=")[0]


def test_a_cursor_is_read_back_and_nothing_else_is():
    cursor = Cursor(NOW, 7)
    assert read_cursor(str(cursor)) == cursor
    for text in ("", "x", str(cursor) + "=", str(Cursor(NOW, 2**70)), str(Cursor(NOW, -1)), "ééé", str(cursor)[:-2]):
        assert read_cursor(text) is None


def test_setting_a_status_completes_the_visit_and_says_who(caller, source):
    record = make_record(source, Trạng_thái="Đặt lịch")
    told = caller("PATCH", f"/records/{record.pk}", {"status": "đã hoàn thành"}).json()
    assert told["status"] == "Đã hoàn thành"
    assert told["completed_at"]
    assert record.events.latest("id").actor.startswith("API · Phần mềm")
    caller("PATCH", f"/records/{record.pk}", {"status": "Đã hoàn thành"})
    assert record.events.count() == 2


@pytest.mark.parametrize("body", [{}, {"status": None}, {"status": 1}, {"status": "x" * 61}, {"status": "Khác"}])
def test_422_a_status_that_is_none(caller, source, body):
    record = make_record(source)
    response = caller("PATCH", f"/records/{record.pk}", body)
    assert (response.status_code, response.json()["details"][0]["where"]) == (422, "status")
    assert record.events.count() == 1


def test_people_are_found_by_phone_or_code(caller, source, workspace):
    make_record(source)
    make_record(source, Mã_khách_hàng="KH002", Họ_và_tên="Bé An")
    mother = Customer.objects.get(code="KH001")
    mother.labels.add(Label.objects.create(workspace=workspace, name="VIP"))
    both = caller("GET", "/customers?phone=0912.345.678").json()
    assert [(each["code"], each["labels"]) for each in both] == [("KH001", ["VIP"]), ("KH002", [])]
    assert [each["name"] for each in caller("GET", "/customers?code=kh002").json()] == ["Bé An"]
    assert caller("GET", "/customers?code=khong-co").json() == []


def test_a_merged_code_leads_to_the_person_who_was_kept_and_an_erased_one_nowhere(caller, source):
    make_record(source)
    make_record(source, Mã_khách_hàng="KH002")
    kept, gone = Customer.objects.order_by("code")
    Customer.objects.filter(pk=gone.pk).update(merged_into=kept)
    assert [each["code"] for each in caller("GET", "/customers?code=KH002").json()] == ["KH001"]
    assert [each["code"] for each in caller("GET", "/customers?phone=0912345678").json()] == ["KH001"]
    Customer.objects.filter(pk=kept.pk).update(erased_at=NOW)
    assert caller("GET", "/customers?code=KH001").json() == []


@pytest.mark.parametrize(
    "query", ["", "?phone=&code=", "?phone=0912345678&code=KH1", "?phone=123", "?code=" + "x" * 81]
)
def test_422_people_asked_for_by_nothing_by_both_or_by_no_number(caller, query):
    assert caller("GET", f"/customers{query}").status_code == 422


def test_a_page_costs_the_same_whatever_its_size(caller, source, django_assert_max_num_queries):
    make_records(source, [visit(Mã_khách_hàng=f"K{n}") for n in range(30)])
    with django_assert_max_num_queries(5):
        assert len(caller("GET", f"/datasets/{source.dataset_id}/records").json()["records"]) == 30
    with django_assert_max_num_queries(5):
        assert len(caller("GET", "/customers?phone=0912345678").json()) == 30


def test_what_was_sent_can_be_read_back(caller, open_table):
    caller.send(open_table, api_row("HD7"))
    record = Record.objects.get()
    assert caller("GET", f"/records/{record.pk}").json()["row_id"] == "HD7"
    assert set(record.values) == set(ROW)
