"""An import taken back: what it made goes, what it changed is as it was, what others did since stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from datahub.models import Customer, Record, RecordEvent, SheetRow
from datahub.statuses import mark_status
from tests import factories
from tests.datahub.imports.story import HandClock, a_file, imported, row, run, taken_back


def state():
    """What a clinic sees: people, and visits with their values."""
    people = set(Customer.objects.values_list("code", "name", "phone"))
    visits = {record.row_id: (record.values, record.status, record.is_history) for record in Record.objects.all()}
    return people, visits


def test_what_it_created_goes_with_the_people_nobody_else_named(dataset, owner, source):
    factories.make_record(source)
    before = state()
    found = imported(dataset, owner, a_file(row(1), row(2), row(3, phone="1")))
    found = taken_back(found, owner)
    assert state() == before
    assert (found.state, found.taken_back, found.kept) == ("undone", 2, 0)
    assert not SheetRow.objects.filter(source=found.source).exists()


def test_what_it_changed_gets_its_former_values_back(dataset, owner):
    imported(dataset, owner, a_file(row(1, status="Đặt lịch"), row(2)), is_history=False)
    before = state()
    second = imported(dataset, owner, a_file(row(1, name="Nguyễn Văn Một")), is_history=False)
    assert Customer.objects.get(code="KH00001").name == "Nguyễn Văn Một"
    assert taken_back(second, owner).taken_back == 1
    assert state() == before
    event = RecordEvent.objects.latest("id")
    assert (event.actor, event.handled_at is not None) == (f"Hoàn tác tệp {second.name}", True)


def test_a_visit_that_was_done_before_is_done_again_without_a_new_occasion(dataset, owner):
    imported(dataset, owner, a_file(row(1)), is_history=False)
    second = imported(dataset, owner, a_file(row(1, status="Hủy")), is_history=False)
    taken_back(second, owner)
    record = Record.objects.get()
    assert (record.status, record.completions) == ("Đã hoàn thành", 1)
    assert record.completed_at is not None


def test_a_value_that_somebody_changed_since_is_kept(dataset, owner, now):
    imported(dataset, owner, a_file(row(1, status="Đặt lịch")), is_history=False)
    second = imported(dataset, owner, a_file(row(1, status="Đang điều trị", name="Một")), is_history=False)
    mark_status(record=Record.objects.get(), status="Hủy", actor="Lễ tân", now=now)
    taken_back(second, owner)
    record = Record.objects.get()
    assert (record.status, record.values["customer_name"]) == ("Hủy", "Nguyễn Văn 1")


def test_a_record_that_somebody_touched_since_is_kept_and_counted(dataset, owner, now):
    found = imported(dataset, owner, a_file(row(1), row(2)))
    mark_status(record=Record.objects.get(customer__code="KH00001"), status="Hủy", actor="Lễ tân", now=now)
    found = taken_back(found, owner)
    assert (found.taken_back, found.kept) == (1, 1)
    assert list(Customer.objects.values_list("code", flat=True)) == ["KH00001"]


def test_a_record_that_a_message_left_for_is_kept(dataset, owner):
    found = imported(dataset, owner, a_file(row(1), row(2)))
    sent = Record.objects.get(customer__code="KH00001").pk
    found = taken_back(found, owner, release=lambda ids, now: {sent} & set(ids))
    assert (found.taken_back, found.kept) == (1, 1)
    assert Record.objects.get().pk == sent


@pytest.mark.parametrize("how", ["label", "consent"])
def test_a_person_whom_something_else_refers_to_stays(dataset, owner, now, how):
    from datahub.models import Consent, Label

    found = imported(dataset, owner, a_file(row(1)))
    customer = Customer.objects.get()
    if how == "label":
        customer.labels.add(Label.objects.create(workspace=dataset.workspace, name="VIP"))
    else:
        Consent.objects.create(
            workspace=dataset.workspace, customer=customer, purpose="care", granted=True, proof="giấy", at=now
        )
    taken_back(found, owner)
    assert (Customer.objects.count(), Record.objects.count()) == (1, 0)


def test_an_undo_that_was_killed_goes_on(dataset, owner, now):
    found = imported(dataset, owner, a_file(*map(row, range(1_200))))
    taken_back(found, owner, clock=HandClock(step=timedelta(seconds=10)))
    assert (found.state, Record.objects.count()) == ("undoing", 700)
    found = run(found)
    assert (found.state, found.taken_back, Record.objects.count()) == ("undone", 1_200, 0)


def test_after_an_undo_the_file_comes_in_anew(dataset, owner):
    data = a_file(row(1))
    taken_back(imported(dataset, owner, data), owner)
    assert imported(dataset, owner, data).created == 1
