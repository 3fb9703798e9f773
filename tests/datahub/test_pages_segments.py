"""Phân khúc: making one, from nothing or from a search, seeing who is in it, changing it, taking it away and back."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts.models import AuditEntry
from datahub import bounded, segments
from datahub.models import Segment
from tests import factories
from tests.accounts.browser import HTMX, as_, form, text

DONE = "Đã hoàn thành"
IS_DONE = {"field": "status", "op": "eq", "value": DONE, "values": []}


@pytest.fixture
def browser(owner):
    return as_(owner)


@pytest.fixture
def page(source):
    """The address of the table's segments."""
    return f"/hub/tables/{source.dataset_id}/segments/"


@pytest.fixture
def visits(source):
    """One visit that is done and one that is not."""
    factories.make_record(source)
    factories.make_record(source, Mã_khách_hàng="KH002", Họ_và_tên="Trần Bình", Trạng_thái="Hủy", Dịch_vụ="Khám")


def make_segment(source, name="Đã xong", tree=None):
    return Segment.objects.create(
        workspace=source.workspace, dataset=source.dataset, name=name, tree=tree or IS_DONE, created_at=factories.NOW
    )


def line(number, field, op, *values):
    return {f"filter-{number}-field": field, f"filter-{number}-op": op, f"filter-{number}-value": list(values)}


def test_a_segment_made_from_nothing_counts_and_narrows_the_records(browser, page, visits, source):
    assert "Chưa có phân khúc nào" in text(browser.get(page))
    blank = form(browser.get(f"{page}new/"), id="segment")
    sent = blank | {"name": " Nhổ  răng "} | line(0, "service", "contains", "nho rang") | line(1, "status", "in", DONE)
    shown = browser.post(f"{page}new/", sent, follow=True)
    assert shown.redirect_chain[-1][0] == page
    assert "Nhổ răng Dịch vụ có chứa nho rang và Trạng thái là Đã hoàn thành 1" in text(shown)
    found = Segment.objects.get()
    assert (found.name, str(found.created_by)) == ("Nhổ răng", "chu")
    assert AuditEntry.objects.get(action="segment.create").subject == str(found.pk)
    records = text(browser.get(f"/hub/tables/{source.dataset_id}/", {"segment": found.pk}, **HTMX))
    assert "Nguyễn Thị Hoa" in records
    assert "Trần Bình" not in records


def test_a_search_is_kept_as_a_segment(browser, source, visits):
    asked = {"q": "0912 345", "status": "Hủy"}
    records = browser.get(f"/hub/tables/{source.dataset_id}/", asked, **HTMX)
    address = f"/hub/tables/{source.dataset_id}/segments/new/?q=0912+345&amp;status=H%E1%BB%A7y"
    assert f'href="{address}"' in records.content.decode()
    made = browser.get(address.replace("&amp;", "&"))
    assert "Trạng thái là Hủy và (Mã khách hàng có chứa 0912 345 hoặc Họ và tên có chứa" in text(made)
    browser.post(address.replace("&amp;", "&"), form(made, id="segment") | {"name": "Đã hủy"})
    tree = Segment.objects.get().tree
    assert tree["all"][0]["value"] == "Hủy"
    assert tree["all"][1]["any"][2] == {"field": "phone", "op": "starts_with", "value": "84912345", "values": []}


def test_a_segment_narrowed_further_is_kept_with_its_own_questions(browser, source):
    segment = make_segment(source)
    made = browser.get(f"/hub/tables/{source.dataset_id}/segments/new/", {"segment": segment.pk, "q": "hoa"})
    assert "Trạng thái là Đã hoàn thành và (Mã khách hàng có chứa hoa hoặc Họ và tên có chứa hoa)" in text(made)


def test_a_segment_is_renamed_and_its_filter_changed(browser, page, source, visits):
    segment = make_segment(source)
    address = f"/hub/segments/{segment.pk}/"
    sent = form(browser.get(address), id="segment")
    assert (sent["name"], sent["filter-0-value"]) == (["Đã xong"], [DONE])
    browser.post(address, sent | {"name": "Đã hủy", "filter-0-value": "Hủy"})
    segment.refresh_from_db()
    assert (segment.name, segment.tree) == ("Đã hủy", IS_DONE | {"value": "Hủy"})
    assert AuditEntry.objects.get().action == "segment.change"


def test_two_segments_of_a_table_have_two_names(browser, page, source):
    make_segment(source)
    other = factories.make_source(factories.make_dataset(source.workspace))
    make_segment(other)
    sent = form(browser.get(f"{page}new/"), id="segment") | {"name": "Đã xong"}
    assert "bảng đã có phân khúc tên này" in text(browser.post(f"{page}new/", sent))
    assert "Trường này là bắt buộc" in text(browser.post(f"{page}new/", sent | {"name": " "}))
    assert Segment.objects.count() == 2


