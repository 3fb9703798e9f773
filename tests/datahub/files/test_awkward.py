"""Forty awkward files: each is read, or says clearly why not. Run with -s to see the table."""

from __future__ import annotations

import io
import sys
import unicodedata
from dataclasses import dataclass

import pytest

from datahub.files.problems import FileProblem
from datahub.files.reading import look, recognise, rows
from datahub.matching.suggest import suggest
from datahub.schema import FieldSpec, Schema
from tests.datahub.files import making
from tests.datahub.files.making import HEADER, HOA, NAM, ROWS, csv, text, workbook

KEYS = ("customer_id", "customer_name", "phone", "service", "visit_date", "status")
SCHEMA = Schema(tuple(FieldSpec(key, label) for key, label in zip(KEYS, HEADER, strict=True)))


@dataclass
class Outcome:
    """What became of one file: the rows in the order of the table's columns, or the sentence."""

    rows: list[list[str]]
    spoiled: dict[int, str]
    problem: FileProblem | None = None
    how: str = ""


def outcome_of(data: bytes) -> Outcome:
    """Read as the import does: recognised, looked at, its columns suggested, every row below the header."""
    stream = io.BytesIO(data)
    reading = recognise(stream, len(data))
    if isinstance(reading, FileProblem):
        return Outcome([], {}, reading)
    seen = look(stream, reading, lambda name: SCHEMA.column(name) is not None, find_header=True)
    if isinstance(seen, FileProblem):
        return Outcome([], {}, seen)
    places = {each.key: at for at, each in enumerate(suggest(seen.headings, seen.samples, SCHEMA)) if each.key}
    found: list[list[str]] = []
    spoiled: dict[int, str] = {}
    for number, (cells, problem) in enumerate(rows(stream, seen.reading), 1):
        if number > seen.reading.header and any(cell.strip() for cell in cells):
            found.append([cells[at].strip() if (at := places.get(key, 99)) < len(cells) else "" for key in KEYS])
            if problem:
                spoiled[number] = problem
    how = seen.reading.sheet or f"{seen.reading.encoding} “{seen.reading.separator}”"
    return Outcome(found, spoiled, None, f"{how}, tiêu đề dòng {seen.reading.header}")


BOTH = [list(HOA), list(NAM)]
ISO = [["KH001", "Nguyễn Thị Hoa", "912345678", "Nhổ răng", "2026-11-21", "TRUE"]]
ISO.append(["1002", "Trần Văn Nam", "987654321", "Cạo vôi", "2026-11-21", "#N/A"])
TITLES = (("PHÒNG KHÁM HOA SEN",), ("Danh sách khám tháng 11", "", "", "In ngày 22/11"), ())
QUOTED = ("KH003", '"Lê ""Bi"", Thị\nBình"', "0911111111", "Trám răng", "01/11/2026", "Hủy")
OPEN = ("KH004", '"Phạm Thị Mở', "0922222222", "Trám răng", "01/11/2026", "Hủy")
TWO_NAMES = ("NguyÔn ThÞ Hoa", "Nguyeãn Thò Hoa")


def bytes_of(*parts: str) -> bytes:
    return "".join(parts).encode()


