"""Does a value fit its parameter? Every form Zalo names, on both sides of its limit."""

from __future__ import annotations

import pytest

from integrations.zalo.contract import Mismatch, ParamProblem, mismatch, param_problems


def spec(kind: str = "STRING", **changes: object) -> dict[str, object]:
    """One line of listParams."""
    usual = {"name": "p", "require": True, "type": kind, "maxLength": 30, "minLength": 0, "acceptNull": False}
    return {**usual, **changes}


@pytest.mark.parametrize(
    ("kind", "fits", "refused", "code"),
    [
        ("NUMBER", ["0", "-12", "1.000", "0.3"], ["12a", "1,5", "½", "--1", "1."], "not_number"),
        ("10", ["7"], ["bảy"], "not_number"),
        ("CURRENCY", ["100000", "007"], ["0", "-1", "1.000", "100 000", "100đ", "٣"], "not_amount"),
        (
            "DATE",
            ["21/11/2026", "09:00", "23:59:59", "09:00 21/11/2026", "09:00:30 21/11/2026", "11/2026", "29/02/2028"],
            ["2026-11-21", "31/02/2026", "29/02/2026", "1/1/2026", "24:00", "13/2026", "21/11/26", "sáng mai"],
            "not_moment",
        ),
        ("datetime", ["09:00 21/11/2026"], ["21/11/2026 09:00"], "not_moment"),
        ("BANK_TRANSFER_NOTE", ["KH001 thanh toan", "Nhổ răng"], ["KH-001", "a,b", "100€", "x@y", "(a)"], "bad_note"),
        ("URL", ["https://a.vn/?q=nh%E1%BB%95", "abc"], ["https://a.vn/nhổ", "a b", "50%", "%zz"], "bad_url"),
        ("STRING", ["bất kỳ – gì!"], [], ""),
        ("CHƯA_TỪNG_THẤY", ["bất kỳ – gì!"], [], ""),
    ],
)
def test_a_value_has_the_form_of_its_type(kind, fits, refused, code):
    assert [text for text in fits if param_problems([spec(kind)], {"p": text})] == []
    found = {text: param_problems([spec(kind)], {"p": text}) for text in refused}
    assert found == {text: [ParamProblem("p", code, 0, len(text))] for text in refused}


@pytest.mark.parametrize(
    ("changes", "text", "problem"),
    [
        ({}, "", ParamProblem("p", "missing")),
        ({"require": False}, "", None),
        ({"acceptNull": True}, "", None),
        ({"maxLength": 4}, "Nguyễn", ParamProblem("p", "too_long", 4, 6)),
        ({"maxLength": 6}, "Nguyễn", None),
        ({"minLength": 3}, "Hà", ParamProblem("p", "too_short", 3, 2)),
        ({"maxLength": 0}, "dài bao nhiêu cũng được", None),
    ],
)
def test_length_is_counted_on_composed_letters(changes, text, problem):
    # The letter ễ typed as three code points counts one, as Zalo counts it.
    assert param_problems([spec(**changes)], {"p": text}) == ([problem] if problem else [])


def test_every_parameter_that_zalo_wants_must_be_there():
    specs = [spec(name="a"), spec(name="b"), spec(name="c", require=False)]
    assert param_problems(specs, {"a": "x", "thừa": "y"}) == [ParamProblem("b", "missing")]


def test_a_wording_and_its_parameters_are_compared_both_ways():
    specs, buttons = [spec(name="a"), spec(name="b"), spec(name="link")], [{"content": "https://a.vn/<link>"}]
    assert mismatch(specs, buttons, "Chào <a>, <a> và <x>") == Mismatch(unknown=("x",), unused=("b",))
    assert mismatch(specs, buttons, "Chào <a> và <b>") == Mismatch()
