"""A clinic whose sheet is shared with a service account: the link on our side, the spreadsheet on the sandbox's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from datahub.linked.pulls import pull_due
from datahub.models import Record, SheetLink, Source
from sandbox.models import PracticeSheet
from tests.campaigns.story import HandClock
from tests.factories import visit
from tests.sandbox import google_story
from tests.sandbox.google_story import BOOK, TAB, Meddling

STATUS, SEND, ROW_ID = "Trạng thái gửi Webhook", "Gửi webhook", "_cdp_id"
FIRST, AGAIN = "Đã gửi", "Cập nhật lại"
NAMES = [*visit(), SEND, STATUS]


def typed(number: int = 1, *, request: str = FIRST, status: str = "", **changes: str) -> dict[str, str]:
    """One row as staff type it; each number is another patient."""
    person = {
        "Mã_khách_hàng": f"KH{number:03}",
        "Số_điện_thoại": f"09123{number:05}",
        "Họ_và_tên": f"Khách Số {number}",
    }
    return visit(**{**person, **changes}) | {SEND: request, STATUS: status}


@dataclass
class Linked:
    """The two sides and the hands to work them with."""

    link: SheetLink
    sheet: PracticeSheet
    clock: HandClock
    wire: Meddling

    @property
    def source(self) -> Source:
        return self.link.source

    def pull(self, **after: float) -> SheetLink:
        """Let the link's next turn come, and give it."""
        self.link.refresh_from_db()
        self.clock.advance(**(after or {"minutes": 5}))
        pull_due(clock=self.clock, deadline=self.clock.wall() + timedelta(seconds=40))
        self.link.refresh_from_db()
        return self.link

    def grid(self) -> tuple[list[str], list[list[str]]]:
        self.sheet.refresh_from_db()
        return self.sheet.columns, self.sheet.rows

    def column(self, name: str) -> list[str]:
        """The column's cells from the top."""
        columns, rows = self.grid()
        at = columns.index(name)
        return [row[at] if at < len(row) else "" for row in rows]

    def put(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """The sheet as staff leave it."""
        found = PracticeSheet.objects.filter(pk=self.sheet.pk)
        revision = found.values_list("revision", flat=True)[0]
        found.update(columns=list(columns), rows=[list(row) for row in rows], revision=revision + 1)

    def type(self, number: int, **cells: str) -> None:
        """Type into row `number` (the first below the header is 2); cells by column name with `_` for a space."""
        columns, rows = self.grid()
        row = rows[number - 2]
        row += [""] * (len(columns) - len(row))
        for name, text in cells.items():
            row[columns.index(name.replace("_", " ") if name != ROW_ID else name)] = text
        self.put(columns, rows)

    def reorder(self, *order: int) -> None:
        """Sort the rows: the first shall be the one that stands at place order[0] from 0, and so on."""
        columns, rows = self.grid()
        self.put(columns, [rows[at] for at in order])

    def phones(self) -> list[str]:
        """Of the records, in the order they came."""
        return list(Record.objects.filter(source=self.source).order_by("pk").values_list("phone", flat=True))


def make_link(source: Source, clock: HandClock, text: str, **columns: Any) -> SheetLink:
    """The link as the page would make it."""
    Source.objects.filter(pk=source.pk).update(kind=Source.Kind.SHEETS)
    details = {"service_account": text, "client_email": google_story.EMAIL, "spreadsheet_id": BOOK, "worksheet": TAB}
    return SheetLink.objects.create(source=source, **{**details, "gid": 0, "next_pull_at": clock.now(), **columns})


def make_rows(*rows: dict[str, str]) -> list[list[str]]:
    """Rows of typed cells under NAMES."""
    return [[row[name] for name in NAMES] for row in rows]
