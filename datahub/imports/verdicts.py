"""How far an import is, and the rows that a person should look at."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from datahub.imports.intake import verdict_prefix
from datahub.models import FileImport, SheetRow


@dataclass(frozen=True)
class Progress:
    """How far it is. `rate` is rows a second of the last turn, 0 while it is not known."""

    done: int
    total: int
    rate: int

    @property
    def percent(self) -> int:
        """0 to 100; 100 only when all is done."""
        return self.done * 100 // self.total if self.total else 0

    @property
    def minutes_left(self) -> int | None:
        """Whole minutes, rounded up; None while nobody can tell."""
        return -(-(self.total - self.done) // (self.rate * 60)) if self.rate else None


def progress(file_import: FileImport) -> Progress:
    """How far rows are taken in."""
    return Progress(file_import.cursor, file_import.total, file_import.rate)


def verdicts(file_import: FileImport, *, accepted: bool) -> QuerySet[SheetRow]:
    """The rows that were refused, or those that were taken and look odd, in the order of the file."""
    found = SheetRow.objects.filter(source_id=file_import.source_id, row_id__startswith=verdict_prefix(file_import))
    return found.filter(accepted=accepted).order_by("row_number")
