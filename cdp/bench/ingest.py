"""Rows from the sheet into the Data Hub, through the real webhook, against inserting as many records and nothing else."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.test import Client

from cdp.bench.clinic import MORNING, Clinic, make_clinic, make_records
from cdp.bench.measure import Line, Rates, alternate, figure, per_second
from datahub.models import Customer, Record
from integrations import clock
from integrations.google_sheets.protocol import MAX_ROWS, sign

NEW, REPEATED = "ingest", "ingest_repeated"
TARGETS = {NEW: 0.15, REPEATED: 0.15}
_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng")
_GIVEN = ("Thị Hoa", "Văn Nam", "Minh Anh", "Quốc Bảo", "Ngọc Lan", "Thanh Tùng", "Thùy Dương")
_SERVICES = ("Nhổ răng", "Cạo vôi", "Trám răng", "Niềng răng", "Tẩy trắng")
_numbers = itertools.count(1)


def measure(rows: int, runs: int) -> None:
    """New rows; then the same rows once more under new batch ids, as when a clinic presses send twice."""
    bench = _Bench(make_clinic(), rows, runs)
    figure(bench.new_rows)
    figure(bench.repeated_rows)


class _Bench:
    def __init__(self, clinic: Clinic, rows: int, runs: int) -> None:
        self.clinic, self.rows, self.runs = clinic, rows, runs
        self.customer = Customer.objects.create(
            workspace=clinic.workspace, code="KH", name="Nguyễn Thị Hoa", phone="84", updated_at=MORNING
        )
        self.known = self.batches()
        self.post(self.known)  # also what warms both figures up

    def new_rows(self) -> Line:
        return self.against_bare_inserts(self.batches).line(NEW, target=TARGETS[NEW], n=self.rows)

    def repeated_rows(self) -> Line:
        return self.against_bare_inserts(self.known_again).line(REPEATED, target=TARGETS[REPEATED], n=self.rows)

    def against_bare_inserts(self, batches: Callable[[], list[bytes]]) -> Rates:
        return alternate(lambda: self.webhook(batches()), self.bare, runs=self.runs)

    def webhook(self, batches: list[bytes]) -> float:
        return per_second(self.rows, lambda: self.post(batches))

    def post(self, batches: list[bytes]) -> None:
        """Sign and post, and insist on every row being taken in."""
        client = Client()
        accepted = 0
        for body in batches:
            timestamp = str(int(clock.wall().timestamp()))
            signature = sign(self.clinic.source.secret, timestamp, body)
            answer = client.post(
                f"/hooks/sheets/{self.clinic.source.key}",
                body,
                content_type="application/json",
                headers={"X-CDP-Timestamp": timestamp, "X-CDP-Signature": signature},
            )
            accepted += sum(result["accepted"] for result in answer.json()["results"])
        if accepted != self.rows:
            raise RuntimeError(f"only {accepted} of {self.rows} rows were taken in")

    def bare(self) -> float:
        """The same number of records with `bulk_create`, built beforehand: the least any ingest could cost in Django."""
        sizes = _sizes(self.rows)
        batches = [make_records(self.clinic, self.customer, size) for size in sizes]
        return per_second(self.rows, lambda: [Record.objects.bulk_create(batch) for batch in batches])

    def batches(self) -> list[bytes]:
        return [_body([_row(next(_numbers)) for _ in range(size)]) for size in _sizes(self.rows)]

    def known_again(self) -> list[bytes]:
        return [_body(json.loads(body)["rows"]) for body in self.known]


def _sizes(rows: int) -> Iterator[int]:
    return (min(MAX_ROWS, rows - start) for start in range(0, rows, MAX_ROWS))


def _body(rows: list[Any]) -> bytes:
    sheet = {"spreadsheet_id": "bench", "sheet_name": "Khách hàng"}
    return json.dumps({"batch_id": uuid.uuid4().hex, "sheet": sheet, "rows": rows}, ensure_ascii=False).encode()


def _row(number: int) -> Mapping[str, Any]:
    """One right row as the sheet's script sends it."""
    return {"row_id": f"row-{number}", "row_number": number + 1, "request": "Đã gửi", "values": row_values(number)}


def row_values(number: int) -> dict[str, str]:
    """The cells of one right row; names, services and dates repeat as they do in a clinic."""
    return {
        "Mã khách hàng": f"KH{number:06}",
        "Họ và tên": f"{_FAMILY[number % 10]} {_GIVEN[number % 7]}",
        "Số điện thoại": f"09{number % 100_000_000:08}",
        "Dịch vụ": _SERVICES[number % 5],
        "Ngày khám": f"{number % 20 + 1:02}/11/2026",
        "Bác sĩ": "Trần Văn Nam",
        "Chi nhánh": f"Quận {number % 12 + 1}",
        "Ngày tái khám": f"{number % 28 + 1:02}/05/2027",
        "Trạng thái": "Đã hoàn thành",
    }
