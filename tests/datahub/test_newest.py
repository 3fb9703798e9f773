"""Pages of records from any place on, search by pieces of words, and what a large hub needs of its database."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib import import_module
from itertools import chain
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection

from datahub import bounded, newest
from datahub.models import Customer, Record
from datahub.newest import Stretch, stretch
from tests import factories
from tests.accounts.browser import as_, text

pytestmark = pytest.mark.django_db


def pages(found, size):
    """Every page from the first to the last."""
    shown: list[list[str]] = []
    place = ""
    while not shown or place:
        page = stretch(found, before=place, size=size)
        assert isinstance(page, Stretch)
        shown.append([record.row_id for record in page.records])
        place = page.older
    return shown


def test_each_record_is_on_one_page_however_many_changed_at_one_moment(source):
    for hour in range(3):
        visits = [factories.visit(Mã_khách_hàng=f"KH{hour}{number}") for number in range(4)]
        factories.make_records(source, visits, now=factories.NOW + timedelta(hours=hour))
    shown = pages(Record.objects.filter(source=source), 5)
    assert [len(page) for page in shown] == [5, 5, 2]
    newest_first = Record.objects.order_by("-updated_at", "-id").values_list("row_id", flat=True)
    assert list(chain(*shown)) == list(newest_first)


@pytest.mark.parametrize("place", ["", "5", "-", "a-b", "9" * 40, "MjAyNg", "\u0661"])
def test_what_is_no_place_is_the_beginning(source, place):
    record = factories.make_record(source)
    page = stretch(Record.objects.all(), before=place, size=5)
    assert isinstance(page, Stretch)
    assert (page.records, page.older) == ([record], "")


def test_the_page_leads_to_the_older_ones_and_back(owner, source):
    visits = [factories.visit(Mã_khách_hàng=f"KH{number:03}") for number in range(30)]
    factories.make_records(source, visits)
    browser, table = as_(owner), f"/hub/tables/{source.dataset_id}/"
    first = browser.get(table, {"status": "Đã hoàn thành"}).content.decode()
    assert first.count('id="record-') == 25
    assert "Về trang đầu" not in first
    [link] = re.findall(r'rel="next" href="(\?[^"]+)"', first)
    second = browser.get(table + link.replace("&amp;", "&")).content.decode()
    assert second.count('id="record-') == 5
    assert "Về trang đầu" in second
    assert 'rel="next"' not in second
    assert "status=" in link, "what the page was narrowed by stays"


def test_what_takes_too_long_is_given_up_with_a_word_on_what_to_do(owner, source, monkeypatch):
    factories.make_record(source)
    monkeypatch.setattr(newest, "bounded", _GivenUp)
    page = text(as_(owner).get(f"/hub/tables/{source.dataset_id}/", {"q": "--"}))
    assert "Tìm như vậy mất quá lâu. Hãy gõ thêm chữ" in page


class _GivenUp:
    def __enter__(self):
        raise bounded.TooLong

    def __exit__(self, *error):
        return None


@pytest.mark.parametrize(
    ("asked", "is_found"),
    [("vy", True), ("V", True), ("kh", True), ("09", True), ("84", True), ("gọc", True), ("oc", False), ("3", False)],
)
def test_one_or_two_letters_must_begin_a_word(source, asked, is_found):
    factories.make_record(source, Họ_và_tên="Đỗ Ngọc Vy", Số_điện_thoại="0912345678")
    assert Record.objects.search(asked).exists() == is_found
    assert Customer.objects.search(asked).exists() == is_found


@pytest.mark.parametrize(("model", "index"), [(Record, "record_search"), (Customer, "customer_search")])
@pytest.mark.parametrize("asked", ["nguyen", "0912345678", "vy", "v"])
def test_postgresql_searches_by_its_index(source, model, index, asked):
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL's own index")
    factories.make_record(source)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
        plan = model.objects.search(asked).explain()
    assert index in plan, plan


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({"status": "Hủy", "visit_date__gte": "2026-11-01"}, "record_counted"),
        ({"status": "Hủy", "service": "Nhổ răng", "phone": "84912345678"}, "record_counted"),
    ],
)
def test_what_segments_ask_most_is_counted_from_the_index_alone(source, filters, index):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            # For a table without rows the planner finds every index as good.
            cursor.execute("DROP INDEX record_by_status, record_by_phone, record_by_visit, record_newest_first")
    found = Record.objects.filter(dataset=source.dataset, **filters).values("dataset_id")
    plan = found.explain()
    assert index in plan, plan
    # SQLite opens the table for a generated column, even where the index holds it.
    assert connection.vendor != "postgresql" or "Index Only Scan" in plan, plan


def test_a_server_that_refuses_the_extension_is_told_of_and_stops_nothing(capsys):
    migration = import_module("datahub.migrations.0006_hub_indexes")

    def refuse(sql):
        raise DatabaseError('permission denied to create extension "pg_trgm"')

    editor = SimpleNamespace(connection=SimpleNamespace(vendor="postgresql", alias="default"), execute=refuse)
    migration.index_pieces(None, editor)
    told = capsys.readouterr().err
    assert "CREATE EXTENSION pg_trgm;" in told
    assert "permission denied" in told
