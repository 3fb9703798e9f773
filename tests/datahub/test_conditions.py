"""What each question means, which cannot be asked, and which fit which field."""

import re
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from datahub.conditions import AllOf, AnyOf, Condition, NoneOf
from datahub.filtering import words
from datahub.filtering.check import DEEPEST, MOST_QUESTIONS, Problem, check, read, usable
from datahub.filtering.letters import finds, pattern, plain
from datahub.schema import FieldSpec, Schema

TODAY = date(2026, 11, 21)
SCHEMA = Schema(
    (
        FieldSpec("phone", "Số điện thoại", "phone"),
        FieldSpec("service", "Dịch vụ"),
        FieldSpec("visit_date", "Ngày khám", "date"),
        FieldSpec("cost", "Chi phí", "number"),
        FieldSpec("status", "Trạng thái", "choice", choices=("Đặt lịch", "Hủy")),
    )
)
LABELS = {spec.key: spec.label for spec in SCHEMA.fields}


def ask(op, value="", *values, field="visit_date"):
    return Condition(field=field, op=op, value=value, values=values)


MEANINGS = [
    (ask("within_last", "7"), ["2026-11-21", "2026-11-14"], ["2026-11-13", "2026-11-22", ""]),
    (ask("within_last", "0"), ["2026-11-21"], ["2026-11-20"]),
    (ask("older_than", "30"), ["2026-10-21", "1999-01-01"], ["2026-10-22", "2026-11-22", ""]),
    (ask("in_next", "3"), ["2026-11-21", "2026-11-24"], ["2026-11-20", "2026-11-25", ""]),
    (ask("on_or_before", "2026-11-21"), ["2026-11-21", "2026-11-20"], ["2026-11-22", ""]),
    (ask("on_or_after", "2026-11-21"), ["2026-11-21", "2026-11-22"], ["2026-11-20", ""]),
    (ask("between", "", "2026-11-01", "2026-11-30"), ["2026-11-01", "2026-11-30"], ["2026-12-01", ""]),
    (ask("before", "2026-11-21"), ["2026-11-20"], ["2026-11-21", ""]),
    (ask("contains", "nho rang"), ["Nhổ răng khôn", "NHỔ RĂNG"], ["Nhổ", ""]),
    (ask("contains", "Đật"), ["dat lich", "đặt"], ["đa"]),
    (ask("not_contains", "hủy"), ["Đặt lịch", ""], ["đã huy"]),
    (ask("starts_with", "tran"), ["Trần Bình"], ["Ông Trần"]),
    (ask("contains", "100%"), ["giảm 100%"], ["giảm 100"]),
    (ask("lt", "9"), ["8.5", "-10", "0"], ["9", "10", "", "chín", "007"]),
    (ask("ge", "1500000"), ["1500000", "1500000.5", "20000000"], ["999999999"[:6], "-2000000"]),
    (ask("gt", "-1.5"), ["-1.45", "0"], ["-1.5", "-1.55", "-2"]),
    (ask("le", "0.5"), ["0.5", "0.45", "-3"], ["0.51", "1"]),
    (ask("not_in", "", "a", "b"), ["c", ""], ["a", "b"]),
    (NoneOf(none=(ask("eq", "a"), ask("eq", "b"))), ["c", ""], ["a"]),
]


@pytest.mark.parametrize(("tree", "yes", "no"), MEANINGS, ids=str)
def test_each_question_means_what_it_says(tree, yes, no):
    assert [value for value in yes if not tree.matches({"visit_date": value}, TODAY)] == []
    assert [value for value in no if tree.matches({"visit_date": value}, TODAY)] == []


def test_a_missing_field_is_an_empty_one():
    assert ask("empty").matches({}, TODAY)
    assert ask("ne", "a").matches({}, TODAY)
    assert not ask("within_last", "36500").matches({}, TODAY)


