"""A clinic's file from upload to the last row, without a worker or a browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from datahub.files.problems import FileProblem
from datahub.imports import orders
from datahub.imports.mapping import FileMapping
from datahub.imports.run import run_imports
from datahub.imports.uploads import upload
from datahub.models import FileImport
from tests.datahub.files.making import HEADER, csv
from tests.factories import NOW


@dataclass
class HandClock:
    """Stands still, but for a step each time somebody asks."""

    at: datetime = NOW
    step: timedelta = timedelta(0)
    asked: int = field(default=0)

    def now(self) -> datetime:
        return self.at

    def wall(self) -> datetime:
        self.asked += 1
        return self.at + self.step * self.asked


def nobody(record_ids, now):
    """Nothing was sent for any visit."""
    return set()


def row(number, **changes):
    """One right row as a file has it; `changes` by place: code, name, phone, service, day, status."""
    cells = {
        "code": f"KH{number:05}",
        "name": f"Nguyễn Văn {number}",
        "phone": f"09{number:08}",
        "service": "Nhổ răng",
        "day": "20/10/2026",
        "status": "Đã hoàn thành",
    } | changes
    return tuple(cells.values())


def a_file(*rows, header=HEADER):
    return csv((header, *rows))


def uploaded(dataset, by, data, *, name="khach.csv", key=None, is_history=True, now=NOW):
    """The import of an uploaded file, its suggested mapping taken."""
    found = upload(dataset=dataset, name=name, pieces=[data], by=by, now=now)
    assert not isinstance(found, FileProblem), found
    mapping = FileMapping.from_json(found.mapping)
    orders.choose(found, FileMapping(mapping.headings, mapping.fields, key), is_history=is_history)
    return found


def imported(dataset, by, data, *, clock=None, release=nobody, **choices):
    """Uploaded, started, and run to its end."""
    found = uploaded(dataset, by, data, **choices)
    assert orders.start(found, by=by, now=NOW)
    return run(found, clock=clock, release=release)


def run(found: FileImport, *, clock=None, release=nobody) -> FileImport:
    """Ring the bell once."""
    run_imports(clock=clock or HandClock(), release=release)
    found.refresh_from_db()
    return found


def counts(found):
    return {
        name: getattr(found, name)
        for name in ("created", "updated", "unchanged", "elsewhere", "wrong")
        if getattr(found, name)
    }


def taken_back(found, by, *, release=nobody, clock=None):
    assert orders.take_back(found, by=by, now=NOW)
    return run(found, clock=clock, release=release)
