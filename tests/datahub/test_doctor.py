"""The sheet doctor: no alarm on a clean sheet, and every planted fault by its own name and no other."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from datahub.doctor.connection import connection_findings
from datahub.doctor.diagnosis import diagnose
from datahub.doctor.snapshot import Connection, Facts, Finding, SnapRow, Snapshot
from datahub.schema import FieldSpec, Schema
from tests.datahub.clean_sheet import ROWS, SCHEMA, TODAY, clean_sheet, facts_of, put, put_in, rename, without

PHONE, DAY, STATUS, SENT, ASKED = "Số điện thoại", "Ngày khám", "Trạng thái", "Trạng thái gửi Webhook", "Gửi webhook"
CLEAN = clean_sheet()
Plant = Callable[[Random], Snapshot]


def found(sheet: Snapshot, facts: Facts | None = None, schema: Schema = SCHEMA) -> list[Finding]:
    return diagnose(sheet, schema, TODAY, facts or facts_of(CLEAN))


def codes(sheet: Snapshot, facts: Facts | None = None) -> list[str]:
    return [each.code for each in found(sheet, facts)]


def some(random: Random, most: int = 12) -> set[int]:
    """A few row numbers."""
    return set(random.sample(range(2, ROWS + 2), random.randint(1, most)))


def many(random: Random) -> set[int]:
    """Most row numbers."""
    return set(random.sample(range(2, ROWS + 2), random.randint(ROWS * 3 // 5, ROWS)))


def titled(random: Random) -> Snapshot:
    """A title and an empty line above the header."""
    lines = random.randint(1, 4)
    head = [SnapRow(1 + at, "", ("DANH SÁCH KHÁCH",) if not at else ("",)) for at in range(lines)]
    header = SnapRow(1 + lines, "", CLEAN.headers)
    body = [replace(row, number=row.number + lines, row_id="") for row in CLEAN.rows]
    return Snapshot(head[0].cells, (*head[1:], header, *body))


def swapped(random: Random) -> Snapshot:
    """Two headers changed places without their data."""
    one, other = random.choice([(PHONE, DAY), (PHONE, STATUS), (DAY, STATUS), (PHONE, "Bác sĩ"), (STATUS, "Dịch vụ")])
    names = {one: other, other: one}
    return replace(CLEAN, headers=tuple(names.get(header, header) for header in CLEAN.headers))


def zeroless(random: Random) -> Snapshot:
    rows = many(random)
    digits = str.maketrans("", "", " .")
    return put(
        CLEAN, PHONE, lambda row, cell: f"9{cell.translate(digits)[-8:]}" if cell and row.number in rows else cell
    )


def american(rows: set[int]) -> Snapshot:
    """Days typed month first, one of them sure to show."""
    first = min(rows)

    def turn(row: SnapRow, cell: str) -> str:
        if row.number not in rows:
            return cell
        return "11/20/2026" if row.number == first else f"{cell[3:5]}/{cell[:2]}/{cell[6:]}"

    return put(CLEAN, DAY, turn)


def repeated(random: Random) -> Snapshot:
    original = CLEAN.rows[random.randrange(ROWS)]
    copy = replace(original, number=ROWS + 2, row_id="id-mới")
    return replace(CLEAN, rows=(*CLEAN.rows[:ROWS], copy))


def with_ids(random: Random) -> Snapshot:
    one, other = random.sample(range(ROWS), 2)
    rows = list(CLEAN.rows)
    rows[one] = replace(rows[one], row_id=rows[other].row_id)
    return replace(CLEAN, rows=tuple(rows))


def gapped(random: Random) -> Snapshot:
    gone = {number for number in some(random) if number < ROWS} or {7}
    blank = ("",) * len(CLEAN.headers)
    return replace(CLEAN, rows=tuple(replace(r, cells=blank) if r.number in gone else r for r in CLEAN.rows))


def crowded(random: Random) -> Snapshot:
    """A sheet grown to near the limit, each row a visit of its own."""
    at = CLEAN.headers.index("Mã khách hàng")

    def grown(number: int) -> SnapRow:
        like = CLEAN.rows[number % ROWS]
        cells = (*like.cells[:at], f"X{number}", *like.cells[at + 1 :])
        return SnapRow(number + 2, f"id-{number % ROWS:04}" if number < ROWS else f"x-{number}", cells)

    return replace(CLEAN, rows=tuple(grown(number) for number in range(18_000 + random.randrange(100))))


def untidy(random: Random) -> Snapshot:
    header = random.choice([name for name in CLEAN.headers[:9] if not name.isascii()])
    spoil = random.choice([f"{header} ", f" {header}", unicodedata.normalize("NFD", header), f"{header}\u200b"])
    return rename(CLEAN, header, spoil)


def idless(random: Random) -> Snapshot:
    sheet = without(CLEAN, "_cdp_id")
    return replace(sheet, rows=tuple(replace(row, row_id="") for row in sheet.rows))


PLANTS: dict[str, tuple[Plant, ...]] = {
    "header.not_first": (titled,),
    "column.renamed": (
        lambda random: rename(CLEAN, PHONE, random.choice(["SĐT", "Điện thoại", "So dien thoai", "Liên hệ"])),
        lambda random: rename(CLEAN, "Họ và tên", random.choice(["Tên khách hàng", "Bệnh nhân", "Họ và ten"])),
        lambda random: rename(CLEAN, STATUS, "Tình trạng"),
        lambda random: rename(CLEAN, DAY, "Ngày khám bệnh"),
    ),
    "column.missing": (lambda random: without(CLEAN, random.choice(["Họ và tên", PHONE, "Mã khách hàng"])),),
    "column.duplicated": (
        lambda random: replace(
            CLEAN, headers=(*CLEAN.headers, random.choice([PHONE, "SỐ ĐIỆN THOẠI", "Bác sĩ", "Gửi webhook"]))
        ),
    ),
    "column.moved": (swapped,),
    "column.system_missing": (
        lambda random: rename(CLEAN, ASKED, "Gửi"),
        lambda random: rename(CLEAN, SENT, "Kết quả"),
    ),
    "column.id_removed": (idless,),
    "header.untidy": (untidy,),
    "header.merged": (lambda random: replace(CLEAN, merged=(random.choice(["A1:B1", "C1:C2"]),)),),
    "cells.merged": (lambda random: replace(CLEAN, merged=(f"A{random.randint(2, 90)}:A97", "E3:F3")),),
    "phone.lost_zeros": (zeroless,),
    "phone.as_number": (
        lambda random: put_in(
            CLEAN, PHONE, some(random), random.choice(["912345678.0", "9.12E+08", "9,12345678E+08", "84912345678.0"])
        ),
    ),
    "phone.two_numbers": (
        lambda random: put_in(
            CLEAN, PHONE, some(random), random.choice(["0907551283 / 0388214906", "0907 551 283 - 0388 214 906"])
        ),
    ),
    "date.mixed_order": (lambda random: american(some(random)),),
    "date.us_order": (lambda random: american(set(range(2, ROWS + 2))),),
    "date.serial": (lambda random: put_in(CLEAN, DAY, some(random), str(random.randint(46000, 46300))),),
    "date.future_done": (
        lambda random: put_in(put_in(CLEAN, DAY, {9, 30}, "28/11/2026"), STATUS, {9, 30}, "Đã hoàn thành"),
    ),
    "formula.broken": (
        lambda random: put_in(
            CLEAN,
            random.choice([*CLEAN.headers[:9]]),
            some(random),
            random.choice(["#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!"]),
        ),
    ),
    "formula.dragged": (
        lambda random: put_in(CLEAN, random.choice([*CLEAN.headers[:9]]), some(random), "=VLOOKUP(A2;'DS'!A:C;3;0)"),
    ),
    "choice.unknown": (lambda random: put_in(CLEAN, STATUS, some(random), random.choice(["Xong rồi", "Done"])),),
    "request.unknown": (lambda random: put_in(CLEAN, ASKED, some(random), random.choice(["Gửi lại", "x"])),),
    "rows.repeated": (repeated,),
    "rows.copied_id": (with_ids,),
    "rows.unsent": (
        lambda random: put_in(
            put_in(CLEAN, ASKED, {5, 6}, "Đã gửi"), SENT, {5, 6}, random.choice(["", "Chưa gửi được: mất mạng"])
        ),
    ),
    "rows.gaps": (gapped,),
    "sheet.near_limit": (crowded,),
}


def test_a_clean_sheet_raises_no_alarm() -> None:
    assert found(CLEAN) == []


def test_a_clean_sheet_whose_columns_stand_in_another_order_raises_no_alarm() -> None:
    order = list(range(len(CLEAN.headers)))
    Random(4).shuffle(order)
    moved = replace(
        CLEAN,
        headers=tuple(CLEAN.headers[at] for at in order),
        rows=tuple(replace(row, cells=tuple(row.cells[at] for at in order)) for row in CLEAN.rows),
    )
    assert found(moved) == []


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("code", PLANTS)
def test_a_planted_fault_is_named_and_no_other(code: str, seed: int) -> None:
    for plant in PLANTS[code]:
        sheet = plant(Random(f"{code}{seed}"))
        known = Facts(known=facts_of(CLEAN).known | facts_of(sheet).known)
        assert set(codes(sheet, known)) == {code}


@pytest.mark.parametrize("seed", range(4))
def test_two_faults_are_both_named(seed: int) -> None:
    """Each reads its own column, so that one does not hide the other."""
    random = Random(seed)
    sheet = put_in(american(some(random)), PHONE, some(random), "912345678.0")
    assert set(codes(put_in(sheet, STATUS, some(random), "Xong"))) == {
        "date.mixed_order",
        "phone.as_number",
        "choice.unknown",
    }


def test_the_rows_are_those_that_were_spoiled_and_no_more_than_a_person_looks_at() -> None:
    [finding] = found(put_in(CLEAN, PHONE, {40, 7}, "912345678.0"))
    assert (finding.column, finding.rows) == (PHONE, (7, 40))
    [finding] = found(put_in(CLEAN, PHONE, set(range(2, 90)), "912345678.0"))
    assert (len(finding.rows), finding.sentence.split()[0]) == (20, "88")


def test_a_renamed_column_is_told_with_the_name_it_has_now() -> None:
    [finding] = found(rename(CLEAN, PHONE, "SĐT"))
    assert finding.sentence == "Không có cột “Số điện thoại”; cột “SĐT” có vẻ chính là cột đó."


def test_a_column_of_the_clinics_own_is_nobodys_fault() -> None:
    own = replace(CLEAN, headers=(*CLEAN.headers, "Ghi chú", ""))
    assert found(replace(own, rows=tuple(replace(row, cells=(*row.cells, "gọi 0912345678")) for row in own.rows))) == []


def test_a_text_column_full_of_dates_is_not_moved() -> None:
    schema = Schema((*SCHEMA.fields, FieldSpec("ngay_sinh", "Ngày sinh")))
    own = replace(CLEAN, headers=(*CLEAN.headers, "Ngày sinh"))
    own = replace(own, rows=tuple(replace(row, cells=(*row.cells, "01/02/1990")) for row in own.rows))
    assert found(own, schema=schema) == []


def test_a_status_column_to_tick_has_no_list() -> None:
    ticked = rename(
        put(CLEAN, STATUS, lambda row, cell: "x" if row.number % 2 and row.cells[0] else ""), STATUS, "Đã hoàn thành"
    )
    assert [each for each in found(ticked) if each.code != "date.future_done"] == []


def test_rows_only_one_side_has() -> None:
    known = facts_of(CLEAN).known
    [lost] = found(CLEAN, Facts(known=known - {"id-0003", "id-0004"}))
    assert (lost.code, lost.rows) == ("rows.never_sent", (5, 6))
    [gone] = found(CLEAN, Facts(known=known, only_in_hub=3, numbers=(8, 9)))
    assert (gone.code, gone.rows, gone.sentence.split()[0]) == ("rows.only_in_hub", (8, 9), "3")


@pytest.mark.parametrize(
    ("connection", "expected"),
    [
        (Connection(silent_minutes=14, waiting=3), []),
        (Connection(silent_minutes=16, waiting=3), ["script.silent"]),
        (Connection(silent_minutes=16), ["script.silent"]),
        (Connection(), []),
        (Connection(has_called=True), ["script.old"]),
        (Connection(silent_minutes=1, version="2", newer_version="3"), ["script.old"]),
        (Connection(is_script=False), []),
        (Connection(is_script=False, problem="không có quyền xem"), ["link.refused"]),
    ],
)
def test_the_way_to_the_sheet(connection: Connection, expected: list[str]) -> None:
    assert [each.code for each in connection_findings(connection)] == expected


def test_an_empty_tab_is_only_told_what_it_lacks() -> None:
    assert set(codes(Snapshot((), ()), Facts())) == {"column.missing", "column.system_missing"}


def test_a_finding_comes_back_from_storage_as_it_was() -> None:
    [finding] = found(put_in(CLEAN, PHONE, {40, 7}, "912345678.0"))
    assert Finding.of(finding.as_json()) == finding


def test_every_finding_says_what_was_read_and_how_to_mend_it() -> None:
    for code, plants in PLANTS.items():
        for plant in plants:
            for finding in found(plant(Random(1))):
                assert finding.sentence.endswith((".", "…")), code
                assert finding.repair.endswith("."), code
                assert "\n" not in finding.sentence + finding.repair


def test_at_least_fifteen_kinds_are_known() -> None:
    assert len(PLANTS) >= 15
