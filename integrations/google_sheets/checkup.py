"""PURE. The door `checkup`: once a night the script posts the whole tab, so that it can be compared with the Data Hub."""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainValidator

from integrations.google_sheets.protocol import ShapeError, TooManyRows, more_rows_than, read_as, read_json
from integrations.google_sheets.pulse import SheetName

MAX_BODY_BYTES = 8_000_000
MAX_ROWS = 20_000

SeenRow = tuple[int, str, tuple[str, ...]]


def _seen(rows: object) -> list[SeenRow]:
    """Checked by hand: half a million cells come in one call."""
    if not isinstance(rows, list):
        raise ValueError("phải là một danh sách")
    return [_seen_row(place, row) for place, row in enumerate(rows)]


def _seen_row(place: int, row: object) -> SeenRow:
    if not isinstance(row, list) or len(row) != 3:
        raise ValueError(f"dòng thứ {place + 1} phải là [số dòng, mã dòng, [các ô]]")
    number, row_id, cells = row
    if type(number) is not int or not 1 <= number <= 20_000_000:
        raise ValueError(f"dòng thứ {place + 1}: số dòng phải là số nguyên từ 1")
    if not isinstance(row_id, str) or not isinstance(cells, list) or not all(type(cell) is str for cell in cells):
        raise ValueError(f"dòng thứ {place + 1}: mã dòng và các ô phải là chữ")
    return number, _whole(row_id), tuple(map(_whole, cells))


def _texts(texts: object) -> tuple[str, ...]:
    if not isinstance(texts, list) or not all(type(text) is str for text in texts):
        raise ValueError("phải là một danh sách chữ")
    return tuple(map(_whole, texts))


def _whole(text: str) -> str:
    """Half a surrogate pair is text to JSON, but no database takes it."""
    return text if text.isascii() else text.encode(errors="ignore").decode()


Texts = Annotated[tuple[str, ...], PlainValidator(_texts)]


class SheetCopy(BaseModel):
    """One tab as people see it; the cells of a row stand in the order of the headers."""

    model_config = ConfigDict(strict=True, frozen=True)

    sheet: SheetName
    headers: Texts
    merged: Texts = ()
    rows: Annotated[list[SeenRow], PlainValidator(_seen)]
    elsewhere: Texts = ()
    """Ids of rows that stand in other tabs of the spreadsheet, or that this call had no room for."""


def parse(body: bytes) -> SheetCopy | ShapeError | TooManyRows:
    """The tab that `body` carries, or why it is none."""
    raw = read_json(body)
    if isinstance(raw, ShapeError):
        return raw
    return more_rows_than(MAX_ROWS, raw) or read_as(SheetCopy, raw)


def answer(*, findings: int) -> str:
    """The body of a 200."""
    says = f"Bác sĩ bảng tính nêu {findings} điều cần xem ở trang Nguồn dữ liệu." if findings else ""
    return json.dumps({"findings": findings, "says": says}, ensure_ascii=False)
