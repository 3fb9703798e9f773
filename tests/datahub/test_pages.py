"""The Data Hub's pages: searching, marking a visit done in place, rows in error, columns, sources."""

from __future__ import annotations

import pytest

from accounts.models import AuditEntry
from datahub.models import RecordEvent
from tests import factories
from tests.accounts.browser import HTMX, as_, form, text

DONE = "Đã hoàn thành"


@pytest.fixture
def browser(owner):
    return as_(owner)


@pytest.fixture
def table(source):
    """The address of the table's page."""
    return f"/hub/tables/{source.dataset_id}/"


@pytest.fixture
def visit(source):
    """A visit that is not done."""
    return factories.make_record(source, Trạng_thái="Đang điều trị")


def test_the_first_table_opens(browser, table):
    assert browser.get("/hub/").url == table


def test_without_a_table_it_says_what_to_do(browser, workspace):
    assert "Mở Thư viện mẫu" in text(browser.get("/hub/"))


def test_columns_come_from_the_schema(browser, table, visit):
    page = text(browser.get(table))
    for shown in ("Nguyễn Thị Hoa", "KH001", "0912 345 678", "Nhổ răng", "21/11/2026", "Trần Văn Nam", "Bác sĩ"):
        assert shown in page


@pytest.mark.parametrize("asked", ["nguyen thi hoa", "HOA", "kh001", "0912345678", "0912.345.678"])
def test_search_finds_without_marks_case_or_dots(browser, table, source, asked):
    factories.make_record(source)
    factories.make_record(source, Mã_khách_hàng="KH002", Họ_và_tên="Trần Bình", Số_điện_thoại="0987654321")
    page = browser.get(table, {"q": asked}, **HTMX)
    assert "Nguyễn Thị Hoa" in text(page)
    assert "Trần Bình" not in text(page)


def test_a_search_answers_with_the_table_alone_and_says_so_to_caches(browser, table):
    fragment, whole = browser.get(table, {"q": "x"}, **HTMX), browser.get(table, {"q": "x"})
    assert "<html" not in fragment.content.decode()
    assert "<html" in whole.content.decode()
    assert "HX-Request" in fragment.headers["Vary"]
    assert "HX-Request" in whole.headers["Vary"]


def test_the_status_filter_narrows(browser, table, source, visit):
    factories.make_record(source, Mã_khách_hàng="KH002", Họ_và_tên="Trần Bình")
    assert "Trần Bình" not in text(browser.get(table, {"status": "Đang điều trị"}, **HTMX))
    assert "Trần Bình" in text(browser.get(table, {"status": "không có"}, **HTMX))


def test_marking_done_in_place_and_taking_it_back(browser, visit):
    address = f"/hub/records/{visit.pk}/status/"
    row = browser.post(address, {"status": DONE}, **HTMX)
    visit.refresh_from_db()
    assert (visit.status, visit.completions) == (DONE, 1)
    assert RecordEvent.objects.filter(record=visit, actor="chu").count() == 1
    assert "<html" not in row.content.decode()
    assert "Hoàn tác" in text(row)
    undo = form(row, action=address)
    assert undo["status"] == ["Đang điều trị"]
    row = browser.post(address, undo, **HTMX)
    visit.refresh_from_db()
    assert (visit.status, visit.completed_at) == ("Đang điều trị", None)
    assert form(row, action=address)["status"] == [DONE]


def test_a_status_that_is_none_is_refused_in_place(browser, visit):
    row = browser.post(f"/hub/records/{visit.pk}/status/", {"status": "Xong"}, **HTMX)
    assert row.status_code == 200
    assert "“Xong”" in text(row)
    visit.refresh_from_db()
    assert visit.status == "Đang điều trị"


def test_the_status_can_be_set_without_scripts(browser, visit):
    page = f"/hub/records/{visit.pk}/"
    sent = form(browser.get(page), action=f"{page}status/")
    assert browser.post(f"{page}status/", sent | {"status": DONE}).url == page
    visit.refresh_from_db()
    assert visit.status == DONE


def test_reception_may_mark_and_a_viewer_may_not(visit, colleague, viewer, table):
    address = f"/hub/records/{visit.pk}/status/"
    assert as_(viewer).post(address, {"status": DONE}).status_code == 403
    assert f'action="{address}"' not in as_(viewer).get(table).content.decode()
    assert as_(colleague).post(address, {"status": DONE}, **HTMX).status_code == 200


def test_another_clinic_s_visit_does_not_exist(visit, stranger):
    assert as_(stranger).post(f"/hub/records/{visit.pk}/status/", {"status": DONE}).status_code == 404


def wrong_row(source, phone="09123"):
    return source.sheet_rows.create(
        workspace=source.workspace,
        row_id=f"wrong-{phone}",
        row_number=1017,
        fingerprint="x",
        accepted=False,
        status=f"Số điện thoại “{phone}”: thiếu chữ số",
        errors=[
            {"column": "Số điện thoại", "code": "phone", "message": f"“{phone}”: thiếu chữ số", "suggestion": None}
        ],
        values={"Họ và tên": "Bùi Hương", "Số điện thoại": phone},
        seen_at=factories.NOW,
    )


def test_rows_in_error_show_their_number_and_exact_reason(browser, source):
    wrong_row(source)
    page = text(browser.get("/hub/errors/"))
    for shown in ("1017", "“09123”: thiếu chữ số", "Bùi Hương", "09:00 21/11/2026"):
        assert shown in page


