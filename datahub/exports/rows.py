"""Rows for an export, read in stretches by their keys: no long query stays open, and memory stays flat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from django.db.models import Model, QuerySet

from datahub.exports.cells import Value
from datahub.exports.sheets import Column, Table
from datahub.models import Customer, Dataset, FileImport, Record, SheetRow

M = TypeVar("M", bound=Model)
STRETCH = 1_000


def in_stretches(found: QuerySet[M]) -> Iterator[M]:
    """Every row of the query by its primary key, STRETCH rows a query."""
    last = 0
    while some := list(found.order_by("pk").filter(pk__gt=last)[:STRETCH]):
        yield from some
        last = some[-1].pk


def records_table(dataset: Dataset, found: QuerySet[Record]) -> Table:
    """Visits in the columns of their table."""
    fields = list(dataset.live_fields)
    keys = [field.key for field in fields]

    def rows() -> Iterator[Sequence[Value]]:
        for record in in_stretches(found.only("id", "values")):
            yield [record.values.get(key, "") for key in keys]

    return Table([Column(field.label, field.type) for field in fields], rows())


def customers_table(found: QuerySet[Customer]) -> Table:
    """People with their labels, and whether they agreed to be written to."""
    columns = [Column("Mã khách hàng"), Column("Họ và tên"), Column("Số điện thoại", "phone"), Column("Nhãn")]
    columns += [Column("Đồng ý nhận tin chăm sóc"), Column("Đồng ý nhận ưu đãi")]

    def rows() -> Iterator[Sequence[Value]]:
        for person in in_stretches(found.prefetch_related("labels")):
            names = ", ".join(label.name for label in person.labels.all())
            yield [person.code, person.name, person.phone, names, _said(person.care), _said(person.promotion)]

    return Table(columns, rows())


def wrong_rows_table(file_import: FileImport, found: QuerySet[SheetRow]) -> Table:
    """Refused rows under the file's own headings, with where they stood and why they were refused."""
    headings = list(file_import.mapping["headings"])

    def rows() -> Iterator[Sequence[Value]]:
        for row in in_stretches(found):
            yield [row.row_number, row.status, *(row.values.get(heading, "") for heading in headings)]

    return Table([Column("Dòng"), Column("Lý do"), *map(Column, headings)], rows())


def _said(word: bool | None) -> str:
    return "" if word is None else "Có" if word else "Không"
