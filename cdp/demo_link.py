"""The sample clinic's second sheet: one that no script is installed in, shared with a service account."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.models import Workspace
from datahub.models import Dataset, SheetLink, Source
from datahub.sources import create_source
from integrations.google_sheets.pulse import OUTCOME_COLUMN
from sandbox.google import books, tokens
from sandbox.models import GoogleAccount
from sandbox.sheet.sample_rows import COLUMNS
from sandbox.sheet.services import create_sheet

SHEET = "bang-chia-se"
_BLANK_ROWS = 10
_ID = COLUMNS[-1]
_SHOWN = [*COLUMNS[:-1], OUTCOME_COLUMN, _ID]


def link_shared_sheet(workspace: Workspace, details: dict[str, Any], now: datetime) -> None:
    """The spreadsheet on the sandbox's Google, and our link to it; made once. `details` are of the clinic's data file."""
    account = tokens.create_account(client_email=details["client_email"], project_id=details["project_id"])
    sheet = create_sheet(
        slug=SHEET,
        name=details["sheet_name"],
        webhook_url="",
        secret="",
        columns=_SHOWN,
        rows=[_row(row) for row in details["rows"]] + [[""] * len(_SHOWN) for _ in range(_BLANK_ROWS)],
    )
    book = books.create_book(
        spreadsheet_id=details["spreadsheet_id"], title=details["sheet_name"], sheets={details["tab"]: sheet}
    )
    if account.client_email not in book.shared_with:
        books.share(book=book, email=account.client_email, role="writer")
    dataset = workspace.datasets.order_by("id").first()
    if dataset and not Source.objects.filter(workspace=workspace, name=details["source"]).exists():
        _link(dataset, account, details, now)


def _link(dataset: Dataset, account: GoogleAccount, details: dict[str, Any], now: datetime) -> None:
    source = create_source(dataset=dataset, name=details["source"], kind=Source.Kind.SHEETS)
    SheetLink.objects.create(
        source=source,
        service_account=tokens.key_text(account),
        client_email=account.client_email,
        spreadsheet_id=details["spreadsheet_id"],
        worksheet=details["tab"],
        gid=0,
        next_pull_at=now,
    )


def _row(typed: dict[str, str]) -> list[str]:
    return [str(typed.get(column, "")) for column in _SHOWN]