def test_a_viewer_sees_no_whole_phone_anywhere(viewer, table, source):
    record = factories.make_record(source)
    factories.make_record(source, row_id=record.row_id, Số_điện_thoại="0987654321")
    factories.make_record(source, row_id=record.row_id)
    wrong_row(source, phone="0912345678 / 0987654321")
    for address in (table, f"/hub/records/{record.pk}/", "/hub/errors/"):
        body = as_(viewer).get(address).content.decode().replace(" ", "")
        assert "0912345678" not in body
        assert "84912345678" not in body
        assert "0987654321" not in body
    assert "09•• ••• 678" in text(as_(viewer).get(table))


def test_a_viewer_sees_the_example_but_not_what_was_typed(viewer, source):
    row = wrong_row(source, phone="0912 345 678 9")
    typed, example = "“0912 345 678 9”: thừa chữ số, cần 10 số", "ví dụ 0912345678"
    row.errors, row.status = [], f"Số điện thoại {typed}, {example}; Ngày khám trống"
    row.save()
    page = text(as_(viewer).get("/hub/errors/"))
    assert f"“•••”: thừa chữ số, cần 10 số, {example}; Ngày khám trống" in page
    assert "0912 345" not in page


def test_a_long_cell_is_cut_and_can_be_opened(browser, source):
    row = wrong_row(source)
    row.values = {"Họ và tên": "Hoa " * 40}
    row.save()
    page = browser.get("/hub/errors/").content.decode()
    assert f"<summary>Họ và tên: {('Hoa ' * 40)[:59]}…</summary>{'Hoa ' * 40}</details>" in page


def test_a_search_without_a_hit_points_at_the_rows_in_error(browser, table, source):
    hint = "Có thể dòng này đang lỗi: xem Dòng lỗi"
    assert hint not in text(browser.get(table, {"q": "khong co"}, **HTMX))
    wrong_row(source)
    assert hint in text(browser.get(table, {"q": "khong co"}, **HTMX))
    factories.make_record(source)
    assert hint not in text(browser.get(table, {"q": "hoa"}, **HTMX))


def test_the_secret_is_shown_to_admins_alone_and_written_down(browser, viewer, source):
    page = f"/hub/sources/{source.pk}/"
    assert source.secret not in browser.get(page).content.decode()
    shown = browser.post(f"{page}secret/", **HTMX)
    assert source.secret in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    entry = AuditEntry.objects.get(action="source.reveal_secret")
    assert (str(entry.actor), entry.subject) == ("chu", str(source.pk))
    assert as_(viewer).post(f"{page}secret/").status_code == 403
    assert AuditEntry.objects.filter(action="source.reveal_secret").count() == 1


def test_a_new_column_is_part_of_the_table(browser, table, visit):
    sent = {"label": "Mức độ đau", "type": "choice", "choices": "Nhẹ\n\nNặng ", "owner": "sheet"}
    assert browser.post(f"{table}fields/", sent).status_code == 302
    field = visit.dataset.fields.get(label="Mức độ đau")
    assert (field.key, field.choices, field.required) == ("muc_do_dau", ["Nhẹ", "Nặng"], False)
    assert "Mức độ đau" in text(browser.get(table))


def test_a_column_that_is_there_or_a_choice_of_nothing_is_refused(browser, table):
    twice = browser.post(f"{table}fields/", {"label": "Bác sĩ", "type": "text", "owner": "sheet"})
    empty = browser.post(f"{table}fields/", {"label": "Màu", "type": "choice", "owner": "sheet"})
    assert "bảng đã có cột này" in text(twice)
    assert "Hãy nhập ít nhất một lựa chọn." in text(empty)


def test_pages_ask_as_often_for_many_rows_as_for_few(browser, table, source, django_assert_max_num_queries):
    pages = [table, "/hub/errors/", "/hub/sources/"]

    def count(address):
        with django_assert_max_num_queries(30) as captured:
            assert browser.get(address).status_code == 200
        return len(captured)

    factories.make_record(source)
    wrong_row(source)
    few = [count(address) for address in pages]
    for number in range(12):
        factories.make_record(source, Mã_khách_hàng=f"KH1{number:02d}")
        wrong_row(source, phone=f"091{number:02d}")
    assert [count(address) for address in pages] == few


def test_history_tells_who_changed_what_when(browser, source):
    record = factories.make_record(source)
    factories.make_record(source, row_id=record.row_id, Số_điện_thoại="0987654321", Ngày_khám="20/11/2026")
    page = text(browser.get(f"/hub/records/{record.pk}/"))
    assert "Số điện thoại: 0912 345 678 → 0987 654 321" in page
    assert "Ngày khám: 21/11/2026 → 20/11/2026" in page


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("script", "sửa ô sai trong bảng tính rồi đặt Gửi webhook = Cập nhật lại"),
        ("file", "sửa trong tệp rồi nhập lại tệp"),
        ("json", "sửa ở phần mềm đó rồi gửi lại"),
    ],
)
def test_a_wrong_row_is_mended_where_it_came_from(browser, source, kind, said):
    wrong_row(source)
    type(source).objects.filter(pk=source.pk).update(kind=kind)
    page = text(browser.get("/hub/errors/"))
    assert said in page
    assert ("Google Sheet" in page.partition("Những dòng này")[2]) == (kind == "script")
