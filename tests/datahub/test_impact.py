"""What a change to a column would do, told before it is done."""

from dataclasses import replace
from datetime import timedelta

import pytest

from datahub.editor.field_uses import hub_uses
from datahub.editor.impact import impact_of, tally
from datahub.editor.usage import Use
from datahub.imports.mapping import FileMapping
from datahub.json.mapping import JsonMapping
from datahub.matching.headers import live_sheets
from datahub.models import Checkup, FileImport, Record, ScriptPulse, Segment, SheetRow
from datahub.tables import schema_of, spec_of
from integrations.vietnam import local
from tests.factories import NOW, make_dataset, make_field, make_record, make_source, visit

pytestmark = pytest.mark.django_db
TODAY = local(NOW).date()


def impact(dataset, key, *, uses=(), archive=False, **settings):
    old = spec_of(dataset.fields.get(key=key))
    new = None if archive else replace(old, **settings)
    return impact_of(dataset=dataset, schema=schema_of(dataset), old=old, new=new, uses=uses, today=TODAY)


def wrong_row(source, values):
    count = SheetRow.objects.count()
    SheetRow.objects.create(
        workspace=source.workspace, source=source, row_id=f"wrong-{count}", row_number=count + 2, fingerprint="x",
        accepted=False, values=values, seen_at=NOW,
    )  # fmt: skip


def make_import(source, name, state, ended_at=None):
    mapping = FileMapping(("Khám lúc", "DV"), ("", "service")).as_json()
    FileImport.objects.create(
        workspace=source.workspace, source=source, name=name, sha256="", state=state, mapping=mapping, at=NOW,
        ended_at=ended_at,
    )  # fmt: skip


def headers(source, *names, at=NOW):
    ScriptPulse.objects.update_or_create(source=source, defaults={"at": at, "facts": {"headers": list(names)}})


def test_values_that_a_new_type_refuses_are_counted_with_the_first_five_by_row(dataset, source):
    field = make_field(dataset, "Ghi chú")
    for number, said in enumerate(["1,5", "dị ứng", "1.500.000", "sốt", "sốt", "a", "b", "c", "d", ""]):
        make_record(source, row_id=f"r{number}", Ghi_chú=said)
    found = impact(dataset, field.key, type="number").tally
    assert (found.filled, found.blank, found.refused, found.reread) == (9, 1, 7, 2)
    assert [each.value for each in found.misfits] == ["dị ứng", "sốt", "a", "b", "c"]
    assert found.misfits[1].count == 2
    assert found.misfits[1].row.record.row_id == "r3"
    assert "không đọc được số" in found.misfits[0].message
    assert {record.values.get(field.key, "") for record in Record.objects.all()} >= {"dị ứng", "1,5"}


@pytest.mark.parametrize(
    ("key", "settings", "refused"),
    [
        ("service", {"max_length": 8}, 1),
        ("service", {"type": "choice", "choices": ("NHỔ RĂNG", "Niềng")}, 1),
        ("visit_date", {"minimum": "2026-11-21"}, 1),
        ("visit_date", {"maximum": "2026-11-20"}, 1),
        ("visit_date", {"maximum": "2026-11-30"}, 0),
        ("status", {"choices": ("Đã hoàn thành",)}, 1),
        ("doctor", {"aliases": ("BS",)}, 0),
    ],
)
def test_limits_and_choices_count_too(dataset, source, key, settings, refused):
    make_record(source)
    make_record(source, Dịch_vụ="Trám răng", Ngày_khám="20/11/2026", Trạng_thái="Hủy")
    assert impact(dataset, key, **settings).tally.refused == refused


def test_the_same_number_of_queries_however_many_records(dataset, source, django_assert_num_queries):
    field = make_field(dataset, "Ghi chú")
    for number in range(12):
        make_record(source, Ghi_chú=f"không là số {number}")
    with django_assert_num_queries(2):
        assert tally(dataset, replace(spec_of(field), type="number"), TODAY).refused == 12


def test_another_table_s_values_do_not_count(dataset, workspace, source):
    make_record(make_source(make_dataset(workspace)), Dịch_vụ="Một dịch vụ rất dài")
    assert impact(dataset, "service", max_length=3).tally.filled == 0


def test_rows_in_error_that_a_change_mends(dataset, source):
    wrong_row(source, visit(Trạng_thái="Tái khám"))
    wrong_row(source, visit(Trạng_thái="Tái khám", Số_điện_thoại="09"))
    choices = ("Đặt lịch", "Đang điều trị", "Đã hoàn thành", "Hủy", "Tái khám")
    assert impact(dataset, "status", choices=choices).mended == 1
    assert not impact(dataset, "status", choices=choices).breaks


