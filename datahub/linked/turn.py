"""One linked sheet's turn: read it, name its rows, take in what staff ask for, write the verdicts back.

Hop 1 of a row without a script. No transaction is open while Google is asked. Each step leaves what it did in a table, so a
crash anywhere is mended by the next turn: an unanswered row is sent again and gets the same answer, an unwritten verdict is
written.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from datahub.bulk import upsert_rows
from datahub.doctor.sheet import ROW_ID
from datahub.ingest import Answered, ingest
from datahub.linked import pace, words
from datahub.linked.row_ids import Known, plan_ids
from datahub.linked.table import Missing, Row, Table, read_table
from datahub.linked.texts import sent_before, to_send
from datahub.linked.write_back import write_back
from datahub.matching.names import OURS
from datahub.models import LinkedRow, SheetLink
from datahub.tables import schema_of
from datahub.text import fold
from integrations.base import Clock
from integrations.google_sheets import answers, protocol
from integrations.google_sheets.sheets_api import MOST_COLUMNS, MOST_ROWS, Cell, Grid, Later, Refused, Spreadsheet, Tab

logger = logging.getLogger(__name__)

_ID_ROUNDS = 3


@dataclass(frozen=True)
class Stuck:
    """The sheet was read and cannot be worked with; somebody at the sheet must act."""

    problem: str


@dataclass(frozen=True)
class Broken:
    """Our own fault; it is in the log."""


Trouble = Later | Refused | Stuck | Broken


@dataclass
class Turn:
    """One link's turn. `take` does it all; afterwards `table` and `grid` are what the sheet last looked like."""

    link: SheetLink
    clock: Clock
    tab: Tab = field(init=False)
    grid: Grid = field(init=False, default_factory=list)
    table: Table | None = field(init=False, default=None)
    taken: int = field(init=False, default=0)
    written: int = field(init=False, default=0)

    _known: dict[str, Known] = field(init=False, default_factory=dict)
    _closed: str = field(init=False, default="")

    def take(self) -> Trouble | None:
        """Everything in order; the first trouble ends it."""
        try:
            return self._look() or self._name_rows() or self._take_in() or self._answer()
        except Exception:
            # One sheet's oddity must not stop its neighbours, nor be met again every minute.
            logger.exception("link %s: the turn broke off", self.link.pk)
            return Broken()

    @cached_property
    def _remote(self) -> Spreadsheet:
        link = self.link
        permit = partial(pace.wait_for, client_email=link.client_email, clock=self.clock)
        return Spreadsheet(key=link.service_account, spreadsheet_id=link.spreadsheet_id, permit=permit)

    def _look(self) -> Trouble | None:
        tabs = self._remote.tabs()
        if isinstance(tabs, Later | Refused):
            return tabs
        tab = find_tab(self.link, tabs)
        if tab is None:
            return Stuck(words.tab_gone(self.link.worksheet))
        self.tab = tab
        return self._read()

    def _read(self) -> Trouble | None:
        """The tab as it is this moment; ids and values of a row come in one answer, so they belong together."""
        grid = self._remote.read(self.tab)
        if isinstance(grid, Later | Refused):
            return grid
        self.grid = grid
        if len(grid) >= MOST_ROWS:
            return Stuck(words.too_long(self.tab.title, MOST_ROWS))
        table = read_table(grid, schema_of(self.link.source.dataset))
        if isinstance(table, Missing):
            return Stuck(words.columns_missing(self.tab.title, table.columns))
        # Known anew each time: should another worker believe that our lease ran out, its answers count too.
        self.table, self._known = table, known_rows(self.link)
        return None

    def _name_rows(self) -> Trouble | None:
        """A row gets its id before it is sent, and is sent only as it then stands beside it."""
        for _ in range(_ID_ROUNDS):
            ids = plan_ids(self._seen, self._known, lambda: str(uuid.uuid4()))
            if not ids.cells:
                return None
            self._remember(ids.copies)
            if trouble := self._write_ids(ids.cells) or self._read():
                return trouble
        return None

    def _write_ids(self, ids: Mapping[int, str]) -> Trouble | None:
        column = self._seen.id or self._seen.next_column
        if column > MOST_COLUMNS:
            return Stuck(words.too_wide(self.tab.title, MOST_COLUMNS))
        cells = [Cell(number, column, text) for number, text in ids.items()]
        if not self._seen.id:
            if trouble := self._remote.add_hidden_column(self.tab, column):
                return trouble
            cells.append(Cell(1, column, ROW_ID))
        outcome = self._remote.write(self.tab, cells)
        return outcome if isinstance(outcome, Later | Refused) else None

    def _take_in(self) -> Trouble | None:
        self._settle_headers()
        if self.link.pulled_at is None:
            self._remember({key: old for key, old in sent_before(self._seen).items() if key not in self._known})
        rows = to_send(self._seen, self._known)
        for start in range(0, len(rows), protocol.MAX_ROWS):
            if not self._ingest(rows[start : start + protocol.MAX_ROWS]):
                self._closed = answers.SOURCE_CLOSED.status
                return None
        # What staff typed while we were busy must not be written over.
        return self._read() if rows else None

    def _ingest(self, rows: list[Row]) -> bool:
        """Hand these rows in as the script would; False if the source is closed."""
        body = json.dumps(self._body(rows), ensure_ascii=False).encode(errors="replace")
        batch = protocol.parse(body)
        if not isinstance(batch, protocol.SheetBatch):
            raise TypeError(str(batch))
        outcome = ingest(
            source=self.link.source, batch=batch, body=body, now=self.clock.now(), annotate=lambda records, now: {}
        )
        if not isinstance(outcome, Answered):
            return False
        told = {result["row_id"]: result["status"] for result in json.loads(outcome.body)["results"]}
        self._remember({row.id: Known(row.fingerprint, row.request, told[row.id]) for row in rows})
        self.taken += len(rows)
        return True

    def _body(self, rows: list[Row]) -> dict[str, Any]:
        return {
            "batch_id": f"pull-{uuid.uuid4().hex}",
            "sheet": {"spreadsheet_id": self.link.spreadsheet_id, "sheet_name": self.tab.title},
            "rows": [
                {"row_id": row.id, "row_number": row.number, "request": row.request, "values": row.values}
                for row in rows
            ],
        }

    def _settle_headers(self) -> None:
        """Columns that came, went or were renamed are no correction of every row: the rows stand as answered."""
        if self.link.headers and _staffs(self.link.headers) != _staffs(self._seen.headers):
            rows = {row.id: row.fingerprint for row in self._seen.rows if row.id in self._known}
            self._remember({key: Known(fingerprint, *self._known[key][1:]) for key, fingerprint in rows.items()})

    def _answer(self) -> Trouble | None:
        outcome = write_back(
            source=self.link.source,
            remote=self._remote,
            tab=self.tab,
            table=self._seen,
            known=self._known,
            closed=self._closed,
            now=self.clock.now(),
        )
        if isinstance(outcome, Later | Refused):
            return outcome
        self.written = outcome
        return None

    @property
    def _seen(self) -> Table:
        if self.table is None:
            raise LookupError("nothing was read")
        return self.table

    def _remember(self, rows: Mapping[str, Known]) -> None:
        columns = [{"link_id": self.link.pk, "row_id": row_id, **known._asdict()} for row_id, known in rows.items()]
        upsert_rows(LinkedRow, columns, unique=["link_id", "row_id"], update=list(Known._fields))
        self._known.update(rows)


def _staffs(headers: Iterable[str]) -> set[str]:
    return set(map(fold, headers)) - OURS


def known_rows(link: SheetLink) -> dict[str, Known]:
    """Row id → what the row was last answered."""
    rows = LinkedRow.objects.filter(link=link).values_list("row_id", "fingerprint", "request", "status")
    return {row_id: Known(*answered) for row_id, *answered in rows}


def find_tab(link: SheetLink, tabs: list[Tab]) -> Tab | None:
    """The link's tab, under whatever title; by its title where its number was never learnt."""
    return next(
        (tab for tab in tabs if (tab.gid == link.gid if link.gid is not None else tab.title == link.worksheet)), None
    )