def test_a_filter_that_is_not_finished_is_kept_on_the_page_and_not_saved(browser, page):
    sent = {"name": "x", "filter-kind": "any"} | line(0, "visit_date", "after", "31/02/2026") | line(1, "cost_x", "eq")
    refused = text(browser.post(f"{page}new/", sent))
    assert "Ngày khám “31/02/2026”: tháng 2/2026 không có ngày 31" in refused
    assert "Bảng không còn trường “cost_x”" in refused
    assert not Segment.objects.exists()


def test_one_wrong_question_is_said_once(browser, page):
    refused = text(browser.post(f"{page}new/", {"name": "x", "filter-kind": "all"} | line(0, "service", "eq")))
    assert refused.count("Dịch vụ: chưa có giá trị") == 1


def test_taking_a_segment_away_can_be_undone(browser, page, source):
    segment = make_segment(source)
    gone = browser.post(f"/hub/segments/{segment.pk}/remove/", follow=True)
    assert "Đã xóa phân khúc “Đã xong”." in text(gone)
    assert "Đã xong" not in text(browser.get(page))
    assert browser.get(f"/hub/segments/{segment.pk}/").status_code == 404
    back = f"/hub/segments/{segment.pk}/restore/"
    assert "Đã khôi phục" in text(browser.post(back, form(gone, action=back), follow=True))
    assert "Đã xong" in text(browser.get(page))
    assert [entry.action for entry in AuditEntry.objects.order_by("id")] == ["segment.remove", "segment.restore"]
    assert browser.post(back).status_code == 404


def test_a_name_that_was_taken_meanwhile_keeps_a_removed_segment_away(browser, page, source):
    segment = make_segment(source)
    browser.post(f"/hub/segments/{segment.pk}/remove/")
    make_segment(source)
    said = text(browser.post(f"/hub/segments/{segment.pk}/restore/", follow=True))
    assert "Đã có phân khúc khác tên “Đã xong”" in said
    assert Segment.objects.filter(removed_at=None).count() == 1


def test_everybody_sees_segments_and_admins_make_them(source, viewer, colleague, stranger, page):
    segment = make_segment(source)
    for person in (viewer, colleague):
        shown = as_(person).get(page)
        assert "Đã xong" in text(shown)
        assert "segments/new/" not in shown.content.decode()
        for address in (f"{page}new/", f"/hub/segments/{segment.pk}/"):
            assert as_(person).get(address).status_code == 403
        assert as_(person).post(f"/hub/segments/{segment.pk}/remove/").status_code == 403
    for address in (page, f"{page}new/", f"/hub/segments/{segment.pk}/"):
        assert as_(stranger).get(address).status_code == 404
    assert as_(stranger).post(f"/hub/tables/{source.dataset_id}/filter/found/").status_code == 404


def test_another_table_s_segment_does_not_narrow_this_one(browser, source, visits):
    other = make_segment(factories.make_source(factories.make_dataset(source.workspace)), tree={"none": [{"all": []}]})
    assert "Trần Bình" in text(browser.get(f"/hub/tables/{source.dataset_id}/", {"segment": other.pk}, **HTMX))


GONE = {"field": "khong_con", "op": "ne", "value": "x"}


@pytest.mark.parametrize(
    ("tree", "said"), [(GONE, "Bảng không còn trường “khong_con”"), ({"any": []}, "Không đọc được bộ lọc này")]
)
def test_a_filter_that_cannot_be_used_holds_nobody_and_says_so(browser, page, source, visits, tree, said):
    segment = make_segment(source, tree=tree)
    listed = text(browser.get(page))
    assert f"Đã xong {said}" in listed
    records = text(browser.get(f"/hub/tables/{source.dataset_id}/", {"segment": segment.pk}, **HTMX))
    assert "Trần Bình" not in records
    assert said in records
    assert said in text(browser.get(f"/hub/segments/{segment.pk}/"))


def test_the_list_asks_as_often_for_many_segments_as_for_one(
    browser, page, source, visits, django_assert_max_num_queries
):
    def count():
        with django_assert_max_num_queries(20) as captured:
            assert browser.get(page).status_code == 200
        return len(captured)

    make_segment(source)
    one = count()
    for number in range(15):
        make_segment(source, name=f"Nhóm {number}")
    assert count() == one


