"""Times, yes or no, e-mails; limits of numbers and dates; and stored values under other settings."""

from datetime import date

import pytest

from datahub import fields
from datahub.editor.stored import Fit, fit
from datahub.fields import FieldError
from datahub.rows import CleanRow, clean, parse
from datahub.schema import FieldSpec, Schema

TODAY = date(2026, 11, 21)


def refusal(outcome):
    assert isinstance(outcome, FieldError)
    return outcome.message


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("14:30", "14:30"),
        ("14h30", "14:30"),
        ("14g30", "14:30"),
        ("9h", "09:00"),
        ("8:05:00", "08:05"),
        ("2:30 CH", "14:30"),
        ("12:15 am", "00:15"),
        ("12:15 CH", "12:15"),
        ("’07:00", "07:00"),
        ("  ", ""),
    ],
)
def test_a_time_of_day_is_read_as_clinics_type_it(typed, stored):
    assert fields.time(typed) == stored


@pytest.mark.parametrize("typed", ["24:00", "14:60", "13:00 CH", "0:30 pm", "sáng", "14:3", "21/11/2026", "-1:00"])
def test_what_is_no_time_is_refused(typed):
    outcome = fields.time(typed)
    assert isinstance(outcome, FieldError)
    assert outcome.message == f"“{typed}”: không đọc được giờ, cần dạng giờ:phút, ví dụ 14:30"


def test_yes_and_no_in_the_words_of_a_sheet():
    assert {fields.yes_no(typed) for typed in ("có", "X", "TRUE", "☑", "rồi")} == {"Có"}
    assert {fields.yes_no(typed) for typed in ("Không", "false", "chưa", "☐")} == {"Không"}
    assert fields.yes_no(" ") == ""
    assert refusal(fields.yes_no("có thể")) == "“có thể”: chỉ nhận Có hoặc Không"


def test_an_e_mail_is_one_address():
    assert fields.email(" Hoa.Nguyen+1@Gmail.com ") == "hoa.nguyen+1@gmail.com"
    assert fields.email("mailto:a@b.vn") == "a@b.vn"
    for typed in ("hoa@gmail", "hoa gmail.com", "a@b.vn, c@d.vn", "@b.vn", "hoa@@b.vn"):
        assert refusal(fields.email(typed)) == f"“{typed}”: không phải một địa chỉ e-mail, ví dụ hoa@gmail.com"


@pytest.mark.parametrize(
    ("spec", "typed", "expected"),
    [
        (("number", "1000", ""), "999", "“999”: nhỏ hơn mức thấp nhất là 1.000, hãy kiểm tra lại"),
        (
            ("number", "", "1500000.5"),
            "1.500.001",
            "“1.500.001”: lớn hơn mức cao nhất là 1.500.000,5, hãy kiểm tra lại",
        ),
        (("number", "-5", ""), "-6", "“-6”: nhỏ hơn mức thấp nhất là -5, hãy kiểm tra lại"),
        (("date", "2026-01-01", ""), "31/12/25", "“31/12/2025”: trước ngày sớm nhất là 01/01/2026, hãy kiểm tra lại"),
        (("date", "", "2026-12-31"), "1/1/2027", "“01/01/2027”: sau ngày muộn nhất là 31/12/2026, hãy kiểm tra lại"),
    ],
)
def test_a_value_outside_its_limits_is_refused_with_what_was_read_and_what_is_expected(spec, typed, expected):
    kind, minimum, maximum = spec
    settings = FieldSpec("x", "Cột", kind, minimum=minimum, maximum=maximum)
    errors = clean({"Cột": typed}, Schema((settings,)), TODAY)
    assert isinstance(errors, list)
    [error] = errors
    assert (error.column, error.message) == ("Cột", expected)


@pytest.mark.parametrize(("kind", "typed", "stored"), [("number", "1.000", "1000"), ("date", "1/1/26", "2026-01-01")])
def test_the_limits_themselves_are_allowed(kind, typed, stored):
    settings = FieldSpec("x", "Cột", kind, minimum=stored, maximum=stored)
    assert clean({"Cột": typed}, Schema((settings,)), TODAY) == CleanRow({"x": stored})
    assert clean({"Cột": ""}, Schema((settings,)), TODAY) == CleanRow({"x": ""})


@pytest.mark.parametrize(
    ("value", "settings", "expected"),
    [
        ("1.125", {"type": "number"}, Fit.FITS),
        ("1.500.000", {"type": "number"}, Fit.REREAD),
        ("dị ứng", {"type": "number"}, Fit.REFUSED),
        ("1.125", {"type": "number", "maximum": "2"}, Fit.FITS),
        ("2026-11-21", {"type": "date"}, Fit.FITS),
        ("21/11/2026", {"type": "date"}, Fit.REREAD),
        ("2026-02-31", {"type": "date"}, Fit.REFUSED),
        ("2026-11-21", {"type": "date", "minimum": "2026-11-22"}, Fit.REFUSED),
        ("84912345678", {"type": "phone"}, Fit.FITS),
        ("nặng", {"type": "choice", "choices": ("Nhẹ", "Nặng")}, Fit.REREAD),
        ("Nặng", {"type": "choice", "choices": ("Nhẹ", "Nặng")}, Fit.FITS),
        ("Vừa", {"type": "choice", "choices": ("Nhẹ", "Nặng")}, Fit.REFUSED),
        ("dài quá", {"max_length": 3}, Fit.REFUSED),
        ("", {"type": "number", "required": True}, Fit.FITS),
    ],
)
def test_a_stored_value_under_other_settings(value, settings, expected):
    verdict, message = fit(value, FieldSpec("x", "Cột", **settings), TODAY)
    assert verdict is expected
    assert bool(message) == (expected is Fit.REFUSED)


def test_what_is_read_fits_what_it_was_read_for():
    typed = {"number": "1,5", "date": "1/2/26", "time": "9h", "yes_no": "x", "email": "A@b.vn", "phone": "0912345678"}
    for kind, cell in typed.items():
        spec = FieldSpec("x", "Cột", kind)
        stored = parse(cell, spec, TODAY)
        assert isinstance(stored, str)
        assert fit(stored, spec, TODAY)[0] is Fit.FITS
