"""Telling a linked sheet what became of its rows: verdicts, and what happened to the messages later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q

from datahub.bulk import update_rows
from datahub.linked.row_ids import Known
from datahub.linked.table import Table
from datahub.linked.texts import outcome_cells, status_cells
from datahub.models import OutcomeCell, Source
from integrations.google_sheets.sheets_api import Cell, Later, Refused, Spreadsheet, Tab

_CHUNK = 200


def write_back(
    *,
    source: Source,
    remote: Spreadsheet,
    tab: Tab,
    table: Table,
    known: Mapping[str, Known],
    closed: str,
    now: datetime,
) -> int | Later | Refused:
    """Bring our two columns in line with what we know, in one call; how many cells that were.

    `table` must have been read just now. No cell of staff's is written, and whatever a sort in between misplaces differs
    from what it should be at the next look.
    """
    texts = _outcomes(source) if table.outcome else {}
    cells = [Cell(row.number, table.status, text) for row, text in status_cells(table, known, closed=closed)]
    cells += [Cell(row.number, table.outcome, text) for row, text in outcome_cells(table, texts)]
    written = remote.write(tab, cells) if cells else 0
    if isinstance(written, int) and table.outcome:
        _told(source, {row.id for row in table.rows if row.id}, texts, now)
    return written


def _outcomes(source: Source) -> dict[str, str]:
    return dict(OutcomeCell.objects.filter(source=source).values_list("row_id", "text"))


def _told(source: Source, here: set[str], texts: Mapping[str, str], now: datetime) -> None:
    """The sheet has heard these; one whose text changed on the way is still untold."""
    untold = OutcomeCell.objects.filter(Q(told_at=None), source=source).values_list("pk", "row_id")
    heard = [{"k": pk, "text": texts[row_id], "at": now} for pk, row_id in untold if row_id in here and row_id in texts]
    for start in range(0, len(heard), _CHUNK):
        update_rows(
            OutcomeCell,
            heard[start : start + _CHUNK],
            assign="told_at = v.at",
            where="t.told_at IS NULL AND t.text = v.text",
            types={"k": "bigint", "text": "text", "at": "timestamptz"},
        )