def test_the_form_works_without_scripts(browser, page):
    sent = form(browser.get(f"{page}new/"), id="segment")
    more = browser.post(f"{page}new/", sent | {"name": "Chưa xong", "filter-do": "add:filter"})
    assert more.status_code == 200
    again = form(more, id="segment")
    assert again["name"] == ["Chưa xong"]
    assert again["filter-0-field"] == [""]
    scolded = browser.post(f"{page}new/", again | {"name": "", "filter-0-field": "status", "filter-do": "show"})
    assert "errorlist" not in scolded.content.decode()
    assert "chưa có giá trị" not in text(scolded)
    chosen = again | {"filter-0-field": "status", "filter-0-op": "in", "filter-do": "show"}
    boxes = browser.post(f"{page}new/", chosen)
    assert '<input type="checkbox" name="filter-0-value" value="Hủy"' in boxes.content.decode()
    nested = form(browser.post(f"{page}new/", again | {"filter-do": "group:filter"}), id="segment")
    assert (nested["filter-1-kind"], nested["filter-1-0-field"]) == (["any"], [""])
    less = form(browser.post(f"{page}new/", nested | {"filter-do": "remove:filter-1"}), id="segment")
    assert "filter-1-kind" not in less
    assert not Segment.objects.exists()


INPUTS = [
    ("visit_date", "after", 'type="date"'),
    ("visit_date", "between", 'name="filter-0-until"'),
    ("visit_date", "within_last", 'type="number"'),
    ("status", "eq", '<select name="filter-0-value"'),
    ("status", "in", 'type="checkbox"'),
    ("service", "in", "<textarea"),
    ("service", "eq", '<option value="Nhổ răng">'),
]


@pytest.mark.parametrize(("field", "op", "shown"), INPUTS)
def test_the_input_fits_the_field_and_the_question(browser, source, visits, field, op, shown):
    sent = {"filter-kind": "all", "filter-do": "show"} | line(0, field, op)
    fragment = browser.post(f"/hub/tables/{source.dataset_id}/filter/", sent, **HTMX).content.decode()
    assert "<html" not in fragment
    assert shown in fragment


def test_another_field_starts_its_line_anew(browser, source):
    sent = {"filter-kind": "all", "filter-do": "field:filter-0"} | line(0, "visit_date", "contains", "x")
    fragment = browser.post(f"/hub/tables/{source.dataset_id}/filter/", sent, **HTMX).content.decode()
    assert '<option value="within_last" selected>' in fragment


def test_what_the_form_finds_is_said_and_counted_as_one_edits(browser, source, visits):
    address = f"/hub/tables/{source.dataset_id}/filter/found/"
    found = text(browser.post(address, {"filter-kind": "all"} | line(0, "service", "starts_with", "NHO"), **HTMX))
    assert "Nghĩa là: Dịch vụ bắt đầu bằng NHO Đang khớp 1 lượt khám." in found
    assert "Nguyễn Thị Hoa · KH001 · Nhổ răng · 21/11/2026" in found
    assert "mọi lượt khám của bảng Đang khớp 2 lượt khám" in text(browser.post(address, {"filter-kind": "any"}, **HTMX))
    half = text(browser.post(address, {"filter-kind": "all"} | line(0, "service", "eq"), **HTMX))
    assert "Điền đủ các điều kiện" in half
    assert "Đang khớp" not in half


def test_counting_is_given_up_rather_than_waited_for(browser, page, source, visits, monkeypatch):
    monkeypatch.setattr(bounded, "_PATIENCE_STEPS", 1)
    monkeypatch.setattr(bounded, "PATIENCE_MS", 1)
    if connection.vendor == "postgresql":
        monkeypatch.setattr(segments, "to_q", lambda tree, today: asleep())
    segment = make_segment(source)
    assert "Đã xong Trạng thái là Đã hoàn thành đang đếm…" in text(browser.get(page))
    assert "quá lâu để đếm" in text(browser.get(f"/hub/segments/{segment.pk}/count/"))
    found = browser.post(f"/hub/tables/{source.dataset_id}/filter/found/", {"filter-kind": "all"}, **HTMX)
    assert "tìm quá lâu" in text(found)


def test_a_segment_can_be_counted_alone(browser, source, visits):
    assert text(browser.get(f"/hub/segments/{make_segment(source).pk}/count/", **HTMX)) == "1"


def asleep():
    """A condition that PostgreSQL needs a while for."""
    from django.db.models import CharField, F, Func, Q, Value
    from django.db.models.functions import Cast
    from django.db.models.lookups import Exact

    return Q(
        Exact(Cast(Func(F("id") * 0 + 1.0, function="pg_sleep", output_field=CharField()), CharField()), Value(""))
    )
