"""A filter means the same in Python and in SQL."""

import unicodedata
from datetime import date

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from datahub.conditions import AllOf, AnyOf, Condition, NoneOf, Tree
from datahub.filters import to_q
from datahub.models import Customer, Record
from tests.factories import NOW, make_record

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 21)
FIELDS = ("status", "phone", "service", "visit_date", "cost", "2026", "ghi-chu")
UNKNOWN = ("khong_co", "0")
DATES = ("2026-11-20", "2026-11-21", "2026-11-22", "2026-10-22", "2026-12-21", "2026-11-31", "1999-01-01")
NUMBERS = (
    "0",
    "9",
    "10",
    "-9",
    "-10",
    "0.5",
    "0.45",
    "-0.5",
    "10.05",
    "10.5",
    "1500000",
    "9" * 30,
    "9" * 29 + "8",
    "1" + "0" * 29,
)
TEXTS = (
    "Đã hoàn thành",
    "đã hoàn thành",
    "da hoan thanh",
    "ĐÃ HOÀN",
    "Đặt lịch",
    "Nguyễn Thị Ánh",
    "Z",
    "a",
    "Ă",
    "84912345678",
    "'\"%_\\",
    "a%b",
    "a_b",
    "\\",
    "[a]",
    "^$.*",
    "{1}|(x)",
    "-",
    "😀 vui",
    "Ð ð",
    "ﬁ",
    "İ",
    "007",
    "1.50",
    "-0",
    "1e3",
    "x" * 400 + "ậ",
)
ASKED = ("", *TEXTS, *DATES, *NUMBERS, *(unicodedata.normalize("NFD", text) for text in TEXTS[:6]))
HELD = tuple(text for text in ASKED if text)
RELATIVE = ("0", "1", "30", "36500")


def conditions() -> st.SearchStrategy[Condition]:
    fields, texts = st.sampled_from((*FIELDS, *UNKNOWN)), st.sampled_from(ASKED) | letters()
    some, readable = (
        st.lists(texts, min_size=1, max_size=3).map(tuple),
        st.sampled_from(HELD) | letters().filter(_has_letter),
    )
    days, two_days = st.sampled_from(_real(DATES)), st.tuples(*[st.sampled_from(_real(DATES))] * 2)

    def ask(*ops: str, **how: st.SearchStrategy) -> st.SearchStrategy[Condition]:
        return st.builds(Condition, field=fields, op=st.sampled_from(ops), **how)

    return st.one_of(
        ask("eq", "ne", "before", "after", value=texts),
        ask("in", values=st.lists(texts, max_size=3).map(tuple)),
        ask("not_in", values=some),
        ask("empty", "filled"),
        ask("on_or_before", "on_or_after", value=days),
        ask("between", values=two_days),
        ask("within_last", "older_than", "in_next", value=st.sampled_from(RELATIVE)),
        ask("contains", "not_contains", "starts_with", value=readable),
        ask("lt", "le", "gt", "ge", value=st.sampled_from(NUMBERS) | decimals()),
    )


def letters() -> st.SearchStrategy[str]:
    """Short texts of what Vietnamese is written with, in no Unicode form in particular."""
    return st.text("aAáậẬeđĐDdoơƠuự1. \u0301\u0323\u0302\u031b", max_size=4)


def decimals() -> st.SearchStrategy[str]:
    whole = st.decimals(min_value=-(10**6), max_value=10**6, allow_nan=False, places=2)
    return whole.map(lambda number: f"{number.normalize() + 0:f}")


def _has_letter(text: str) -> bool:
    return any(not unicodedata.combining(letter) for letter in text)


def _real(days: tuple[str, ...]) -> list[str]:
    return [day for day in days if day != "2026-11-31"]


def trees() -> st.SearchStrategy[Tree]:
    def groups(parts: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        some = st.lists(parts, min_size=1, max_size=3).map(tuple)
        return st.one_of(
            st.builds(AllOf, all=st.just(()) | some), st.builds(AnyOf, any=some), st.builds(NoneOf, none=some)
        )

    return st.recursive(conditions(), groups, max_leaves=6)


def rows() -> st.SearchStrategy[list[dict[str, str]]]:
    held = st.sampled_from(HELD) | letters().filter(bool) | decimals()
    return st.lists(st.dictionaries(st.sampled_from(FIELDS), held), min_size=1, max_size=6)


@pytest.fixture
def store(source):
    """Put exactly these records into the table."""
    customer = Customer.objects.create(
        workspace=source.workspace, code="KH001", name="Hoa", phone="84912345678", updated_at=NOW
    )
    owned = {"workspace": source.workspace, "dataset": source.dataset, "source": source, "customer": customer}
    always = {"visit_key": "", "search": "", "created_at": NOW, "updated_at": NOW}

    def _store(rows):
        Record.objects.all().delete()
        return Record.objects.bulk_create(
            Record(row_id=f"r{n}", values=values, **_own(values), **owned, **always) for n, values in enumerate(rows)
        )

    return _store


def _own(values: dict[str, str]) -> dict[str, str]:
    """What the columns that repeat a value hold, as `upsert.change` writes it; they are short."""
    for key, room in {"status": 60, "phone": 15, "service": 200, "visit_date": 200}.items():
        if key in values:
            values[key] = values[key][:room]
    return {"status": values.get("status", ""), "phone": values.get("phone", "")}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=trees(), rows=rows())
@example(
    tree=Condition(field="cost", op="lt", value="-10"), rows=[{"cost": "-10.05"}, {"cost": "-9"}, {"cost": "-100"}]
)
@example(tree=Condition(field="cost", op="lt", value="9"), rows=[{"cost": "-1000000"}])
@example(tree=Condition(field="cost", op="gt", value="9" * 29 + "8"), rows=[{"cost": "9" * 30}])
@example(tree=NoneOf(none=(Condition(field="x", op="lt", value="1"),)), rows=[{}])
def test_sql_selects_what_python_matches(store, tree, rows):
    wanted = {record.pk for record in store(rows) if tree.matches(record.values, TODAY)}
    assert set(Record.objects.filter(to_q(tree, TODAY)).values_list("pk", flat=True)) == wanted


def test_no_condition_selects_everything_even_inside_an_or(store):
    store([{"status": "a"}, {}])
    nothing = Condition(field="status", op="eq", value="không có")
    assert Record.objects.filter(to_q(AllOf(), TODAY)).count() == 2
    assert Record.objects.filter(to_q(AnyOf(any=(nothing, AllOf())), TODAY)).count() == 2
    assert Record.objects.filter(to_q(NoneOf(none=(AllOf(),)), TODAY)).count() == 0
    assert Record.objects.filter(~to_q(AllOf(), TODAY)).count() == 0


def test_a_record_from_the_sheet_repeats_its_values_in_the_columns_that_are_counted(source):
    record = make_record(source)
    for key in ("status", "phone", "service", "visit_date"):
        assert getattr(record, key) == record.values[key] != ""
    done = Condition(field="status", op="eq", value="Đã hoàn thành")
    assert done.matches(record.values, TODAY)
    assert Record.objects.filter(to_q(done, TODAY)).get() == record
