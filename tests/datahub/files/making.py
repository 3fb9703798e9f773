"""Files made in memory: text in any encoding, workbooks with anything in their cells, and things that only look like files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook

HEADER = ("Mã khách hàng", "Họ và tên", "Số điện thoại", "Dịch vụ", "Ngày khám", "Trạng thái")
HOA = ("KH001", "Nguyễn Thị Hoa", "0912345678", "Nhổ răng", "21/11/2026", "Đã hoàn thành")
NAM = ("KH002", "Trần Văn Nam", "0987654321", "Cạo vôi", "20/11/2026", "Đang điều trị")
ROWS = (HEADER, HOA, NAM)


def text(rows: Iterable[Sequence[str]] = ROWS, *, separator: str = ",", end: str = "\r\n") -> str:
    return "".join(separator.join(row) + end for row in rows)


def csv(
    rows: Iterable[Sequence[str]] = ROWS, *, encoding: str = "utf-8", separator: str = ",", end: str = "\r\n"
) -> bytes:
    return text(rows, separator=separator, end=end).encode(encoding)


def cp1258(plain: str) -> bytes:
    """As Windows writes Vietnamese: ready letters where it has them, marks of their own where not."""
    import unicodedata

    made = bytearray()
    for character in plain:
        try:
            made += character.encode("cp1258")
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", character)
            tone = next(part for part in parts if part in "\u0300\u0301\u0303\u0309\u0323")
            letter = unicodedata.normalize("NFC", parts.replace(tone, ""))
            made += letter.encode("cp1258") + tone.encode("cp1258")
    return bytes(made)


def workbook(
    *sheets: Sequence[Sequence[Any]], hidden: Iterable[int] = (), merged: Iterable[str] = (), **names: str
) -> bytes:
    """A workbook of these sheets, the first of which has `merged` ranges."""
    book = Workbook()
    for number, rows in enumerate(sheets or (ROWS,)):
        sheet = book.active if number == 0 else book.create_sheet()
        assert sheet is not None
        sheet.title = names.get(f"name{number}", f"Trang {number + 1}")
        for row in rows:
            sheet.append(list(row))
        if number in hidden:
            sheet.sheet_state = "hidden"
    for each in merged:
        book.worksheets[0].merge_cells(each)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def typed_workbook() -> bytes:
    """Cells as Excel stores them: a day, a number that is a phone, a tick, a broken formula's error."""
    day = date(2026, 11, 21)
    return workbook(
        (
            HEADER,
            ("KH001", "Nguyễn Thị Hoa", 912345678, "Nhổ răng", day, True),
            (1002, "Trần Văn Nam", 987654321.0, "Cạo vôi", day, "#N/A"),
        )
    )


def part(made: bytes, name: str, change: Any) -> bytes:
    """The workbook with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry.filename, change(data) if entry.filename == name else data)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def formula_workbook(result: str | None) -> bytes:
    """A name that a formula makes; `result` is what Excel calculated, None where no program ever did."""
    made = workbook((HEADER, ("KH001", '="Nguyễn "&"Thị Hoa"', *HOA[2:])))
    if result is None:
        return part(made, SHEET, lambda xml: xml.replace(b"<v></v>", b"").replace(b"<v />", b"").replace(b"<v/>", b""))
    value = f"<v>{result}</v>".encode()
    return part(
        made,
        SHEET,
        lambda xml: (
            xml.replace(b"<v></v>", value)
            .replace(b"<v />", value)
            .replace(b"<v/>", value)
            .replace(b'<c r="B2">', b'<c r="B2" t="str">')
        ),
    )


def zipped(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def bomb() -> bytes:
    """Some hundred kilobytes that would become 300 MB of empty cells."""
    return part(workbook(), SHEET, lambda xml: xml.replace(b"<sheetData>", b"<sheetData>" + b"<row/>" * 50_000_000))


def one_row_bomb() -> bytes:
    """One row that never ends, small enough for the directory's limits."""
    return part(
        workbook(),
        SHEET,
        lambda xml: xml.replace(b"<sheetData>", b"<sheetData><row>" + b"<c/>" * 10_000_000 + b"</row>"),
    )


def old_office(*, encrypted: bool) -> bytes:
    """How an .xls, or a workbook with a password, begins."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 500
        + ("EncryptedPackage".encode("utf-16-le") if encrypted else b"")
        + b"\0" * 500
    )
