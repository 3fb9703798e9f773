"""PURE. Faults of the header: columns renamed, gone, twice, moved, merged, or written in a way that only looks right."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from datahub.doctor.sheet import ROW_ID, SEND, STATUS_CELL, Sheet
from datahub.doctor.snapshot import Facts, Finding, finding
from datahub.fields import FieldError
from datahub.matching.guess import guess
from datahub.matching.suggest import suggest
from datahub.rows import parse
from datahub.schema import FieldSpec
from datahub.text import clean, column_letter, fold, quoted

_SAMPLE = 200
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,8}):\$?([A-Z]{1,3})\$?(\d{1,8})")
_MOST = 0.6
# Of fewer cells nothing is told about a column.
_FEW = 3
# The types whose values show what they are.
_TELLING = ("phone", "date", "choice")


def header_findings(sheet: Sheet, facts: Facts) -> Iterator[Finding]:
    """Every fault of the header row."""
    if sheet.header_row > 1:
        yield finding(
            "header.not_first",
            f"Tiêu đề cột đang ở dòng {sheet.header_row} chứ không phải dòng 1, nên không đọc được cột nào.",
            f"Hãy xóa hoặc chuyển {sheet.header_row - 1} dòng phía trên để tiêu đề là dòng 1.",
            rows=[sheet.header_row],
        )
    yield from _missing(sheet)
    yield from _ours(sheet, facts)
    yield from _twice(sheet)
    yield from _untidy(sheet)
    yield from _merged(sheet)


def _missing(sheet: Sheet) -> Iterator[Finding]:
    headers = sheet.snapshot.headers
    meant = {
        each.key: each.header
        for each in suggest(headers, [row.cells for row in sheet.rows[:_SAMPLE]], sheet.schema)
        if each.key and not each.is_read
    }
    for spec in sheet.schema.read:
        if spec.key in sheet.fields:
            continue
        if spec.key in meant:
            yield _renamed(spec, clean(meant[spec.key]))
        elif spec.required:
            yield finding(
                "column.missing",
                f"Không có cột bắt buộc {quoted(spec.label)}, nên mọi dòng đều bị từ chối.",
                f"Hãy thêm lại cột {quoted(spec.label)} vào dòng 1.",
                column=spec.label,
            )


def _renamed(spec: FieldSpec, header: str) -> Finding:
    return finding(
        "column.renamed",
        f"Không có cột {quoted(spec.label)}; cột {quoted(header)} có vẻ chính là cột đó.",
        f"Hãy đổi tên cột {quoted(header)} thành {quoted(spec.label)}, "
        "hoặc thêm tên mới vào phần tên gọi khác ở Data Hub › Cột dữ liệu.",
        column=spec.label,
    )


def _ours(sheet: Sheet, facts: Facts) -> Iterator[Finding]:
    for name in (SEND, STATUS_CELL):
        if sheet.place(name) is None:
            yield finding(
                "column.system_missing",
                f"Không có cột {quoted(name)}, nên không dòng nào được gửi hay trả lời.",
                f"Hãy thêm lại cột {quoted(name)} vào dòng 1, đúng từng chữ.",
                column=name,
            )
    if sheet.place(ROW_ID) is None and not any(row.row_id for row in sheet.snapshot.rows) and facts.known:
        yield finding(
            "column.id_removed",
            f"Cột ẩn {quoted(ROW_ID)} đã bị xóa: Data Hub không còn nhận ra các dòng đã gửi.",
            "Hãy khôi phục cột này bằng Tệp › Lịch sử phiên bản, đừng gửi lại từng dòng.",
            column=ROW_ID,
        )


def _twice(sheet: Sheet) -> Iterator[Finding]:
    headers = sheet.snapshot.headers
    counts = Counter(fold(header) for header in headers if header.strip())
    for name, count in counts.items():
        if count > 1:
            places = [at for at, header in enumerate(headers) if fold(header) == name]
            header = clean(headers[places[0]])
            yield finding(
                "column.duplicated",
                f"Có {count} cột cùng tên {quoted(header)} ({', '.join(map(column_letter, places))}).",
                f"Hãy giữ một cột {quoted(header)}, xóa hoặc đổi tên cột còn lại.",
                column=header,
            )


def _untidy(sheet: Sheet) -> Iterator[Finding]:
    for at, header in enumerate(sheet.snapshot.headers):
        if header != clean(header):
            tidy = clean(header)
            yield finding(
                "header.untidy",
                f"Tiêu đề {quoted(tidy)} ở cột {column_letter(at)} có khoảng trắng thừa hoặc chữ gõ bằng bảng mã khác.",
                f"Hãy gõ lại tiêu đề {quoted(tidy)} bằng bộ gõ Unicode dựng sẵn, không thừa khoảng trắng.",
                column=tidy,
            )


def _merged(sheet: Sheet) -> Iterator[Finding]:
    in_header: list[tuple[str, int]] = []
    in_data: list[tuple[str, int]] = []
    for name in sheet.snapshot.merged:
        if match := _RANGE.fullmatch(name.upper()):
            (in_header if int(match[2]) <= sheet.header_row else in_data).append((name, int(match[2])))
    if in_header:
        yield finding(
            "header.merged",
            f"Dòng tiêu đề có ô gộp ({_listed(in_header)}): các cột dưới ô gộp không có tên.",
            "Hãy chọn ô đó rồi Định dạng › Hợp nhất ô › Hủy hợp nhất, và đặt tên cho từng cột.",
            rows=[row for _, row in in_header],
        )
    if in_data:
        yield finding(
            "cells.merged",
            f"Có {len(in_data)} vùng ô gộp trong phần dữ liệu ({_listed(in_data)}): chỉ ô đầu tiên có giá trị.",
            "Hãy chọn các ô đó rồi Định dạng › Hợp nhất ô › Hủy hợp nhất, và điền đủ từng dòng.",
            rows=sorted(row for _, row in in_data),
        )


def _listed(found: list[tuple[str, int]]) -> str:
    names = [name for name, _ in found[:3]]
    return ", ".join(names) + (", …" if len(found) > 3 else "")


def moved(sheet: Sheet) -> dict[str, str]:
    """Field key → the field whose values stand in its column: the header was moved without its data, or the data without it.

    Only where that field's own column holds something else as well: a column of text may be full of dates by right.
    """
    strangers = {key: filled for key in sheet.fields if _is_strange(sheet, key, filled := _filled(sheet, key))}
    found = {}
    for key, filled in strangers.items():
        others = (other for other in strangers if other != key and sheet.specs[other].type in _TELLING)
        if other := next((other for other in others if _share(sheet, other, filled) >= _MOST), None):
            found[key] = other
    return found


def _filled(sheet: Sheet, key: str) -> list[str]:
    return [cell.text for cell in sheet.cells(key)[:_SAMPLE]]


def _is_strange(sheet: Sheet, key: str, filled: list[str]) -> bool:
    """Whether most of the values are none of the field's own. Text is anything, so it is strange where it is all phones or dates."""
    if len(filled) < _FEW:
        return False
    if sheet.specs[key].type in _TELLING:
        return _share(sheet, key, filled) <= 1 - _MOST
    return guess(filled).type in ("phone", "date") or any(
        _share(sheet, other, filled) >= _MOST for other in sheet.typed("choice")
    )


def _share(sheet: Sheet, key: str, filled: list[str]) -> float:
    """How many of these texts the field would accept as its own."""
    spec = sheet.specs[key]
    return sum(not isinstance(parse(text, spec, sheet.today), FieldError) for text in filled) / len(filled)


def moved_findings(sheet: Sheet, found: dict[str, str]) -> Iterator[Finding]:
    """One fault for each column under the wrong header."""
    for key, other in found.items():
        header, theirs = sheet.header(key), sheet.header(other)
        yield finding(
            "column.moved",
            f"Dưới tiêu đề {quoted(header)} đang là dữ liệu của cột {quoted(theirs)}.",
            "Hãy hoàn tác (Ctrl+Z) hoặc chuyển tiêu đề về đúng cột dữ liệu của nó.",
            column=header,
        )
