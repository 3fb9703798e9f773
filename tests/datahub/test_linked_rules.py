"""The rules of a linked sheet alone: what a tab says, which row is which, and what every cell should say."""

from __future__ import annotations

import itertools
import unicodedata

import pytest

from datahub.linked.address import Address, parse_address
from datahub.linked.row_ids import COPIED, Known, plan_ids
from datahub.linked.table import Missing, Table, read_table
from datahub.linked.texts import EDITED, UNKNOWN_REQUEST, sent_before, status_cells, to_send
from datahub.schema import FieldSpec, Schema

SCHEMA = Schema((FieldSpec("phone", "Số điện thoại", required=True, aliases=("SĐT",)), FieldSpec("note", "Ghi chú")))
HEAD = ["Số điện thoại", "Ghi chú", "Gửi webhook", "Trạng thái gửi Webhook", "_cdp_id"]
FIRST, AGAIN = "Đã gửi", "Cập nhật lại"


def table(*rows, head=HEAD):
    made = read_table([head, *rows], SCHEMA)
    assert isinstance(made, Table), made
    return made


def row(phone="1", request=FIRST, status="", row_id="", note=""):
    return [phone, note, request, status, row_id]


def known(tab, *, status=FIRST, **changes):
    return {each.id: Known(each.fingerprint, each.request, status)._replace(**changes) for each in tab.rows if each.id}


def ids(tab, memory):
    numbers = itertools.count(1)
    return plan_ids(tab, memory, lambda: f"m{next(numbers)}")


def texts(tab, memory, **kwargs):
    return {each.number: text for each, text in status_cells(tab, memory, **kwargs)}


# --- the table ---------------------------------------------------------------


def test_headers_are_read_in_any_spelling():
    head = [unicodedata.normalize("NFD", "SĐT "), "ghi chú", "GỬI WEBHOOK", "Trạng  thái gửi webhook", "_CDP_ID"]
    made = table(row("0912", request=" cập nhật LẠI "), head=head)
    assert (made.send, made.status, made.id, made.outcome) == (3, 4, 5, 0)
    assert made.rows[0].request == AGAIN


@pytest.mark.parametrize(("gone", "named"), [(0, "Số điện thoại"), (2, "Gửi webhook"), (3, "Trạng thái gửi Webhook")])
def test_a_column_that_must_be_there(gone, named):
    head = [name for place, name in enumerate(HEAD) if place != gone]
    assert read_table([head], SCHEMA) == Missing((named,))


def test_an_empty_tab_lacks_them_all():
    assert read_table([], SCHEMA) == Missing(("Số điện thoại", "Gửi webhook", "Trạng thái gửi Webhook"))


def test_short_rows_and_cells_beyond_the_header_are_no_trouble():
    made = table(["0912"], [], [*row("0913"), "ngoài bảng"])
    assert [each.values["Số điện thoại"] for each in made.rows] == ["0912", "", "0913"]
    assert [each.is_blank for each in made.rows] == [False, True, False]


def test_the_print_is_of_what_staff_typed_wherever_it_stands():
    first = table(row("0912", note="a", status="x", row_id="i")).rows[0]
    moved = table(["a", FIRST, "", "0912", ""], head=["Ghi chú", *HEAD[2:4], "Số điện thoại", "Mới"]).rows[0]
    assert first.fingerprint == moved.fingerprint != table(row("0913", note="a")).rows[0].fingerprint


def test_an_id_with_a_space_in_it_is_none():
    assert table(row(row_id="hai chữ")).rows[0].id == ""


# --- ids ---------------------------------------------------------------------


def test_only_rows_that_ask_get_an_id():
    assert ids(table(row(), row(request=""), row("", request="")), {}).cells == {2: "m1"}


def test_a_copy_gets_its_own_and_is_not_sent():
    before = table(row("1", row_id="a"))
    found = ids(table(row("1", status=FIRST, row_id="a"), row("1", status=FIRST, row_id="a")), known(before))
    assert found.cells == {3: "m1"}
    assert found.copies["m1"].status == COPIED