def test_a_sheet_that_lacks_a_column_that_becomes_required_is_named(dataset, source):
    other = make_source(dataset)
    headers(source, "Mã khách hàng", "BS")
    assert [sheet.source for sheet in impact(dataset, "doctor", required=True).lacking] == [source, other]
    found = impact(dataset, "doctor", required=True, aliases=("BS",))
    assert [sheet.source for sheet in found.lacking] == [other], "a sheet that was never seen may lack it"
    assert not impact(dataset, "doctor", required=True, owner="hub").lacking


def test_visits_without_a_value_are_counted_when_it_becomes_required(dataset, source):
    make_record(source, Bác_sĩ="")
    headers(source, *visit())
    found = impact(dataset, "doctor", required=True)
    assert (found.tally.blank, found.lacking, found.breaks) == (1, (), True)


def test_a_live_sheet_that_no_longer_matches_is_named(dataset, source):
    field = make_field(dataset, "Nguồn khách", aliases=("Kênh",))
    headers(source, "Kênh")
    [(sheet, names)] = impact(dataset, field.key, aliases=()).lost
    assert (sheet.source, names) == (source, ("Kênh",))
    assert impact(dataset, field.key, owner="hub").lost
    assert impact(dataset, field.key, archive=True).lost
    assert not impact(dataset, field.key, label="Khách từ đâu").lost


def test_the_newest_header_counts_be_it_of_a_pulse_or_a_checkup(dataset, source, django_assert_num_queries):
    headers(source, "Từ nhịp tim")
    Checkup.objects.create(source=source, at=NOW - timedelta(days=1), rows=1, headers=["Hôm qua"])
    assert live_sheets(dataset)[0].headers == ("Từ nhịp tim",)
    Checkup.objects.create(source=source, at=NOW + timedelta(hours=1), rows=1, headers=["Vừa xong"])
    make_source(dataset)
    with django_assert_num_queries(1):
        assert [sheet.headers for sheet in live_sheets(dataset)] == [("Vừa xong",), ()]


def test_uses_are_told_only_where_the_change_touches_them(dataset):
    waits = Use("status", "lọc", "Chăm sóc", "campaigns:campaign", (1,), values=("Hủy",), is_live=True)
    other = Use("doctor", "lọc", "Khác", "campaigns:campaign", (2,))
    without = ("Đặt lịch", "Đang điều trị", "Đã hoàn thành")
    assert impact(dataset, "status", uses=[waits, other], choices=without).uses == (waits,)
    assert impact(dataset, "status", uses=[waits], choices=(*without, "Hủy")).uses == ()
    assert impact(dataset, "doctor", uses=[waits, other], label="BS").uses == ()
    assert impact(dataset, "doctor", uses=[other], type="number").uses == (other,)


def test_a_column_that_something_running_asks_about_may_not_be_archived(dataset):
    live = Use("doctor", "lọc", "Chăm sóc", "campaigns:campaign", (1,), is_live=True)
    draft = replace(live, is_live=False)
    assert impact(dataset, "doctor", uses=[live, draft], archive=True).stops == (live,)
    assert impact(dataset, "doctor", uses=[draft], archive=True).stops == ()
    assert impact(dataset, "doctor", uses=[live], type="number").stops == ()


def test_segments_mappings_and_running_imports_are_uses(dataset, workspace, source, django_assert_num_queries):
    tree = {"all": [{"any": [{"field": "service", "op": "in", "values": ["Nhổ răng"]}]}]}
    Segment.objects.create(workspace=workspace, dataset=dataset, name="Nhổ răng", tree=tree, created_at=NOW)
    source.mapping = JsonMapping(preset="kiotviet", fields={"service": "dv", "doctor": ""}).model_dump()
    source.save()
    make_import(source, "cũ.xlsx", "running")
    make_import(source, "xong.xlsx", "done")
    with django_assert_num_queries(3):
        found = hub_uses(dataset)
    assert [(use.name, use.values, use.is_live) for use in found if use.key == "service"] == [
        ("Nhổ răng", ("Nhổ răng",), False),
        (source.name, (), False),
        ("cũ.xlsx", (), True),
    ]
    assert {use.key for use in found} == {"service"}


@pytest.mark.parametrize(
    ("state", "ended_at", "counts"),
    [
        ("uploaded", None, True),
        ("running", None, True),
        ("paused", None, True),
        ("undoing", None, True),
        ("failed", None, True),
        ("failed", NOW, False),
        ("stopped", NOW, False),
        ("done", NOW, False),
        ("undone", NOW, False),
    ],
)
def test_a_file_that_may_go_on_holds_its_columns(dataset, source, state, ended_at, counts):
    make_import(source, "cũ.xlsx", state, ended_at)
    uses = hub_uses(dataset)
    assert bool(impact(dataset, "service", uses=uses, archive=True).stops) is counts
    assert [use.view for use in uses] == ["datahub:import"] * counts  # the page where it can be stopped
