"""PURE. Which rows are to be sent, and what every cell of ours should say: the same rules as in Code.gs.

A row is sent when its request is another than the one that was answered last: choosing the same value twice changes no cell.
So a half-typed correction is never taken in, and a corrected row is told which of the two words it does not hold yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from datahub.linked.row_ids import Known
from datahub.linked.table import Row, Table
from datahub.text import clean, fold
from integrations.google_sheets.protocol import ACCEPTED, REQUESTS

EDITED = "Đã sửa, chưa gửi lại – đặt Gửi webhook = "
UNKNOWN_REQUEST = f"Gửi webhook chỉ nhận “{REQUESTS[0]}” hoặc “{REQUESTS[1]}”"


def to_send(table: Table, known: Mapping[str, Known]) -> list[Row]:
    """The rows that ask for something that was not answered yet, and can be known again."""
    return [row for row in table.rows if not row.is_blank and row.id and _asks(row, known.get(row.id))]


def sent_before(table: Table) -> dict[str, Known]:
    """At the first look: rows that the sheet calls sent were so before us, and nobody is to hear of them again."""
    return {
        row.id: Known(row.fingerprint, row.request, ACCEPTED)
        for row in table.rows
        if row.id and not row.is_blank and row.request == REQUESTS[0] and fold(row.status) == fold(ACCEPTED)
    }


def status_cells(table: Table, known: Mapping[str, Known], *, closed: str = "") -> Iterator[tuple[Row, str]]:
    """Rows whose status cell should say something else, and what. `closed` is for rows that wait until we are open."""
    ours = {ACCEPTED, UNKNOWN_REQUEST, closed} | {answered.status for answered in known.values()}
    for row in table.rows:
        text = _status(row, known.get(row.id) if row.id else None, ours, closed)
        if text is not None and clean(text) != clean(row.status):
            yield row, text


def outcome_cells(table: Table, texts: Mapping[str, str]) -> Iterator[tuple[Row, str]]:
    """Rows whose cell “Kết quả gửi tin” should say something else, and what."""
    for row in table.rows if table.outcome else ():
        if row.id in texts and not row.is_blank and clean(row.outcome) != clean(texts[row.id]):
            yield row, texts[row.id]


def _asks(row: Row, answered: Known | None) -> bool:
    return bool(row.request) and (answered is None or row.request != answered.request)


def _status(row: Row, answered: Known | None, ours: set[str], closed: str) -> str | None:
    """What the cell should say; None where it is left as it is."""
    if row.is_blank:
        return "" if row.status in ours else None
    if row.asked and not row.request:
        return UNKNOWN_REQUEST
    if answered is None:
        # A row that asks waits for its turn; beside one that does not, a word of ours was blown there by a sort.
        return (closed or None) if row.request else "" if row.status in ours or row.status.startswith(EDITED) else None
    if answered.fingerprint == row.fingerprint:
        return answered.status if row.request in ("", answered.request) else None
    return EDITED + REQUESTS[row.request == REQUESTS[0]] if row.request == answered.request else None
