"""Pages on which an admin changes a table's columns."""

import pytest

from accounts.models import AuditEntry
from datahub.models import ScriptPulse
from datahub.tables import schema_of
from tests.accounts.browser import HTMX, as_, form, text
from tests.factories import NOW, make_field, make_record, make_source, visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(owner):
    return as_(owner)


@pytest.fixture
def page(dataset):
    return f"/hub/tables/{dataset.pk}/fields/"


def typed(browser, address, **changes):
    """The column's form as it stands on the page, with changes; a box that is unticked is None."""
    sent = {name: values[0] for name, values in form(browser.get(address), id="change").items()}
    return {name: value for name, value in (sent | changes).items() if value is not None}


def read_as(dataset, header):
    column = schema_of(dataset).column(header)
    assert column is not None
    return column.spec


def heard(source, *headers):
    ScriptPulse.objects.create(source=source, at=NOW, facts={"headers": list(headers)})


def test_a_harmless_change_is_stored_at_once_and_may_be_taken_back(admin, page, dataset, source):
    make_record(source)
    address = f"{page}doctor/"
    assert admin.post(address, typed(admin, address, label="Người điều trị")).url == page
    assert read_as(dataset, "Bác sĩ").label == "Người điều trị"
    listed = admin.get(page)
    assert "cũng hiểu: Bác sĩ" in text(listed)
    undo = f"/hub/tables/{dataset.pk}/undo/{AuditEntry.objects.get().pk}/"
    assert admin.post(undo, form(listed, action=undo), follow=True).redirect_chain == [(page, 302)]
    assert read_as(dataset, "Bác sĩ").label == "Bác sĩ"
    assert "Không hoàn tác được" in text(admin.post(undo, follow=True))


def test_what_a_change_breaks_is_shown_before_it_is_stored(admin, page, dataset, source):
    record = make_record(source, Dịch_vụ="Trám răng")
    address = f"{page}service/"
    shown = admin.post(address, typed(admin, address, max_length="5"))
    assert "1 lượt khám đang có giá trị không hợp với thiết lập mới" in text(shown)
    assert "“Trám răng”: dài 9 ký tự, tối đa 5" in text(shown)
    assert f"dòng 2 {source.name}" in text(shown)
    assert dataset.fields.get(key="service").max_length == 200
    again = {name: values[0] for name, values in form(shown, id="change").items()}
    assert again["max_length"] == "5"
    assert admin.post(address, again).url == page
    assert dataset.fields.get(key="service").max_length == 5
    record.refresh_from_db()
    assert record.values["service"] == "Trám răng", "what is stored is never changed by it"
    assert "Trám răng" in text(admin.get(f"{page}service/values/"))


def test_another_change_after_the_preview_is_previewed_too(admin, page, dataset, source):
    make_record(source, Dịch_vụ="Trám răng")
    address = f"{page}service/"
    shown = admin.post(address, typed(admin, address, max_length="5"))
    again = {name: values[0] for name, values in form(shown, id="change").items()} | {"max_length": "4"}
    assert "tối đa 4" in text(admin.post(address, again))
    assert dataset.fields.get(key="service").max_length == 200


def test_the_second_of_two_admins_sees_what_the_first_did_and_loses_nothing(admin, page, dataset):
    address = f"{page}doctor/"
    mine = typed(admin, address, aliases="BS\nNha sĩ")
    admin.post(address, typed(admin, address, label="Bác sĩ chính"))
    shown = admin.post(address, mine)
    assert "Cột này vừa được người khác sửa" in text(shown)
    assert "Tên cột Bác sĩ chính" in text(shown)
    again = {name: values[0] for name, values in form(shown, id="change").items()}
    assert again["aliases"] == "BS\r\nNha sĩ"
    assert admin.post(address, again).url == page
    assert "Nha sĩ" in dataset.fields.get(key="doctor").aliases