OLD = [
    {"all": []},
    {"field": "status", "op": "eq", "value": "Đã hoàn thành"},
    {"any": [{"field": "service", "op": "in", "values": ["a", "b"]}, {"all": [{"field": "doctor", "op": "filled"}]}]},
    {"field": "visit_date", "op": "before", "value": "bao giờ"},
    {"field": "service", "op": "in", "values": []},
]


@pytest.mark.parametrize("raw", OLD, ids=str)
def test_old_definitions_are_still_read(raw):
    assert not isinstance(read(raw), Problem)


UNREADABLE = [
    {"field": "cost", "op": "lt", "value": "1.500.000"},
    {"field": "cost", "op": "lt", "value": "1.50"},
    {"field": "cost", "op": "ge", "value": ""},
    {"field": "visit_date", "op": "within_last", "value": "-1"},
    {"field": "visit_date", "op": "within_last", "value": "36501"},
    {"field": "visit_date", "op": "within_last", "value": "７"},
    {"field": "visit_date", "op": "on_or_after", "value": "21/11/2026"},
    {"field": "visit_date", "op": "on_or_after", "value": "2026-02-30"},
    {"field": "visit_date", "op": "between", "values": ["2026-11-21"]},
    {"field": "service", "op": "contains", "value": "\u0301"},
    {"field": "service", "op": "not_in", "values": []},
    {"field": "service", "op": "like", "value": "x"},
    {"any": []},
    {"none": []},
    {"all": [{"field": "service", "op": "eq", "value": "x", "extra": 1}]},
    [],
    None,
    "x",
]


@pytest.mark.parametrize("raw", UNREADABLE, ids=str)
def test_what_cannot_be_read_is_no_tree(raw):
    assert read(raw) == Problem((), "tree.unreadable")


def test_a_tree_without_end_is_refused_before_it_is_read():
    raw: object = {"field": "service", "op": "filled"}
    for _ in range(5000):
        raw = {"all": [raw]}
    assert read(raw) == Problem((), "tree.unreadable")


WRONG = [
    (ask("lt", "5", field="service"), "Trường “Dịch vụ” không so sánh được kiểu “nhỏ hơn”"),
    (ask("within_last", "5", field="cost"), "Trường “Chi phí” không so sánh được"),
    (ask("eq", "hôm qua"), "Ngày khám: “hôm qua” không phải một ngày"),
    (ask("before", "2026-02-30"), "Ngày khám: “2026-02-30” không phải một ngày"),
    (ask("eq", "5 triệu", field="cost"), "Chi phí: “5 triệu” không phải một số"),
    (ask("eq", "x", field="ma_la"), "Bảng không còn trường “ma_la”"),
    (ask("in", field="status"), "Trạng thái: chưa chọn giá trị nào"),
    (ask("eq", "Xong", field="status"), "“Xong” không có trong danh sách (Đặt lịch, Hủy, Đã hoàn thành)"),
    (ask("eq", field="service"), "Dịch vụ: chưa có giá trị"),
    (ask("eq", "x" * 401, field="service"), "dài quá 400 ký tự"),
    (ask("in", "", *map(str, range(101)), field="service"), "nhiều quá 100 giá trị"),
    (ask("between", "", "2026-12-01", "2026-11-01"), "ngày đầu 01/12/2026 đứng sau ngày cuối 01/11/2026"),
]


@pytest.mark.parametrize(("question", "said"), WRONG, ids=lambda it: it if isinstance(it, str) else "")
def test_what_does_not_fit_the_table_is_said_with_its_place(question, said):
    (problem,) = check(AllOf(all=(ask("filled"), AnyOf(any=(question,)))), SCHEMA)
    assert problem.path == (1, 0)
    assert said in words.problem(problem)


def test_the_done_value_is_a_status():
    assert check(ask("in", "", "Hủy", "Đã hoàn thành", field="status"), SCHEMA) == []


def test_size_and_depth_are_bounded():
    deep = ask("filled")
    for _ in range(DEEPEST + 1):
        deep = AllOf(all=(deep,))
    assert [each.code for each in check(deep, SCHEMA)] == ["tree.deep"]
    assert [each.code for each in check(AllOf(all=(ask("filled"),) * (MOST_QUESTIONS + 1)), SCHEMA)] == ["tree.big"]


