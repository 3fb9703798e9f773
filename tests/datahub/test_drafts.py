"""A filter being edited: nothing typed is lost, what is typed as people type it is read, and what is missing is named."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datahub.conditions import AllOf, AnyOf, Condition, NoneOf
from datahub.filtering import drafts
from datahub.filtering.check import OPS, check
from datahub.filtering.drafts import Builder, Group, Question
from datahub.schema import FieldSpec, Schema

TODAY = date(2026, 11, 21)
SCHEMA = Schema(
    (
        FieldSpec("phone", "Số điện thoại", "phone"),
        FieldSpec("service", "Dịch vụ"),
        FieldSpec("visit_date", "Ngày khám", "date"),
        FieldSpec("hour", "Giờ hẹn", "time"),
        FieldSpec("cost", "Chi phí", "number"),
        FieldSpec("status", "Trạng thái", "choice", choices=("Đặt lịch", "Hủy")),
        FieldSpec("vip", "Khách quen", "yes_no"),
    )
)
SAMPLES = {
    "phone": ["84912345678", "84987654321"],
    "text": ["Nhổ răng", "a, b", "“x”"],
    "date": ["2026-11-21", "1999-01-31"],
    "time": ["08:30", "14:00"],
    "number": ["1500000", "-0.5", "1.234", "1234"],
    "choice": ["Đặt lịch", "Hủy"],
    "yes_no": ["Có", "Không"],
}


def questions():
    def one(spec, op):
        value = st.sampled_from(SAMPLES[spec.type])
        if op in ("in", "not_in"):
            return st.builds(
                Condition,
                field=st.just(spec.key),
                op=st.just(op),
                values=st.lists(value, min_size=1, max_size=3).map(tuple),
            )
        if op == "between":
            return st.just(Condition(field=spec.key, op=op, values=("2026-01-01", "2026-12-31")))
        if op in ("within_last", "older_than", "in_next"):
            value = st.sampled_from(["0", "30"])
        if op in ("contains", "not_contains", "starts_with") and spec.type == "phone":
            value = st.sampled_from(["84912", "8498"]) if op == "starts_with" else st.sampled_from(["912", "678"])
        if op in ("empty", "filled"):
            value = st.just("")
        return st.builds(Condition, field=st.just(spec.key), op=st.just(op), value=value)

    return st.one_of([one(spec, op) for spec in SCHEMA.fields for op in OPS[spec.type]])


def trees():
    def groups(parts):
        some = st.lists(parts, min_size=1, max_size=3).map(tuple)
        return st.one_of(st.builds(AllOf, all=some), st.builds(AnyOf, any=some), st.builds(NoneOf, none=some))

    return st.recursive(questions(), groups, max_leaves=8)


def built(draft):
    builder = Builder(SCHEMA, TODAY)
    return builder.tree(draft), [problem.code for problem in builder.problems]


def as_sent(draft, place="filter"):
    """What the form of this draft would send."""
    if isinstance(draft, Question):
        return {
            f"{place}-field": [draft.field],
            f"{place}-op": [draft.op],
            f"{place}-value": ["\r\n".join(draft.typed)],
        }
    sent = {f"{place}-kind": [draft.kind]}
    for number, part in enumerate(draft.parts):
        sent |= as_sent(part, f"{place}-{number}")
    return sent


@given(trees())
def test_what_is_drawn_sent_and_built_again_is_the_same_tree(tree):
    drawn = drafts.of(tree, SCHEMA)
    assert drafts.sent(as_sent(drawn)) == drawn
    again, problems = built(drawn)
    is_one = isinstance(tree, AllOf) and len(tree.all) == 1 and isinstance(tree.all[0], Condition)
    assert (again, problems) == (tree.all[0] if is_one else tree, [])
    assert check(tree, SCHEMA) == []


TYPED = [
    (Question("visit_date", "after", ("21/11/2026",)), Condition(field="visit_date", op="after", value="2026-11-21")),
    (Question("cost", "ge", ("1.500.000",)), Condition(field="cost", op="ge", value="1500000")),
    (Question("cost", "lt", ("1,5 ",)), Condition(field="cost", op="lt", value="1.5")),
    (Question("phone", "eq", ("0912 345 678",)), Condition(field="phone", op="eq", value="84912345678")),
    (Question("phone", "starts_with", ("091",)), Condition(field="phone", op="starts_with", value="8491")),
    (Question("phone", "contains", ("0912",)), Condition(field="phone", op="contains", value="912")),
    (Question("service", "eq", (" Nhổ   răng ",)), Condition(field="service", op="eq", value="Nhổ răng")),
    (Question("service", "empty", ("x",)), Condition(field="service", op="empty")),
    (Question("hour", "before", ("8h30",)), Condition(field="hour", op="before", value="08:30")),
]


@pytest.mark.parametrize(("line", "expected"), TYPED, ids=str)
def test_what_people_type_is_read_as_the_field_stores_it(line, expected):
    assert built(Group("all", (line,))) == (expected, [])


MISSING = [
    (Question("service", "eq", ()), "value.none"),
    (Question("status", "in", ()), "values.none"),
    (Question("visit_date", "between", ("2026-11-01",)), "value.none"),
    (Question("visit_date", "within_last", ("nhiều",)), "value.no_days"),
    (Question("visit_date", "after", ("31/02/2026",)), "value.unread"),
    (Question("cost", "ge", ("nhiều",)), "value.unread"),
    (Question("gone", "eq", ("x",)), "field.unknown"),
    (Question("service", "lt", ("5",)), "op.unfit"),
    (Question("service", "drop table", ("5",)), "value.none"),
    (Group("any", ()), "group.none"),
    (Group("any", (Question(),)), "group.none"),
]


@pytest.mark.parametrize(("part", "code"), MISSING, ids=str)
def test_what_is_missing_is_named(part, code):
    assert built(Group("all", (Question("service", "filled"), part)))[1] == [code]


def test_a_line_without_a_field_asks_nothing():
    assert built(Group("none", (Question(),))) == (AllOf(), [])


def test_the_buttons_add_take_away_and_start_anew():
    draft = Group("all", (Question("service"), Group("any", (Question("cost"),))))
    assert drafts.edited(draft, "add:filter", SCHEMA).parts[2] == Question()
    assert drafts.edited(draft, "group:filter-1", SCHEMA).parts[1] == Group(
        "any", (Question("cost"), Group("any", (Question(),)))
    )
    assert drafts.edited(draft, "remove:filter-1-0", SCHEMA).parts[1] == Group("any", ())
    assert drafts.edited(draft, "remove:filter-0", SCHEMA).parts == draft.parts[1:]
    typed = Group("all", (Question("visit_date", "contains", ("x",)),))
    assert drafts.edited(typed, "field:filter-0", SCHEMA).parts == (Question("visit_date", "within_last"),)


@pytest.mark.parametrize(
    "action", ["", "show", "remove:filter", "remove:filter-9", "add:filter-0", "field:filter-9", "x:y", "add:9-9-9"]
)
def test_a_button_that_is_none_changes_nothing(action):
    draft = Group("all", (Question("service"),))
    assert drafts.edited(draft, action, SCHEMA) == draft


def test_a_forged_form_is_no_endless_one():
    sent = {f"filter{'-0' * depth}-kind": ["any"] for depth in range(300)}
    assert built(drafts.sent(sent))[1] == ["group.none"]