def test_wrong_settings_are_told_beside_their_box_and_keep_what_was_typed(admin, page, dataset):
    address = f"{page}doctor/"
    sent = typed(admin, address, label="Dịch vụ", type="number", minimum="mười")
    shown = admin.post(address, sent)
    assert "“mười”: không đọc được số" in text(shown)
    assert form(shown, id="change")["label"] == ["Dịch vụ"]
    shown = admin.post(address, sent | {"minimum": "1.000", "maximum": "20"})
    assert "“Dịch vụ”: bảng đã có cột này (Dịch vụ)" in text(shown)
    assert "Mức cao nhất phải lớn hơn" in text(shown)
    assert dataset.fields.get(key="doctor").type == "text"


def test_what_the_system_needs_can_be_renamed_and_no_more(admin, page, dataset):
    address = f"{page}phone/"
    sent = typed(admin, address, label="SĐT Zalo") | {"type": "text", "owner": "hub"}
    assert admin.post(address, sent).url == page
    phone = dataset.fields.get(key="phone")
    assert (phone.label, phone.type, phone.owner, phone.required) == ("SĐT Zalo", "phone", "sheet", True)
    assert admin.post(f"{address}archive/").status_code == 302
    assert dataset.fields.get(key="phone").archived_at is None


def test_archiving_tells_what_it_touches_and_keeps_the_data(admin, page, dataset, source):
    field = make_field(dataset, "Ghi chú")
    record = make_record(source, Ghi_chú="dị ứng")
    heard(source, *visit(), "Ghi chú")
    address = f"{page}{field.key}/archive/"
    shown = admin.get(address)
    assert "1 lượt khám có dữ liệu ở cột này" in text(shown)
    assert f"Sheet “{source.name}” có cột Ghi chú: sẽ không còn được đọc" in text(shown)
    assert admin.post(address, form(shown, id="change")).url == page
    assert "dị ứng" not in text(admin.get(f"/hub/records/{record.pk}/"))
    listed = admin.get(page)
    restore = f"{page}{field.key}/restore/"
    assert admin.post(restore, form(listed, action=restore)).url == page
    assert "dị ứng" in text(admin.get(f"/hub/records/{record.pk}/"))


def test_a_new_required_column_does_not_silently_refuse_every_row(admin, page, dataset, source):
    heard(source, *visit())
    sent = {"label": "Mã thẻ", "type": "text", "owner": "sheet", "required": "on"}
    shown = admin.post(page, sent)
    assert "1 sheet đang gửi dữ liệu chưa có cột “Mã thẻ”" in text(shown)
    assert not dataset.fields.filter(label="Mã thẻ").exists()
    admin.post(page, sent | {"start": "optional"})
    assert not dataset.fields.get(label="Mã thẻ").required
    admin.post(page, sent | {"label": "Mã quà", "start": "required"})
    assert dataset.fields.get(label="Mã quà").required


def test_a_required_column_that_every_sheet_has_is_added_at_once(admin, page, dataset, source):
    heard(source, *visit(), "Mã thẻ")
    sent = {"label": "Mã thẻ", "type": "text", "owner": "sheet", "required": "on"}
    assert admin.post(page, sent).url == page
    assert dataset.fields.get(label="Mã thẻ").required


def test_a_column_moves_in_place_and_without_scripts(admin, page, dataset):
    address = f"{page}doctor/move/"
    moved = admin.post(address, {"to": "up"}, **HTMX)
    assert "<html" not in moved.content.decode()
    assert [field.key for field in dataset.live_fields][4:6] == ["doctor", "visit_date"]
    assert admin.post(address, {"to": "down"}).url == page
    assert [field.key for field in dataset.fields.all()][4:6] == ["visit_date", "doctor"]