READ = {
    "utf-8": csv(),
    "utf-8 bom": csv(encoding="utf-8-sig"),
    "utf-8 nfd": unicodedata.normalize("NFD", text()).encode(),
    "utf-16 bom": csv(encoding="utf-16"),
    "utf-16 le bare": csv(encoding="utf-16-le"),
    "utf-16 be bare": csv(encoding="utf-16-be"),
    "cp1258": making.cp1258(text()),
    "semicolons": csv(separator=";"),
    "tabs": csv(separator="\t"),
    "pipes": csv(separator="|"),
    "sep line": b"sep=;\r\n" + csv(separator=";"),
    "unix ends": csv(end="\n"),
    "old mac ends": csv(end="\r"),
    "mixed ends": bytes_of(text(ROWS[:1], end="\r"), text(ROWS[1:2], end="\r\n"), text(ROWS[2:], end="\n")),
    "no last end": csv()[:-2],
    "cut in a letter": csv((HEADER, HOA, (*NAM[:5], "Đã hoàn th"))).rstrip() + "à".encode()[:1],
    "nul bytes": csv().replace(b"Hoa", b"Hoa\0"),
    "titles above": csv((*TITLES, *ROWS)),
    "blank lines": csv((HEADER, (), HOA, ("", " ", ""), NAM, ())),
    "blank columns": csv([("", *row, "", "") for row in ROWS]),
    "short rows": csv((HEADER, HOA, NAM[:5])),
    "duplicate headers": csv([(*row, row[1]) for row in ROWS]),
    "columns swapped": csv([row[::-1] for row in ROWS]),
    "comma in decimal": csv([(*row, "1,5") for row in ROWS], separator=";"),
    "xlsx": workbook(),
    "xlsx types": making.typed_workbook(),
    "xlsx merged header": workbook((("Khách hàng", "", "", "Lượt khám"), *ROWS), merged=["A1:C1", "D1:F1"]),
    "xlsx tall header": workbook(
        ((HEADER[0], "Liên hệ", "", *HEADER[3:]), ("", *HEADER[1:3]), HOA, NAM), merged=["A1:A2", "B1:C1"]
    ),
    "xlsx hidden first": workbook((("nháp",),), ROWS, hidden=[0]),
    "xlsx empty first": workbook((), ROWS),
    "xlsx formula done": making.formula_workbook("Nguyễn Thị Hoa"),
    "xlsx formula undone": making.formula_workbook(None),
    "quoted": csv((HEADER, QUOTED, NAM)),
    "open quote": csv((HEADER, OPEN, NAM)),
}
SAYS = {
    "empty": (b"", "Tệp trống"),
    "only spaces": (b"\xef\xbb\xbf \r\n\r\n", "Tệp trống"),
    "header alone": (csv((HEADER,)), "chỉ có dòng tiêu đề"),
    "xls": (making.old_office(encrypted=False), "Excel đời cũ (.xls"),
    "password": (making.old_office(encrypted=True), "đặt mật khẩu"),
    "html as xls": (b"<html><table><tr><td>KH001</td></tr></table></html>", "HTML"),
    "xml as xls": (b'<?xml version="1.0"?><Workbook></Workbook>', "XML"),
    "pdf": (b"%PDF-1.7 ...", "PDF"),
    "ods": (making.zipped(**{"content.xml": b"<x/>", "mimetype": b"x"}), ".ods"),
    "docx": (making.zipped(**{"word/document.xml": b"<x/>"}), "Word"),
    "zip": (making.zipped(**{"khach.csv": csv()}), ".zip"),
    "picture": (b"\x89PNG\r\n\x1a\n", "ảnh"),
    "json": (b'[{"id": 1}]', "JSON"),
    "half an xlsx": (workbook()[:2000], "hỏng hoặc tải lên chưa trọn"),
    "sheet broken": (making.part(workbook(), making.SHEET, lambda xml: xml[: len(xml) // 2]), "hỏng"),
    "zip bomb": (making.bomb(), "phình ra quá lớn"),
    "one endless row": (making.one_row_bomb(), "phình ra quá lớn"),
    "tcvn3": (text((("Ma", "Ten"), ("1", TWO_NAMES[0]), ("2", "TrÇn V¨n B×nh"))).encode("cp1252"), "TCVN3"),
    "vni": (text((("Ma", "Ten"), ("1", TWO_NAMES[1]), ("2", "Traàn Vaên Bình"))).encode("cp1252"), "VNI"),
    "tcvn3 in xlsx": (workbook((("Ma", "Ten"), ("1", TWO_NAMES[0]), ("2", "TrÇn V¨n B×nh"))), "TCVN3"),
    "encoded twice": (text().encode().decode("cp1252", "ignore").encode(), "hỏng dấu"),
    "machine code": (bytes(range(256)) * 40, "không phải bảng"),
    "endless line": (b"a" * 3_000_000, "không phải bảng"),
    "300 columns": (csv([["x"] * 300, ["1"] * 300]), "hơn 200 cột"),
}
OTHERWISE = {
    "xlsx types": ISO,
    "xlsx formula done": [list(HOA)],
    "xlsx formula undone": [["KH001", "#ERROR!", *HOA[2:]]],
    "short rows": [list(HOA), [*NAM[:5], ""]],
    "quoted": [["KH003", 'Lê "Bi", Thị\nBình', *QUOTED[2:]], list(NAM)],
    "open quote": [list(OPEN), list(NAM)],
    "cut in a letter": [list(HOA), [*NAM[:5], "Đã hoàn th\ufffd"]],
    "nul bytes": [["KH001", "Nguyễn Thị Hoa\0", *HOA[2:]], list(NAM)],
}


def show(name: str, said: object) -> None:
    """A line of the table."""
    sys.stdout.write(f"{name:22} {said}\n")


def test_there_are_at_least_forty():
    assert len(READ) + len(SAYS) >= 40


@pytest.mark.parametrize("name", READ)
def test_an_awkward_file_is_read(name):
    outcome = outcome_of(READ[name])
    show(name, f"{len(outcome.rows)} dòng: {outcome.how} {outcome.spoiled or ''}")
    assert outcome.problem is None
    assert outcome.rows == OTHERWISE.get(name, BOTH)
    assert bool(outcome.spoiled) == (name == "open quote")


@pytest.mark.parametrize("name", SAYS)
def test_an_awkward_file_says_why_not(name):
    data, expected = SAYS[name]
    outcome = outcome_of(data)
    show(name, outcome.problem.message if outcome.problem else outcome.rows)
    assert outcome.problem is not None
    assert expected in outcome.problem.message
