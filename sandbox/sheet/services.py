"""Making a practice sheet, and keeping what its page shows."""

from typing import Any

from sandbox.models import PracticeSheet

ID_COLUMN = "_cdp_id"  # Code.gs keeps its row ids here; the page hides it
MOST_ROWS, MOST_COLUMNS = 5_000, 100
LONGEST_CELL = 50_000  # as in Google Sheets


class BadRows(ValueError):
    """What the page sent is no grid of texts; the text says why."""


def create_sheet(
    *, slug: str, name: str, webhook_url: str, secret: str, columns: list[str], rows: list[list[str]]
) -> PracticeSheet:
    """The sheet called `slug`. A second call keeps its columns and rows and only renews the connection."""
    columns = columns if ID_COLUMN in columns else [*columns, ID_COLUMN]
    sheet, _ = PracticeSheet.objects.update_or_create(
        slug=slug,
        defaults={"webhook_url": webhook_url, "secret": secret},
        create_defaults={
            "name": name,
            "webhook_url": webhook_url,
            "secret": secret,
            "columns": columns,
            "rows": checked_rows(rows, width=len(columns)),
        },
    )
    return sheet


def save_rows(*, sheet: PracticeSheet, revision: int, rows: list[list[str]], columns: list[str] | None = None) -> bool:
    """Keep `rows`, which grew out of `revision`, and the columns if they changed. False, and nothing kept, if somebody else saved since.

    A page counts its saves itself and need not hear of one before the next: when a save is overtaken on the way,
    it arrives with the lower number and is turned away.
    """
    columns = sheet.columns if columns is None else checked_columns(columns)
    rows = checked_rows(rows, width=len(columns))
    mine = PracticeSheet.objects.filter(pk=sheet.pk, revision__lte=revision)
    kept = mine.update(rows=rows, columns=columns, revision=revision + 1)
    if kept:
        sheet.rows, sheet.columns, sheet.revision = rows, columns, revision + 1
    return kept == 1


def checked_columns(columns: Any) -> list[str]:
    """`columns` if they are a header."""
    if not isinstance(columns, list) or len(columns) > MOST_COLUMNS or not all(_is_cell(name) for name in columns):
        raise BadRows(f"columns: cần một danh sách không quá {MOST_COLUMNS} tên cột")
    return columns


def checked_rows(rows: Any, *, width: int) -> list[list[str]]:
    """`rows` if they are lists of texts, each at most one longer than the header: the one beyond holds cell notes."""
    if not isinstance(rows, list) or len(rows) > MOST_ROWS:
        raise BadRows(f"rows: cần một danh sách không quá {MOST_ROWS} dòng")
    for number, row in enumerate(rows, start=2):
        if not isinstance(row, list) or len(row) > width + 1 or not all(_is_cell(cell) for cell in row):
            raise BadRows(f"dòng {number}: cần một danh sách tối đa {width + 1} ô chữ")
    return rows


def _is_cell(cell: object) -> bool:
    return isinstance(cell, str) and len(cell) <= LONGEST_CELL
