"""An import is taken back, or tried out, while sheets and people go on: nobody's row is lost, nothing waits for ever."""

from __future__ import annotations

import pytest

from datahub.imports import orders
from datahub.imports.run import run_imports
from datahub.imports.trials import trial
from datahub.models import Customer, FileImport, Merge, Record
from datahub.people.merging import merge, unmerge
from tests.datahub.imports.story import HandClock, a_file, imported, nobody, row, uploaded
from tests.datahub.test_ingest_race import _needs_a_server, posting, together  # noqa: F401
from tests.factories import NOW, sheet_batch, sheet_row, visit

pytestmark = pytest.mark.django_db(transaction=True)


def sheet_rows(count):
    """The people of the file, with another visit."""
    return [
        sheet_row(
            visit(
                Mã_khách_hàng=f"KH{n:05}", Họ_và_tên=f"Nguyễn Văn {n}", Số_điện_thoại=f"09{n:08}", Dịch_vụ="Trám răng"
            ),
            row_id=f"s{n}",
            number=n + 2,
        )
        for n in range(count)
    ]


def test_people_whom_a_sheet_names_at_that_moment_stay(dataset, source, owner):
    for _ in range(3):
        found = imported(dataset, owner, a_file(*map(row, range(80))))
        assert orders.take_back(found, by=owner, now=NOW)
        together(
            lambda: run_imports(clock=HandClock(), release=nobody),
            posting(source, sheet_batch(*sheet_rows(80))),
        )
        found.refresh_from_db()
        assert (found.state, found.problem) == ("undone", "")
        assert (Record.objects.count(), Customer.objects.count()) == (80, 80)
        Record.objects.all().delete()
        source.sheet_rows.all().delete()
        Customer.objects.all().delete()


def test_merges_trials_undos_and_sheets_at_once_come_to_an_end(dataset, source, owner):
    imported(dataset, owner, a_file(*map(row, range(60))))
    tried = FileImport.objects.get(pk=uploaded(dataset, owner, a_file(*map(row, reversed(range(60))))).pk)
    for turn in range(5):
        kept, gone = Customer.objects.get(code="KH00000"), Customer.objects.get(code="KH00001")
        one, other = together(
            lambda kept=kept, gone=gone: merge(kept=kept, gone=gone, actor=owner, now=NOW),
            lambda kept=kept, gone=gone: merge(kept=gone, gone=kept, actor=owner, now=NOW),
            posting(source, sheet_batch(*reversed(sheet_rows(60)), batch_id=f"t{turn}")),
            lambda: trial(tried, NOW),
        )[:2]
        assert sorted(isinstance(each, Merge) for each in (one, other)) == [False, True]
        done = one if isinstance(one, Merge) else other
        together(
            lambda done=done: unmerge(done=done, actor=owner, now=NOW),
            lambda done=done: unmerge(done=done, actor=owner, now=NOW),
            posting(source, sheet_batch(*sheet_rows(60), batch_id=f"u{turn}")),
        )
        owners = dict(Record.objects.values_list("row_id", "customer__code"))
        assert (owners["s0"], owners["s1"]) == ("KH00000", "KH00001")
    assert Customer.objects.filter(merged_into__isnull=False).count() == 0