def test_names_are_suggested_from_a_pasted_header_and_kept_as_said(admin, dataset):
    address = f"/hub/tables/{dataset.pk}/names/"
    pasted = "Mã khách hàng\tSĐT\tSố lần tái khám\tGửi webhook\nKH1\t0912345678\t3\tĐã gửi"
    shown = admin.post(address, {"pasted": pasted})
    sent = {name: values[0] for name, values in form(shown, id="change").items()}
    assert (sent["means-0"], sent["means-1"], sent["type-1"]) == ("phone", "-", "number")
    assert "Gửi webhook cột của hệ thống" in text(shown)
    assert sent["pasted"].splitlines() == pasted.splitlines()
    assert admin.post(address, sent | {"means-1": "+", "save": "1"}).status_code == 302
    assert read_as(dataset, "SĐT").key == "phone"
    assert read_as(dataset, "Số lần tái khám").type == "number"


def test_names_are_suggested_from_a_live_sheet(admin, dataset, source):
    heard(source, "Mã KH", "BS")
    shown = admin.get(f"/hub/tables/{dataset.pk}/names/", {"sheet": source.pk})
    sent = form(shown, id="change")
    assert (sent["means-0"], sent["means-1"]) == (["customer_id"], ["doctor"])


def test_two_columns_of_one_name_are_told_and_nothing_is_stored(admin, dataset):
    address = f"/hub/tables/{dataset.pk}/names/"
    sent = {"pasted": "Ghi chú\tGHI CHÚ", "save": "1", "type-0": "text", "type-1": "text"}
    shown = admin.post(address, sent | {"means-0": "+", "means-1": "+"})
    assert "“GHI CHÚ”: bảng đã có cột này (Ghi chú)" in text(shown)
    assert not dataset.fields.filter(label="Ghi chú").exists()
    assert admin.post(address, sent | {"means-0": "+", "means-1": "-"}).status_code == 302
    assert dataset.fields.filter(label="Ghi chú").exists()


def test_another_done_value_shows_its_consequence_first(admin, dataset, source):
    make_record(source)
    make_record(source, Trạng_thái="Đang điều trị")
    address = f"/hub/tables/{dataset.pk}/done/"
    shown = admin.post(address, typed(admin, address, done_value="Đang điều trị"))
    assert "1 lượt “Đã hoàn thành” vẫn được coi là đã hoàn thành" in text(shown)
    assert "1 lượt đang là “Đang điều trị” chưa được tính hoàn thành" in text(shown)
    dataset.refresh_from_db()
    assert dataset.done_value == "Đã hoàn thành"
    admin.post(address, form(shown, id="change"))
    dataset.refresh_from_db()
    assert dataset.done_value == "Đang điều trị"


def test_columns_are_the_admins_and_another_clinic_s_table_does_not_exist(colleague, stranger, page, dataset):
    addresses = [page, f"{page}doctor/", f"{page}doctor/archive/", f"{page}doctor/values/"]
    addresses += [f"/hub/tables/{dataset.pk}/names/", f"/hub/tables/{dataset.pk}/done/"]
    for address in addresses:
        assert as_(colleague).get(address).status_code == 403
        assert as_(stranger).get(address).status_code == 404
    for address in (f"{page}doctor/move/", f"{page}doctor/restore/", f"/hub/tables/{dataset.pk}/undo/1/"):
        assert as_(colleague).post(address).status_code == 403
        assert as_(stranger).post(address).status_code == 404
    assert as_(stranger).get(f"{page}khong_co/").status_code == 404


def test_the_pages_ask_as_often_for_many_columns_as_for_few(
    admin, page, dataset, source, django_assert_max_num_queries
):
    heard(source, *visit())
    address = f"{page}doctor/"

    def count():
        with django_assert_max_num_queries(36) as captured:
            admin.get(page)
            admin.post(address, typed(admin, address, type="number"))
        return len(captured)

    make_record(source)
    few = count()
    for number in range(8):
        make_field(dataset, f"Cột {number}")
        make_record(source, row_id=f"r{number}", Bác_sĩ=f"Bác sĩ {number}")
    make_source(dataset)
    assert count() == few
