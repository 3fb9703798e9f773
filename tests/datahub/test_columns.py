"""What an admin does to a table's columns: kept in order, written down, taken back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.models import AuditEntry
from datahub.editor import columns
from datahub.editor.columns import Named, Stale
from datahub.editor.field_rules import stamp
from datahub.models import Field, Record
from datahub.schema import FieldSpec
from datahub.tables import schema_of, spec_of
from tests.factories import NOW, make_field, make_record

pytestmark = pytest.mark.django_db

SOON, LATE = NOW + timedelta(minutes=5), NOW + timedelta(minutes=16)


@pytest.fixture
def doctor(dataset):
    return dataset.fields.get(key="doctor")


def change(field, person, /, *, now=NOW, seen=None, **settings):
    field = Field.objects.get(pk=field.pk)
    spec = spec_of(field)
    return columns.change_field(
        field=field, settings=replace(spec, **settings), seen=seen or stamp(spec), actor=person, now=now
    )


def codes(outcome):
    return [(problem.setting, problem.code) for problem in outcome]


def offered(dataset, person, at):
    entry = columns.undoable(dataset, person, at)
    assert entry is not None
    return entry.pk


def read_as(dataset, header):
    column = schema_of(dataset).column(header)
    assert column is not None
    return column.spec.key


def test_a_column_of_the_clinics_own(dataset):
    field = make_field(dataset, " Mã  voucher ", type="choice", choices=("A", " B ", "a", ""))
    assert (field.key, field.label, field.choices) == ("ma_voucher", "Mã voucher", ["A", "B"])
    assert schema_of(dataset).fields[-1].key == "ma_voucher"


def test_two_columns_whose_labels_differ_by_marks_alone_have_keys_of_their_own(dataset):
    for label in ("Mà", "Má", "Mã", "💙"):
        make_field(dataset, label)
    assert [spec.key for spec in schema_of(dataset).fields][-4:] == ["ma", "ma_2", "ma_3", "field"]


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("số điện thoại", "name.taken"),
        ("ĐÃ hoàn thành", "name.taken"),
        ("Gửi  webhook", "name.ours"),
        ("  ", "label.empty"),
        ("\u200b", "label.empty"),
        ("a" * 81, "name.long"),
    ],
)
def test_a_name_that_means_something_else_already_is_refused(dataset, label, code):
    outcome = columns.add_field(dataset=dataset, settings=FieldSpec("", label), actor=None, now=NOW)
    assert codes(outcome) == [("label", code)]
    assert not AuditEntry.objects.exists()


def test_a_renamed_column_is_still_found_under_its_old_name(dataset, source, doctor, owner):
    change(doctor, owner, label="Người điều trị")
    assert read_as(dataset, "Bác sĩ") == read_as(dataset, "Người điều trị") == "doctor"
    assert make_record(source).values["doctor"] == "Trần Văn Nam"


def test_a_name_given_back_is_no_alias_of_itself(doctor, owner):
    change(doctor, owner, label="Người điều trị")
    back = change(doctor, owner, label="Bác sĩ")
    assert (back.label, back.aliases) == ("Bác sĩ", ["Người điều trị"])


@pytest.mark.parametrize(
    ("key", "settings", "expected"),
    [
        ("phone", {"type": "text"}, [("type", "system.type")]),
        ("visit_date", {"owner": "hub"}, [("owner", "system.owner")]),
        ("customer_id", {"required": False}, [("required", "system.required")]),
        ("customer_id", {"max_length": 81}, [("max_length", "length.range")]),
        ("status", {"choices": ("Đặt lịch",)}, [("choices", "choices.done")]),
        ("doctor", {"type": "choice"}, [("choices", "choices.none")]),
        ("doctor", {"type": "choice", "choices": ("abc",), "max_length": 2}, [("choices", "choices.long")]),
        ("doctor", {"type": "number", "minimum": "10", "maximum": "9"}, [("maximum", "limits.crossed")]),
        ("doctor", {"aliases": ("SĐT", "Dịch vụ")}, [("aliases", "name.taken")]),
        ("visit_date", {"minimum": "2026-02-01", "maximum": "2026-01-01"}, [("maximum", "limits.crossed")]),
    ],
)
def test_settings_that_would_break_what_a_visit_is_are_refused(dataset, owner, key, settings, expected):
    field = dataset.fields.get(key=key)
    assert codes(change(field, owner, **settings)) == expected
    assert spec_of(dataset.fields.get(key=key)) == spec_of(field)


def test_of_two_admins_at_once_the_second_is_told(doctor, owner):
    seen = stamp(spec_of(doctor))
    change(doctor, owner, label="Bác sĩ chính", seen=seen)
    outcome = change(doctor, owner, required=True, seen=seen)
    assert isinstance(outcome, Stale)
    assert outcome.now is not None
    assert outcome.now.label == "Bác sĩ chính"
    assert not Field.objects.get(pk=doctor.pk).required


def test_every_change_is_written_down_with_what_was(doctor, owner):
    change(doctor, owner, required=True)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject, entry.actor) == ("field.change", str(doctor.dataset_id), owner)
    [told] = entry.facts["changes"]
    assert (told["field"], told["before"]["settings"]["required"], told["after"]["settings"]["required"]) == (
        "doctor",
        False,
        True,
    )


def test_nothing_changed_is_nothing_to_write_down(doctor, owner):
    assert isinstance(change(doctor, owner), Field)
    assert not AuditEntry.objects.exists()


def test_an_archived_column_is_neither_read_nor_shown_and_keeps_its_data(dataset, source, doctor, owner):
    record = make_record(source, row_id="a")
    columns.set_archived(field=doctor, archived=True, seen=stamp(spec_of(doctor)), actor=owner, now=NOW)
    make_record(source, row_id="a", Bác_sĩ="Lê Bình", Dịch_vụ="Tẩy trắng")
    record.refresh_from_db()
    assert (record.values["doctor"], record.values["service"]) == ("Trần Văn Nam", "Tẩy trắng")
    assert "doctor" not in [field.key for field in dataset.live_fields]
    columns.set_archived(field=doctor, archived=False, seen=stamp(spec_of(doctor)), actor=owner, now=NOW)
    make_record(source, row_id="a", Bác_sĩ="Lê Bình", Dịch_vụ="Tẩy trắng")
    record.refresh_from_db()
    assert record.values["doctor"] == "Lê Bình"


def test_what_a_visit_is_told_by_is_never_archived(dataset, owner):
    phone = dataset.fields.get(key="phone")
    with pytest.raises(ValueError, match="phone"):
        columns.set_archived(field=phone, archived=True, seen=stamp(spec_of(phone)), actor=owner, now=NOW)


def test_a_column_of_the_hub_is_not_read_from_a_sheet(dataset, source, doctor, owner):
    record = make_record(source, row_id="a")
    change(doctor, owner, owner="hub", required=True)
    make_record(source, row_id="a", Bác_sĩ="Lê Bình", Dịch_vụ="Tẩy trắng")
    record.refresh_from_db()
    assert (record.values["doctor"], record.values["service"]) == ("Trần Văn Nam", "Tẩy trắng")


def test_columns_move_past_their_neighbours_and_stop_at_the_ends(dataset, doctor, owner):
    def order():
        return [spec.key for spec in schema_of(dataset).fields]

    before = order()
    columns.move_field(field=doctor, up=True, actor=owner, now=NOW)
    assert order() == [*before[:4], "doctor", "visit_date", *before[6:]]
    columns.move_field(field=doctor, up=False, actor=owner, now=NOW)
    assert order() == before
    columns.move_field(field=dataset.fields.get(key=before[0]), up=True, actor=owner, now=NOW)
    columns.move_field(field=dataset.fields.get(key=before[-1]), up=False, actor=owner, now=NOW)
    assert order() == before


def test_a_change_is_taken_back_soon_by_the_one_who_made_it(dataset, doctor, owner, colleague):
    former = spec_of(doctor)
    change(doctor, owner, label="Người điều trị", type="choice", choices=("A",), required=True)
    entry = offered(dataset, owner, SOON)
    assert columns.undoable(dataset, colleague, SOON) is None
    assert columns.undoable(dataset, owner, LATE) is None
    assert not columns.undo(dataset=dataset, entry_id=entry, actor=owner, now=LATE)
    assert columns.undo(dataset=dataset, entry_id=entry, actor=owner, now=SOON)
    assert spec_of(Field.objects.get(pk=doctor.pk)) == former
    assert columns.undoable(dataset, owner, SOON) is None
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == ["field.change", "field.undo"]


def test_what_was_built_upon_is_not_taken_back(dataset, doctor, owner):
    change(doctor, owner, required=True)
    first = offered(dataset, owner, SOON)
    change(doctor, owner, label="Bác sĩ chính")
    assert not columns.undo(dataset=dataset, entry_id=first, actor=owner, now=SOON)
    assert Field.objects.get(pk=doctor.pk).required


def test_a_new_column_is_taken_back_until_it_holds_something(dataset, source, owner):
    def add(now):
        columns.add_field(dataset=dataset, settings=FieldSpec("", "Ghi chú"), actor=owner, now=now)
        return offered(dataset, owner, now)

    assert columns.undo(dataset=dataset, entry_id=add(NOW), actor=owner, now=NOW)
    assert not dataset.fields.filter(key="ghi_chu").exists()
    entry = add(SOON)
    make_record(source, Ghi_chú="dị ứng")
    assert not columns.undo(dataset=dataset, entry_id=entry, actor=owner, now=SOON)
    assert Record.objects.get().values["ghi_chu"] == "dị ứng"


def test_names_of_a_sheet_become_aliases_and_new_columns(dataset, source, owner):
    said = [Named("SĐT", "phone"), Named("Bảo hiểm", "", "yes_no"), Named("Nguồn khách", "", "choice", ("FB", "Zalo"))]
    columns.take_names(dataset=dataset, names=said, actor=owner, now=NOW)
    record = make_record(source, Số_điện_thoại="", SĐT="0987654321", Bảo_hiểm="x", Nguồn_khách="zalo")
    assert (record.phone, record.values["bao_hiem"], record.values["nguon_khach"]) == ("84987654321", "Có", "Zalo")
    entry = offered(dataset, owner, SOON)
    assert not columns.undo(dataset=dataset, entry_id=entry, actor=owner, now=SOON), "the new columns hold data"


def test_of_the_names_of_a_sheet_all_are_taken_or_none(dataset, owner):
    said = [Named("SĐT", "phone"), Named("Bác sĩ", "", "text"), Named("Cột cũ", "mat_roi")]
    outcome = columns.take_names(dataset=dataset, names=said, actor=owner, now=NOW)
    assert isinstance(outcome, dict)
    assert {header: codes(found) for header, found in outcome.items()} == {
        "Bác sĩ": [("label", "name.taken")],
        "Cột cũ": [("key", "name.gone")],
    }
    assert schema_of(dataset).column("SĐT") is None
    assert not AuditEntry.objects.exists()


def test_another_status_may_complete_a_visit(dataset, source, owner):
    def choose(value, seen="Đã hoàn thành"):
        return columns.set_done_value(dataset=dataset, value=value, seen=seen, actor=owner, now=NOW)

    assert codes(choose("Xong")) == [("done_value", "done.unknown")]
    assert isinstance(choose("Hủy", seen="Cũ"), Stale)
    choose("đang điều trị")
    assert make_record(source, row_id="a").completed_at is None
    assert make_record(source, row_id="b", Trạng_thái="Đang điều trị").completed_at == NOW
    entry = offered(dataset, owner, SOON)
    assert columns.undo(dataset=dataset, entry_id=entry, actor=owner, now=SOON)
    assert schema_of(dataset).done_value == "Đã hoàn thành"


def test_a_batch_reads_the_whole_schema_at_one_moment(dataset, django_assert_num_queries):
    dataset.done_value = "what was read long ago"
    with django_assert_num_queries(1):
        schema = schema_of(dataset)
    assert schema.done_value == "Đã hoàn thành"
