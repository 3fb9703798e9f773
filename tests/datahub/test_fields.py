"""Text, choices, numbers, and what the search box compares."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datahub.fields import FieldError, choice, number, search_key, search_text, text
from datahub.text import clean, formula_error

STATUSES = ("Đặt lịch", "Đang điều trị", "Đã hoàn thành", "Hủy")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (unicodedata.normalize("NFD", "Nguyễn Thị Hoà"), "Nguyễn Thị Hoà"),
        ("\u00d0ặng Văn \u00d0ức", "Đặng Văn Đức"),
        ("\u00f0au răng", "đau răng"),
        ("\u0189ặng", "Đặng"),
        ("  Nguyễn   Thị\u00a0\u00a0Hoa ", "Nguyễn Thị Hoa"),
        ("Nguyễn\nThị\tHoa", "Nguyễn Thị Hoa"),
        ("Hoa\x00\u200b\ufeff\u00ad", "Hoa"),
        ("Hoa\ud800", "Hoa"),
        ("Nhổ răng (số 8) 💙", "Nhổ răng (số 8) 💙"),
        ("\u200b \u00a0", ""),
    ],
)
def test_text_is_stored_in_one_form(typed, stored):
    assert text(typed, 200) == stored


def test_a_text_that_is_too_long_is_an_error_that_stays_short():
    outcome = text("a" * 5000, 200)
    assert isinstance(outcome, FieldError)
    assert outcome.code == "text.too_long"
    assert "dài 5000 ký tự, tối đa 200, hãy rút ngắn" in outcome.message
    assert len(outcome.message) < 100


@given(st.text(max_size=40))
def test_cleaned_text_is_clean_and_both_databases_take_it(typed):
    stored = clean(typed)
    assert clean(stored) == stored
    assert "\x00" not in stored
    stored.encode()


@pytest.mark.parametrize(
    "typed",
    [
        "Đã hoàn thành",
        "đã hoàn thành",
        "ĐÃ HOÀN THÀNH",
        "  Đã  hoàn\u00a0thành ",
        unicodedata.normalize("NFD", "Đã hoàn thành"),
        "\u00d0ã hoàn thành",
        "\u00f0ã hoàn thành",
    ],
)
def test_a_choice_is_known_in_any_case_and_form(typed):
    assert choice(typed, STATUSES) == "Đã hoàn thành"


@pytest.mark.parametrize(
    ("typed", "suggestion"), [("da hoan thanh", "Đã hoàn thành"), ("Đã hoàn thàn", "Đã hoàn thành"), ("xong", None)]
)
def test_an_unknown_choice_names_the_known_ones(typed, suggestion):
    outcome = choice(typed, STATUSES)
    assert isinstance(outcome, FieldError)
    assert (outcome.code, outcome.suggestion) == ("choice.unknown", suggestion)
    assert "(Đặt lịch, Đang điều trị, Đã hoàn thành, Hủy)" in outcome.message


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1.500.000", "1500000"),
        ("1,500,000", "1500000"),
        ("1 500 000", "1500000"),
        ("1500000 đ", "1500000"),
        ("1.500.000 VNĐ", "1500000"),
        ("1.500.000₫", "1500000"),
        ("1,5", "1.5"),
        ("1.5", "1.5"),
        ("1.500", "1500"),
        ("1.500,50", "1500.5"),
        ("-5", "-5"),
        ("-0", "0"),
        ("0", "0"),
        ("007", "7"),
        ("", ""),
    ],
)
def test_numbers_are_read_the_vietnamese_way(typed, read):
    assert number(typed) == read


@pytest.mark.parametrize("typed", ["10%", "một", "1e5", "1.500.00", "1,5,5", "١", "9" * 40, "-", "."])
def test_what_is_no_number_is_an_error(typed):
    outcome = number(typed)
    assert isinstance(outcome, FieldError)
    assert outcome.code == "number.format"


@pytest.mark.parametrize("typed", ["#N/A", "#REF!", "#VALUE!", "#ERROR!", "#NAME?", "#DIV/0!", "Loading...", "#n/a"])
def test_a_broken_formula_is_recognised(typed):
    error = formula_error(typed)
    assert error is not None
    assert error.code == "formula.error"
    assert formula_error("# Hoa") is None


@pytest.mark.parametrize(
    "query",
    ["0912 345", "0912.345.678", "+84 912", "84912345678", "912345", "hoa", "NGUYEN THI", "nguyễn thị hoà", "kh 01"],
)
def test_the_search_text_holds_what_people_type(query):
    assert search_key(query) in search_text("KH 01", unicodedata.normalize("NFD", "Nguyễn Thị Hoà"), "84912345678")


def test_the_search_text_fits_its_column():
    assert len(search_text("K" * 80, "ễ" * 200, "84912345678")) <= 400
    assert search_text("K" * 80, "ễ" * 200, "84912345678").endswith("0912345678")
