"""Quotes that somebody left open: no row is made of two patients, none goes without a word."""

from __future__ import annotations

import io
import time

import pytest

from datahub.files.lines import FileRow, rows_of, separator_of

OPEN = "mở ra mà không đóng lại"


def read(*lines: str) -> list[FileRow]:
    return list(rows_of(io.StringIO("".join(f"{line}\n" for line in lines)), ","))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('KH1,"Bé Hoa,0901234567', 'KH2,"Bé Lan,0907654321'),
        ('KH1,"Bé Hoa,0901234567', 'KH2,Lan "cún",0907654321'),
        ('KH1,"Bé" "Hoa,0901234567', "KH2,Lan,0907654321"),
    ],
)
def test_no_patient_gets_the_phone_of_the_next_row(first, second):
    found = read(first, second, "KH3,Nam,0901111111")
    assert len(found) == 3
    assert OPEN in found[0][1]
    assert found[2] == (["KH3", "Nam", "0901111111"], "")
    taken = [cells for cells, problem in found if not problem]
    assert not any(cells[0] == "KH1" for cells in taken)


def test_what_is_sound_is_read_as_before():
    assert read('KH1,"Bé" Hoa,0901', 'KH2,"Nguyễn\nThị, Lan",0902', 'KH3,Màn 15",0903') == [
        (["KH1", "Bé Hoa", "0901"], ""),
        (["KH2", "Nguyễn\nThị, Lan", "0902"], ""),
        (["KH3", 'Màn 15"', "0903"], ""),
    ]


@pytest.mark.parametrize("size", [140_000, 1_500_000])
def test_a_cell_of_a_hundred_thousand_letters_spoils_its_own_row_alone(size):
    long = "x" * size
    lines = ["KH1,Hoa,0901", f'KH2,"{long}",0902', f'KH3,"a" b "{long}",0903', "KH4,Lan,0904"]
    found = read(*lines)
    assert [bool(problem) for _, problem in found] == [False, True, True, False]
    assert "ô dài bất thường" in found[1][1]
    assert separator_of([f"{line}\n" for line in lines]) == ","


def test_a_flood_of_open_quotes_costs_little():
    started = time.perf_counter()
    found = read(*(f'KH{number},"Hoa,0901' for number in range(5_000)))
    assert (len(found), all(problem for _, problem in found)) == (5_000, True)
    assert time.perf_counter() - started < 5
