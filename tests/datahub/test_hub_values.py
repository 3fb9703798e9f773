"""The columns that the Data Hub itself keeps, filled in by hand."""

from datetime import timedelta

import pytest

from accounts.models import AuditEntry
from datahub.editor.hub_values import hub_cells, write_hub_values
from datahub.models import Record, RecordEvent
from tests.accounts.browser import as_, form, text
from tests.factories import NOW, make_field, make_record

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def fields(dataset):
    return [
        make_field(dataset, "Ghi chú chăm sóc", owner="hub"),
        make_field(dataset, "Chi phí", owner="hub", type="number", maximum="9000000"),
        make_field(dataset, "Hẹn gọi", owner="hub", type="date"),
        make_field(dataset, "Mức đau", owner="hub", type="choice", choices=("Nhẹ", "Nặng"), required=True),
    ]


@pytest.fixture
def record(source, fields):
    return make_record(source, row_id="a")


def write(record, actor, former=None, **typed):
    former = {cell.spec.key: cell.former for cell in hub_cells(record)} | (former or {})
    return write_hub_values(record=record, typed=typed, former=former, actor=actor, now=LATER)


def test_what_a_person_types_is_read_as_a_sheet_s_cell_is(record, colleague):
    cells = write(record, colleague, chi_phi="1.500.000", hen_goi="1/12/26", muc_dau="nặng")
    record.refresh_from_db()
    assert not any(cell.error for cell in cells)
    assert {key: record.values.get(key) for key in ("chi_phi", "hen_goi", "muc_dau")} == {
        "chi_phi": "1500000", "hen_goi": "2026-12-01", "muc_dau": "Nặng",
    }  # fmt: skip
    event = RecordEvent.objects.latest("id")
    assert (event.actor, event.at, set(event.changes)) == (str(colleague), LATER, {"chi_phi", "hen_goi", "muc_dau"})
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.actor, entry.facts) == (
        "record.edit", colleague, {"fields": ["chi_phi", "hen_goi", "muc_dau"]},
    )  # fmt: skip


def test_a_sheet_does_not_take_it_back(record, source, colleague):
    write(record, colleague, ghi_chu_cham_soc="dị ứng", muc_dau="Nhẹ")
    make_record(source, row_id="a", Dịch_vụ="Tẩy trắng", Ghi_chú_chăm_sóc="từ sheet")
    assert Record.objects.get().values["ghi_chu_cham_soc"] == "dị ứng"
    assert Record.objects.get().values["service"] == "Tẩy trắng"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"chi_phi": "nhiều"}, "“nhiều”: không đọc được số"),
        ({"chi_phi": "9.000.001"}, "“9.000.001”: lớn hơn mức cao nhất là 9.000.000"),
        ({"hen_goi": "31/2/2026"}, "tháng 2/2026 không có ngày 31"),
        ({"muc_dau": "Vừa"}, "“Vừa”: không có trong danh sách (Nhẹ, Nặng)"),
    ],
)
def test_wrong_values_are_told_and_nothing_is_stored(record, colleague, typed, told):
    cells = write(record, colleague, ghi_chu_cham_soc="đúng", **typed)
    [wrong] = [cell for cell in cells if cell.error]
    assert told in wrong.error
    assert wrong.typed == next(iter(typed.values()))
    record.refresh_from_db()
    assert "ghi_chu_cham_soc" not in record.values
    assert RecordEvent.objects.count() == 1


def test_boxes_that_were_not_touched_stay_as_they_are(record, colleague):
    record.values |= {"chi_phi": "1.125", "hen_goi": "mai", "muc_dau": "Vừa"}
    record.save()
    before = record.values
    assert not any(cell.error for cell in write(record, colleague, **{c.spec.key: c.former for c in hub_cells(record)}))
    record.refresh_from_db()
    assert record.values == before
    assert hub_cells(record)[1].typed == "1,125"


def test_a_box_that_somebody_else_changed_is_not_overwritten(record, owner, colleague):
    write(record, owner, ghi_chu_cham_soc="của chủ", muc_dau="Nhẹ")
    [wrong] = [
        cell
        for cell in write(record, colleague, former={"ghi_chu_cham_soc": ""}, ghi_chu_cham_soc="của lễ tân")
        if cell.error
    ]
    assert (wrong.typed, wrong.stored) == ("của lễ tân", "của chủ")
    assert "vừa được người khác đổi thành “của chủ”" in wrong.error
    assert Record.objects.get().values["ghi_chu_cham_soc"] == "của chủ"


def test_a_required_box_cannot_be_emptied(record, colleague):
    write(record, colleague, muc_dau="Nhẹ")
    record.refresh_from_db()
    assert "đang để trống" in write(record, colleague, muc_dau=" ")[3].error


def test_reception_fills_them_in_on_the_visit_s_page(record, colleague, viewer, stranger):
    page, address = f"/hub/records/{record.pk}/", f"/hub/records/{record.pk}/values/"
    browser = as_(colleague)
    sent = form(browser.get(page), action=address)
    wrong = browser.post(address, sent | {"chi_phi": "nhiều", "muc_dau": "Nhẹ", "ghi_chu_cham_soc": "gọi lại"})
    assert "Chi phí “nhiều”: không đọc được số" in text(wrong)
    kept = form(wrong, action=address)
    assert (kept["chi_phi"], kept["ghi_chu_cham_soc"], kept["former-ghi_chu_cham_soc"]) == (
        ["nhiều"],
        ["gọi lại"],
        [""],
    )
    assert browser.post(address, kept | {"chi_phi": "5", "muc_dau": "Nhẹ"}).url == page
    assert "gọi lại" in text(browser.get(page))
    assert as_(viewer).post(address, sent).status_code == 403
    assert as_(stranger).post(address, sent).status_code == 404
    assert address not in as_(viewer).get(page).content.decode()
