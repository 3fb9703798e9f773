"""A filter means the same in Python and in SQL."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datahub.conditions import AllOf, AnyOf, Condition, Tree
from datahub.filters import to_q
from datahub.models import Customer, Record
from tests.factories import NOW, make_record

pytestmark = pytest.mark.django_db

FIELDS = ("status", "service", "visit_date", "ghi-chu")
VALUES = (
    "",
    "Đã hoàn thành",
    "đã hoàn thành",
    "Đặt lịch",
    "Z",
    "a",
    "Ă",
    "2026-11-21",
    "2026-11-22",
    "10",
    "9",
    "'\"%_\\",
)


def trees() -> st.SearchStrategy[Tree]:
    conditions = st.builds(
        Condition,
        field=st.sampled_from((*FIELDS, "không có", 'la"d')),
        op=st.sampled_from(["eq", "ne", "in", "empty", "filled", "before", "after"]),
        value=st.sampled_from(VALUES),
        values=st.lists(st.sampled_from(VALUES), max_size=3).map(tuple),
    )
    return st.recursive(
        conditions,
        lambda parts: (
            st.builds(AllOf, all=st.lists(parts, max_size=3).map(tuple))
            | st.builds(AnyOf, any=st.lists(parts, min_size=1, max_size=3).map(tuple))
        ),
        max_leaves=6,
    )


def records() -> st.SearchStrategy[list[dict[str, str]]]:
    filled = [value for value in VALUES if value]
    return st.lists(st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(filled)), min_size=1, max_size=6)


@pytest.fixture
def store(source):
    """Put exactly these records into the table."""
    customer = Customer.objects.create(
        workspace=source.workspace, code="KH001", name="Hoa", phone="84912345678", updated_at=NOW
    )
    owned = {"workspace": source.workspace, "dataset": source.dataset, "source": source, "customer": customer}
    always = {"phone": "84912345678", "visit_key": "", "search": "", "created_at": NOW, "updated_at": NOW}

    def _store(rows):
        Record.objects.all().delete()
        return Record.objects.bulk_create(
            Record(row_id=f"r{n}", values=values, status=values.get("status", ""), **owned, **always)
            for n, values in enumerate(rows)
        )

    return _store


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=trees(), rows=records())
def test_sql_selects_what_python_matches(store, tree, rows):
    wanted = {record.pk for record in store(rows) if tree.matches(record.values)}
    assert set(Record.objects.filter(to_q(tree)).values_list("pk", flat=True)) == wanted


def test_no_condition_selects_everything_even_inside_an_or(store):
    store([{"status": "a"}, {}])
    nothing = Condition(field="status", op="eq", value="không có")
    assert Record.objects.filter(to_q(AllOf())).count() == 2
    assert Record.objects.filter(to_q(AnyOf(any=(nothing, AllOf())))).count() == 2
    assert Record.objects.filter(~to_q(AllOf())).count() == 0


def test_a_record_from_the_sheet_keeps_its_status_in_both_places(source):
    record = make_record(source)
    done = Condition(field="status", op="eq", value="Đã hoàn thành")
    assert record.status == record.values["status"] == "Đã hoàn thành"
    assert done.matches(record.values)
    assert Record.objects.filter(to_q(done)).get() == record