def test_a_question_about_a_field_that_is_gone_makes_the_whole_unusable():
    raw = {"none": [{"field": "service", "op": "eq", "value": "x"}, {"field": "cu", "op": "eq", "value": "x"}]}
    problem = usable(raw, SCHEMA)
    assert problem == Problem((1,), "field.unknown", {"field": "cu"})
    assert usable({"field": "service", "op": "ne", "value": "x"}, SCHEMA) == ask("ne", "x", field="service")


SENTENCES = [
    (AllOf(), "Không"),
    (ask("within_last", "30"), "Ngày khám trong 30 ngày qua"),
    (ask("between", "", "2026-11-01", "2026-11-30"), "Ngày khám từ 01/11/2026 đến 30/11/2026"),
    (ask("before", "2026-11-01"), "Ngày khám trước 01/11/2026"),
    (ask("ge", "1500000.5", field="cost"), "Chi phí ít nhất 1.500.000,5"),
    (ask("eq", "84912345678", field="phone"), "Số điện thoại là 0912345678"),
    (ask("in", "", "Nhổ răng", "Khám", field="service"), "Dịch vụ là một trong Nhổ răng, Khám"),
    (
        AllOf(all=(ask("filled"), AnyOf(any=(ask("empty", field="service"), ask("eq", "Khám", field="service"))))),
        "Ngày khám có nhập và (Dịch vụ trống hoặc Dịch vụ là Khám)",
    ),
    (NoneOf(none=(ask("filled"), ask("empty", field="service"))), "không phải (Ngày khám có nhập hoặc Dịch vụ trống)"),
    (AnyOf(any=(ask("filled"), AllOf())), "Ngày khám có nhập hoặc mọi lượt khám"),
]


@pytest.mark.parametrize(("tree", "said"), SENTENCES, ids=lambda it: it if isinstance(it, str) else "")
def test_a_tree_is_said_in_words(tree, said):
    assert words.sentence(tree, LABELS) == said


MIXED = st.text("aAáàậẬeêỄdđĐoơỢuưỰnN1 .^$*[]\\-\u0300\u0301\u0302\u0303\u0309\u031b\u0323", max_size=8)


@given(MIXED, MIXED.filter(plain), st.booleans())
def test_the_pattern_answers_what_plain_letters_do(text, piece, at_start):
    found = re.search(pattern(piece, at_start=at_start), text) is not None
    assert found == finds(piece, text, at_start=at_start)


@given(st.text(max_size=12))
def test_plain_letters_do_not_depend_on_the_unicode_form_of_vietnamese(text):
    vietnamese = "".join(letter for letter in text if letter in "áàảãạăắằẳẵặâấầẩẫậéèẻẽẹêếềểễệđĐƠỢƯỰ")
    assert plain(unicodedata.normalize("NFD", vietnamese)) == plain(vietnamese)


def test_every_vietnamese_letter_has_its_plain_one():
    assert plain("ÁÀẢÃẠĂẮẰẲẴẶÂẤẦẨẪẬáàảãạăắằẳẵặâấầẩẫậ") == "a" * 34
    assert plain("ĐđÉÈẺẼẸÊẾỀỂỄỆéèẻẽẹêếềểễệ") == "dd" + "e" * 22
    assert plain("ÍÌỈĨỊíìỉĩịÓÒỎÕỌÔỐỒỔỖỘƠỚỜỞỠỢóòỏõọôốồổỗộơớờởỡợ") == "i" * 10 + "o" * 34
    assert plain("ÚÙỦŨỤƯỨỪỬỮỰúùủũụưứừửữựÝỲỶỸỴýỳỷỹỵ") == "u" * 22 + "y" * 10


def test_a_condition_says_why_it_is_none():
    with pytest.raises(ValidationError, match="lt cannot read 'x'"):
        ask("lt", "x")
