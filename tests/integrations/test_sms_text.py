"""The text of an SMS: without diacritics, and counted as the operators bill it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.sms.text import plain, segments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Chào chị Nguyễn Thị Hoa, hẹn gặp lại!", "Chao chi Nguyen Thi Hoa, hen gap lai!"),
        ("Đặng Đình Đức ở đường Đê", "Dang Dinh Duc o duong De"),
        ("ƯỚC MƠ ước mơ Ỡ Ỷ ặ ỗ", "UOC MO uoc mo O Y a o"),
        ("Nguye\u0302\u0303n Thi\u0323 Hoa", "Nguyen Thi Hoa"),
        ("“Nha khoa” – 8h…9h", '"Nha khoa" - 8h...9h'),
        ("Chào 💙 chị\u00a0Hoa", "Chao chi Hoa"),
        ("500.000₫\tmỗi lần", "500.000d moi lan"),
        ("Dòng một\nDòng hai", "Dong mot\nDong hai"),
        ("中文", ""),
    ],
)
def test_what_leaves_is_plain(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 459, 3),
        ("[" * 80, 1),
        ("[" * 81, 2),
        ("ă" * 70, 1),
        ("ă" * 71, 2),
        ("ă" * 134, 2),
        ("ă" * 135, 3),
        ("💙" * 35, 1),
        ("💙" * 36, 2),
    ],
)
def test_how_many_it_is_billed_as(text: str, count: int) -> None:
    assert segments(text) == count


@given(st.text())
def test_what_is_plain_stays_so_and_fits_the_plain_alphabet(text: str) -> None:
    once = plain(text)
    assert plain(once) == once
    assert segments(once) <= max(1, -(-2 * len(once) // 153))
