"""A file again, a file that stumbled, a file taken back: what people did since stands, and nothing lies about."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from datahub.imports import orders, storage, undo, uploads
from datahub.imports.mapping import FileMapping
from datahub.models import FileImport, Record
from datahub.statuses import mark_status
from tests.accounts.browser import as_, text
from tests.datahub.files.making import HEADER, workbook
from tests.datahub.imports.story import a_file, counts, imported, row, run, taken_back, uploaded
from tests.factories import NOW


def marked(*statuses):
    for status in statuses:
        mark_status(record=Record.objects.get(), status=status, actor="Lễ tân", now=NOW)
    return Record.objects.get()


@pytest.mark.parametrize("said", ["Đặt lịch", ""])
@pytest.mark.parametrize("is_history", [False, True])
def test_the_same_file_again_takes_back_no_status_set_by_hand(dataset, owner, said, is_history):
    data = a_file(row(1, status=said))
    imported(dataset, owner, data, is_history=is_history)
    marked("Đang điều trị", "Đã hoàn thành")
    again = imported(dataset, owner, data, is_history=is_history)
    record = Record.objects.get()
    assert (record.status, record.completions, counts(again)) == ("Đã hoàn thành", 1, {"unchanged": 1})


def test_what_the_file_says_anew_counts(dataset, owner):
    imported(dataset, owner, a_file(row(1, status="Đặt lịch")), is_history=False)
    marked("Đã hoàn thành")
    imported(dataset, owner, a_file(row(1, status="Hủy", name="Nguyễn Hoa")), is_history=False)
    assert Record.objects.get().status == "Hủy"


def test_after_an_undo_the_same_status_is_news_again(dataset, owner):
    imported(dataset, owner, a_file(row(1, status="Đặt lịch")), is_history=False)
    changed = a_file(row(1, status="Hủy"))
    taken_back(imported(dataset, owner, changed, is_history=False), owner)
    assert Record.objects.get().status == "Đặt lịch"
    imported(dataset, owner, changed, is_history=False)
    assert Record.objects.get().status == "Hủy"


def test_a_visit_that_a_history_file_completed_may_be_written_to_once_that_is_taken_back(dataset, owner):
    imported(dataset, owner, a_file(row(1, status="Đặt lịch")), is_history=False)
    second = imported(dataset, owner, a_file(row(1)))
    assert Record.objects.get().is_history
    taken_back(second, owner)
    record = Record.objects.get()
    assert (record.status, record.is_history) == ("Đặt lịch", False)


def test_an_old_visit_stays_old_whatever_is_taken_back(dataset, owner):
    imported(dataset, owner, a_file(row(1, status="Đặt lịch")))
    taken_back(imported(dataset, owner, a_file(row(1))), owner)
    assert Record.objects.get().is_history


def fail(*args, **kwargs):
    raise ValueError("unexpected")


@pytest.fixture
def stumbled(dataset, owner, monkeypatch):
    """An import that failed over something that was not the file."""
    with monkeypatch.context() as patch:
        patch.setattr("datahub.imports.intake.FileIntake.settle", fail)
        found = imported(dataset, owner, a_file(row(1), row(2)))
    assert (found.state, found.may_resume) == ("failed", True)
    return found


def test_one_that_stumbled_can_be_put_away(stumbled, owner):
    assert "Dừng hẳn" in text(as_(owner).get(f"/hub/imports/{stumbled.pk}/"))
    assert orders.stop(stumbled, by=owner, now=NOW)
    stumbled.refresh_from_db()
    assert (stumbled.state, storage.path_of(stumbled).exists()) == ("stopped", False)


def test_what_a_worker_left_half_unrolled_goes_with_the_file(dataset, owner, monkeypatch):
    found = uploaded(dataset, owner, workbook([HEADER, row(1)]))
    orders.start(found, by=owner, now=NOW)
    with monkeypatch.context() as patch:
        patch.setattr("datahub.imports.prepare.os.replace", fail)
        run(found)
    drafts = list(storage.folder().glob(f"{found.pk}.*"))
    assert drafts, "nothing was left to be removed"
    assert orders.stop(found, by=owner, now=NOW)
    assert [path for path in drafts if path.exists()] == []


def test_an_undo_that_broke_is_never_gone_on_with_as_an_import(dataset, owner, monkeypatch):
    found = imported(dataset, owner, a_file(row(1)))
    with monkeypatch.context() as patch:
        patch.setattr(undo, "forget_customers", lambda *args: (_ for _ in ()).throw(IntegrityError))
        found = taken_back(found, owner)
    assert (found.state, found.may_resume, found.may_undo) == ("failed", False, True)
    assert "hoàn tác" in found.problem
    assert Record.objects.count() == 1
    assert taken_back(found, owner).state == "undone"
    assert not Record.objects.exists()


def test_an_upload_that_breaks_leaves_neither_file_nor_import(dataset, owner, monkeypatch):
    before = set(storage.folder().iterdir())
    monkeypatch.setattr(uploads, "recognise", fail)
    with pytest.raises(ValueError, match="unexpected"):
        uploaded(dataset, owner, a_file(row(1)))
    assert (FileImport.objects.count(), set(storage.folder().iterdir())) == (0, before)


def test_nothing_is_chosen_anew_for_what_has_begun(dataset, owner):
    found = uploaded(dataset, owner, a_file(row(1)))
    seen_before = FileImport.objects.get(pk=found.pk)
    orders.start(found, by=owner, now=NOW)
    orders.choose(seen_before, FileMapping.from_json(found.mapping), is_history=False)
    found.refresh_from_db()
    assert found.is_history
