"""Two codes, one person: put together by a person, taken apart again, and families left alone."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from accounts.models import AuditEntry
from datahub.ingest import Answered
from datahub.models import Customer, Merge, Record
from datahub.people import consents, duplicates, labels
from datahub.people.customers import find, shared
from datahub.people.likeness import alike
from datahub.people.merging import CannotMerge, merge, unmerge
from datahub.tables import REFERENCE_SCHEMA
from tests import factories
from tests.accounts.browser import as_, text

NOW = factories.NOW


@pytest.fixture
def two(source):
    """One person under two codes, a visit each."""
    factories.make_record(source, row_id="a", Mã_khách_hàng="KH001")
    factories.make_record(source, row_id="b", Mã_khách_hàng="KH002", Dịch_vụ="Lấy cao răng")
    return Customer.objects.get(code="KH001"), Customer.objects.get(code="KH002")


def owners():
    return dict(Record.objects.values_list("row_id", "customer__code"))


def test_case_makes_no_other_customer_and_a_shared_phone_makes_no_one_person(source):
    factories.make_record(source, Mã_khách_hàng="kh001")
    factories.make_record(source, Mã_khách_hàng="KH001")
    factories.make_record(source, Mã_khách_hàng="KH002", Họ_và_tên="Nguyễn Văn Bình")
    assert set(Customer.objects.values_list("code", flat=True)) == {"KH001", "KH002"}


def test_a_merge_moves_the_visits_and_later_rows_of_the_old_code(two, source, owner):
    kept, gone = two
    done = factories.make_merge(kept=kept, gone=gone, actor=owner)
    factories.make_record(source, row_id="c", Mã_khách_hàng="kh002", Dịch_vụ="Trám răng")
    assert owners() == {"a": "KH001", "b": "KH001", "c": "KH001"}
    assert done.moved["records"] == [Record.objects.get(row_id="b").pk]
    assert set(AuditEntry.objects.values_list("action", "subject")) == {
        ("customer.merge", str(kept.pk)),
        ("customer.merge", str(gone.pk)),
    }


def test_taken_apart_each_has_its_own_again_with_what_came_since(two, source, owner):
    kept, gone = two
    done = factories.make_merge(kept=kept, gone=gone, actor=owner)
    factories.make_record(source, row_id="c", Mã_khách_hàng="KH002", Dịch_vụ="Trám răng")
    factories.make_record(source, row_id="d", Mã_khách_hàng="KH001", Dịch_vụ="Nha chu")
    assert unmerge(done=done, actor=owner, now=NOW)
    assert owners() == {"a": "KH001", "b": "KH002", "c": "KH002", "d": "KH001"}
    assert not unmerge(done=Merge.objects.get(), actor=owner, now=NOW)
    factories.make_record(source, row_id="e", Mã_khách_hàng="KH002", Dịch_vụ="Niềng răng")
    assert owners()["e"] == "KH002"


@pytest.mark.parametrize("first", ["inner", "outer"])
def test_a_merge_of_a_merge_is_taken_apart_in_any_order(two, source, owner, first):
    kept, gone = two
    factories.make_record(source, row_id="x", Mã_khách_hàng="KH003", Dịch_vụ="Tẩy trắng")
    third = Customer.objects.get(code="KH003")
    inner = factories.make_merge(kept=kept, gone=gone, actor=owner)
    outer = factories.make_merge(kept=third, gone=kept, actor=owner)
    factories.make_record(source, row_id="late", Mã_khách_hàng="KH002", Dịch_vụ="Trám răng")
    assert set(owners().values()) == {"KH003"}
    order = [inner, outer] if first == "inner" else [outer, inner]
    assert unmerge(done=order[0], actor=owner, now=NOW)
    between = {"KH002", "KH003"} if first == "inner" else {"KH001", "KH003"}
    assert set(owners().values()) == between
    assert unmerge(done=order[1], actor=owner, now=NOW)
    assert owners() == {"a": "KH001", "b": "KH002", "x": "KH003", "late": "KH002"}


def test_what_cannot_be_merged_says_why(two, owner, source):
    kept, gone = two
    assert merge(kept=kept, gone=kept, actor=owner, now=NOW) == CannotMerge.SAME
    merge(kept=kept, gone=gone, actor=owner, now=NOW)
    assert merge(kept=gone, gone=kept, actor=owner, now=NOW) == CannotMerge.MERGED
    factories.make_record(source, Mã_khách_hàng="KH009")
    erased = Customer.objects.get(code="KH009")
    Customer.objects.filter(pk=erased.pk).update(erased_at=NOW)
    assert merge(kept=kept, gone=erased, actor=owner, now=NOW) == CannotMerge.ERASED


def test_labels_come_along_and_go_back(two, owner):
    kept, gone = two
    for customer, name in ((kept, "VIP"), (gone, "VIP"), (gone, "Niềng răng")):
        labels.add_label(customer=customer, name=name, actor=owner, now=NOW)
    done = factories.make_merge(kept=kept, gone=gone, actor=owner)
    assert {label.name for label in kept.labels.all()} == {"VIP", "Niềng răng"}
    unmerge(done=done, actor=owner, now=NOW)
    assert {label.name for label in kept.labels.all()} == {"VIP"}
    assert {label.name for label in gone.labels.all()} == {"VIP", "Niềng răng"}


def test_the_newest_word_under_either_code_stands_while_they_are_one(two, owner):
    kept, gone = two
    said = {"purpose": "promotion", "proof": "Phiếu giấy", "wording": "2026-11", "actor": owner}
    consents.record_consent(customer=kept, granted=True, now=NOW, **said)
    consents.record_consent(customer=gone, granted=False, now=NOW + timedelta(hours=1), **said)
    done = factories.make_merge(kept=kept, gone=gone, actor=owner)
    kept.refresh_from_db()
    assert kept.promotion is False
    unmerge(done=done, actor=owner, now=NOW)
    kept.refresh_from_db(), gone.refresh_from_db()
    assert (kept.promotion, gone.promotion) == (True, False)


def test_a_stranger_under_a_merged_code_is_warned_of_as_ever(two, source, owner):
    merge(kept=two[0], gone=two[1], actor=owner, now=NOW)
    row = factories.sheet_row(
        factories.visit(Mã_khách_hàng="KH002", Họ_và_tên="Trần Bình", Số_điện_thoại="0987654321"), row_id="s"
    )
    body = factories.as_bytes(factories.sheet_batch(row))
    answer = factories.take_in(source, body)
    assert isinstance(answer, Answered), answer
    assert "Mã KH002 đang là Nguyễn Thị Hoa" in answer.body


def test_rows_of_merged_codes_cost_no_question_more(two, source, owner, django_assert_max_num_queries):
    def count(row_id, service):
        with django_assert_max_num_queries(40) as captured:
            factories.make_record(source, row_id=row_id, Mã_khách_hàng="KH002", Dịch_vụ=service)
        return len(captured)

    before = count("c", "Trám răng")
    merge(kept=two[0], gone=two[1], actor=owner, now=NOW)
    assert count("d", "Nha chu") == before


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Nguyễn Thị Hoa", "NGUYEN THI HOA", True),
        ("Ng. T. Hoa", "Nguyễn Thị Hoa", True),
        ("Hoa", "Nguyễn Thị Hoa", True),
        ("Nguyễn Hoa", "Nguyễn Thị Hoa", True),
        ("Nguyễn Thị Hoa", "Nguyễn Thị Hà", False),
        ("Trần Thị Hoa", "Nguyễn Thị Hoa", False),
        ("", "Nguyễn Thị Hoa", False),
    ],
)
def test_names_that_may_be_one_person_s(one, other, expected):
    assert alike(one, other) is expected
    assert alike(other, one) is expected


def test_suggestions_name_the_near_name_on_one_phone_and_no_sister(two, source, workspace):
    factories.make_record(source, Mã_khách_hàng="KH003", Họ_và_tên="Nguyễn Thị Hà")
    factories.make_record(source, Mã_khách_hàng="KH004", Số_điện_thoại="0987654321")
    page = duplicates.suggestions(workspace)
    assert [(each.first.code, each.second.code, each.why) for each in page.found] == [("KH001", "KH002", "phone")]
    assert page.after is None


def test_what_is_merged_on_one_page_hides_nobody_on_the_next(two, source, owner, workspace, monkeypatch):
    monkeypatch.setattr(duplicates, "AT_ONCE", 1)
    for code, phone in (
        ("KH011", "0987654321"),
        ("KH012", "0987654321"),
        ("KH021", "0900000001"),
        ("KH022", "0900000001"),
    ):
        factories.make_record(source, Mã_khách_hàng=code, Số_điện_thoại=phone)
    shown: list[str] = []
    page: duplicates.Page | None = duplicates.suggestions(workspace)
    while page is not None:
        for each in page.found:
            shown.append(each.second.code)
            merge(kept=each.first, gone=each.second, actor=owner, now=NOW)
        page = duplicates.suggestions(workspace, after=page.after) if page.after else None
    assert shown == ["KH002", "KH012", "KH022"]


def test_the_next_page_of_duplicates_goes_on_and_forgives_an_odd_address(two, source, owner, monkeypatch):
    monkeypatch.setattr(duplicates, "AT_ONCE", 1)
    for code in ("KH011", "KH012"):
        factories.make_record(source, Mã_khách_hàng=code, Số_điện_thoại="0987654321")
    browser, address = as_(owner), "/hub/customers/duplicates/"
    first = browser.get(address)
    [further] = re.findall(r'rel="next" href="([^"]+)"', first.content.decode())
    second = browser.get(address + html.unescape(further))
    assert ("KH002" in text(first), "KH012" in text(first)) == (True, False)
    assert ("KH002" in text(second), "KH012" in text(second)) == (False, True)
    assert "KH002" in text(browser.get(address + "?phone=x&name=-1"))


def test_a_birthday_tells_where_the_table_has_one(workspace, owner):
    fields = [*REFERENCE_SCHEMA, {"key": "ngay_sinh", "label": "Ngày sinh", "type": "date"}]
    source = factories.make_source(factories.make_dataset(workspace, fields=fields))
    for number, born in enumerate(["02/03/1990", "02/03/1990", "05/06/1991"]):
        phone = f"09{87_654_321 + number}"
        factories.make_record(source, Mã_khách_hàng=f"KH{number}", Số_điện_thoại=phone, Ngày_sinh=born)
    found = duplicates.suggestions(workspace).found
    assert [(each.first.code, each.second.code, each.why) for each in found] == [("KH0", "KH1", "birthday")]


def test_suggestions_ask_as_often_for_many_as_for_few(two, source, workspace, django_assert_max_num_queries):
    for number in range(20):
        factories.make_record(source, Mã_khách_hàng=f"KH1{number:02}", Số_điện_thoại=f"09876543{number // 2:02}")
    with django_assert_max_num_queries(4):
        assert len(duplicates.suggestions(workspace).found) == 11


@pytest.mark.parametrize("asked", ["kh002", "hoa", "0912 345 678", "84912345678", "nguyen thi"])
def test_a_customer_is_found_by_code_name_and_phone(two, workspace, asked):
    assert two[1].code in [customer.code for customer in find(workspace, asked)]


def test_a_shared_phone_is_known_as_a_family_s(two, source, workspace):
    factories.make_record(source, Mã_khách_hàng="KH003", Số_điện_thoại="0987654321")
    alone = Customer.objects.get(code="KH003")
    assert shared(workspace, ["84987654321"], without=alone) == set()
    assert shared(workspace, ["84912345678"], without=two[0]) == {"84912345678"}


def test_who_was_taken_apart_and_merged_anew_stays_where_somebody_put_them(two, source, owner):
    second, first = two
    factories.make_record(source, row_id="x", Mã_khách_hàng="KH003", Dịch_vụ="Tẩy trắng")
    third = Customer.objects.get(code="KH003")
    inner = factories.make_merge(kept=second, gone=first, actor=owner)
    outer = factories.make_merge(kept=third, gone=second, actor=owner)
    assert unmerge(done=inner, actor=owner, now=NOW)
    assert isinstance(merge(kept=third, gone=first, actor=owner, now=NOW), Merge)
    assert unmerge(done=outer, actor=owner, now=NOW)
    assert owners() == {"a": "KH001", "b": "KH003", "x": "KH003"}
    first.refresh_from_db()
    assert first.merged_into == third


def test_a_label_of_ones_own_survives_what_others_are_taken_apart_from(two, source, owner):
    second, first = two
    factories.make_record(source, row_id="x", Mã_khách_hàng="KH003", Dịch_vụ="Tẩy trắng")
    third = Customer.objects.get(code="KH003")
    for customer in (first, third):
        labels.add_label(customer=customer, name="VIP", actor=owner, now=NOW)
    inner = factories.make_merge(kept=second, gone=first, actor=owner)
    merge(kept=third, gone=second, actor=owner, now=NOW)
    unmerge(done=inner, actor=owner, now=NOW)
    assert [list(each.labels.values_list("name", flat=True)) for each in (first, second, third)] == [
        ["VIP"],
        [],
        ["VIP"],
    ]


def test_a_word_said_while_a_merge_was_under_way_counts_for_the_person(two, owner):
    kept, gone = two
    merge(kept=kept, gone=gone, actor=owner, now=NOW)
    # `gone` is as a page had read it before the merge.
    said = {"purpose": "promotion", "proof": "Gọi điện", "wording": "", "actor": owner}
    consents.record_consent(customer=gone, granted=False, now=NOW, **said)
    kept.refresh_from_db()
    assert kept.promotion is False
