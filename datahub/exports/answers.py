"""An export as an answer to a browser, written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.translation import gettext_lazy

from accounts.audit import record_audit
from accounts.models import User, Workspace
from datahub.exports.sheets import MAX_EXCEL_ROWS, Table, csv_pieces, xlsx_pieces
from integrations.vietnam import local

# A page passes over a filter that is none; here everybody would leave the house.
TOO_LONG = gettext_lazy("Tệp Excel tối đa 100.000 dòng. Hãy lọc bớt hoặc chọn CSV.")  # MAX_EXCEL_ROWS
UNCLEAR = gettext_lazy("Bộ lọc không còn dùng được nên chưa xuất gì. Hãy chọn lại bộ lọc rồi xuất.")
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Outgoing:
    """What leaves: the query that is counted, the table that is written, the file's name, what the audit calls it."""

    found: QuerySet[Any]
    table: Table
    name: str
    subject: str


def send(
    out: Outgoing, *, form: str, narrowed_by: Mapping[str, str], workspace: Workspace, by: User, now: datetime
) -> StreamingHttpResponse | None:
    """The file to save, `form` csv or xlsx; None where Excel cannot hold it.

    Who took how much is written down first: which filters were set, never the words that were looked for.
    """
    count = out.found.count()
    if form == "xlsx" and count > MAX_EXCEL_ROWS:
        return None
    kind = "xlsx" if form == "xlsx" else "csv"
    narrowed = sorted(key for key, value in narrowed_by.items() if value and key not in ("page", "before"))
    facts = {"rows": count, "form": kind, "narrowed_by": narrowed}
    record_audit(workspace=workspace, actor=by, action="export", subject=out.subject, now=now, **facts)
    pieces = xlsx_pieces(out.table) if kind == "xlsx" else csv_pieces(out.table)
    answer = StreamingHttpResponse(pieces, content_type=_TYPES[kind])
    name = quote(f"{out.name} {local(now):%Y-%m-%d}")
    answer["Content-Disposition"] = f"attachment; filename=\"export.{kind}\"; filename*=UTF-8''{name}.{kind}"
    answer["Cache-Control"] = "no-store"
    return answer
