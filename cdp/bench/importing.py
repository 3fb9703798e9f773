"""Rows of a CSV file into the Data Hub, as the worker takes them in, against inserting as many records and nothing else."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from accounts.models import User
from campaigns.release import release
from cdp.bench.clinic import MORNING, Clinic, make_clinic, make_records
from cdp.bench.ingest import row_values
from cdp.bench.measure import Line, alternate, figure, per_second
from datahub.files.problems import FileProblem
from datahub.imports import orders
from datahub.imports.run import run_imports
from datahub.imports.uploads import upload
from datahub.models import Customer, FileImport, Record
from integrations import clock

TARGET = 0.3
_CHUNK = 1_000


def measure(rows: int, runs: int) -> None:
    """New rows in each repetition, counted from the start of the import to its end: the file lies there already."""
    bench = _Bench(make_clinic(), rows)
    bench.take_in()  # what warms it up
    figure(lambda: _line(bench, runs))


def _line(bench: _Bench, runs: int) -> Line:
    return alternate(bench.take_in, bench.bare, runs=runs).line("import", target=TARGET, n=bench.rows)


class _Bench:
    def __init__(self, clinic: Clinic, rows: int) -> None:
        self.clinic, self.rows, self.numbers = clinic, rows, iter(range(10**9))
        self.owner = User.objects.create_user("bench@example.vn")
        self.customer = Customer.objects.create(
            workspace=clinic.workspace, code="KH", name="Nguyễn Thị Hoa", phone="84", updated_at=MORNING
        )

    def take_in(self) -> float:
        """One file to its end."""
        found = upload(
            dataset=self.clinic.source.dataset, name="khach.csv", pieces=self.file(), by=self.owner, now=clock.now()
        )
        if isinstance(found, FileProblem):
            raise RuntimeError(found.message)
        orders.start(found, by=self.owner, now=clock.now())
        rate = per_second(self.rows, lambda: self.run(found))
        if found.created != self.rows:
            raise RuntimeError(f"only {found.created} of {self.rows} rows came in: {found.state} {found.problem}")
        return rate

    def run(self, found: FileImport) -> None:
        while found.state in (FileImport.State.UPLOADED, FileImport.State.RUNNING):
            run_imports(clock=clock, release=release)
            found.refresh_from_db()

    def file(self) -> Iterator[bytes]:
        """The rows that the bench of the sheet posts, as a clinic's old program writes them."""
        rows = [row_values(next(self.numbers)) for _ in range(self.rows)]
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        yield out.getvalue().encode()

    def bare(self) -> float:
        """The same number of records with `bulk_create`, built beforehand: the least any import could cost in Django."""
        sizes = [min(_CHUNK, self.rows - start) for start in range(0, self.rows, _CHUNK)]
        batches = [make_records(self.clinic, self.customer, size) for size in sizes]
        return per_second(self.rows, lambda: [Record.objects.bulk_create(batch) for batch in batches])