def test_the_original_is_the_row_that_reads_as_it_was_answered():
    before = table(row("1", row_id="a"))
    assert ids(table(row("2", row_id="a"), row("1", row_id="a")), known(before)).cells == {2: "m1"}


def test_an_emptied_row_gives_its_id_up():
    assert ids(table(row("", request="", row_id="a")), {}).cells == {2: ""}


def test_a_lost_id_is_given_back_to_the_row_that_reads_as_it_was_answered():
    before = table(row("1", row_id="a"), row("2", row_id="b"))
    assert ids(table(row("1"), row("2", row_id="b")), known(before)).cells == {2: "a"}
    assert ids(table(row("1", row_id="moi"), row("2", row_id="b")), known(before)).cells == {2: "a"}


def test_a_lost_id_that_two_rows_could_own_is_given_to_none():
    before = table(row("1", row_id="a"))
    assert ids(table(row("1"), row("1")), known(before)).cells == {2: "m1", 3: "m2"}


def test_nothing_is_planned_twice():
    memory = known(table(row("1", row_id="a"), row("2", row_id="b")))
    rows = [row("2", row_id="b"), row("1"), row("3"), row("2", status=FIRST, row_id="b"), row("", "", "", "z")]
    for _ in range(3):
        found = ids(table(*rows), memory)
        for number, text in found.cells.items():
            rows[number - 2][4] = text
        memory |= found.copies
    assert not found.cells
    assert len({each[4] for each in rows if each[4]}) == 4


# --- texts -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "answered", "sent"),
    [
        (FIRST, None, True),
        (AGAIN, None, True),
        ("", None, False),
        ("gửi", None, False),
        (FIRST, FIRST, False),
        (AGAIN, FIRST, True),
        (FIRST, AGAIN, True),
        ("", FIRST, False),
    ],
)
def test_a_row_is_sent_when_it_asks_anew(request_, answered, sent):
    tab = table(row(request=request_, row_id="a"))
    memory = known(tab, request=answered) if answered else {}
    assert bool(to_send(tab, memory)) is sent


def test_a_row_without_an_id_waits():
    assert to_send(table(row()), {}) == []


@pytest.mark.parametrize(("asked", "other"), [(FIRST, AGAIN), (AGAIN, FIRST)])
def test_an_edited_row_is_told_which_word_to_choose(asked, other):
    memory = known(table(row("1", request=asked, row_id="a")))
    assert texts(table(row("2", request=asked, row_id="a")), memory) == {2: EDITED + other}


def test_a_cell_that_says_what_it_should_is_left_alone():
    memory = known(table(row(row_id="a")))
    assert texts(table(row(row_id="a", status=" Đã  gửi ")), memory) == {}


def test_a_word_of_ours_beside_a_row_that_never_asked_is_taken_away_and_no_other():
    tab = table(
        row(request="", status=FIRST), row("2", request="", status="khách ghi"), row("3", request="x", status="?")
    )
    assert texts(tab, {}) == {2: "", 4: UNKNOWN_REQUEST}


def test_rows_that_wait_for_us_to_open_are_told_so():
    assert texts(table(row(row_id="a"), row("2", request="")), {}, closed="Đợi") == {2: "Đợi"}


def test_rows_sent_before_the_first_look_are_settled():
    tab = table(row(row_id="a", status=FIRST), row("2", row_id="b", status="lỗi"), row("3", AGAIN, FIRST, "c"))
    assert list(sent_before(tab)) == ["a"]


# --- addresses ---------------------------------------------------------------

ID = "1AbCdEfGhIjKlMnOpQrStUvWxYz_-0123456789abcd"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (f"https://docs.google.com/spreadsheets/d/{ID}/edit?gid=123#gid=123", Address(ID, 123)),
        (f" https://docs.google.com/spreadsheets/u/1/d/{ID}/edit?usp=sharing ", Address(ID)),
        (ID, Address(ID)),
        ("https://docs.google.com/document/d/abc/edit", None),
        ("", None),
        ("không phải", None),
    ],
)
def test_a_pasted_address(text, address):
    assert parse_address(text) == address
