"""Whole rows of a messy sheet: cells in the wrong place, columns gone or renamed, a status ticked instead of written."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.datahub.fuzz import cells
from tests.datahub.fuzz.cells import Cell

CODE, NAME, PHONE, SERVICE, DAY = "Mã khách hàng", "Họ và tên", "Số điện thoại", "Dịch vụ", "Ngày khám"
NEXT, STATUS, DONE = "Ngày tái khám", "Trạng thái", "Đã hoàn thành"
REQUIRED = (CODE, NAME, PHONE)
STATUSES = ("Đặt lịch", "Đang điều trị", DONE, "Hủy")
SERVICES = ("Nhổ răng", "Trám răng", "Đính đá", "Tẩy trắng", "=HYPERLINK(1)", "@răng", "+1", "-5 buổi")
NAMES = ("Nguyễn Thị Hoa", "Trần Văn Đức", "Đặng Thùy Dương", "Lê Quốc Bảo", "Đỗ Hà 🦷", "Phạm O'Hara", "H Hoàng-Êban")
VISITS_EACH = 2
_HUGE = 40_000


@dataclass(frozen=True)
class Row:
    """What the sheet's script sends of one row, and what each column may come to; a label that is missing may hold nothing."""

    row_id: str
    number: int
    values: dict[str, Any]
    facts: dict[str, Cell]

    @property
    def wrong(self) -> set[str]:
        """The columns that must be named."""
        return {label for label, cell in self.facts.items() if cell.is_wrong}

    @property
    def doubtful(self) -> set[str]:
        """The columns that may be named."""
        return {label for label, cell in self.facts.items() if not cell.sure}

    def as_json(self) -> dict[str, Any]:
        """The row of a batch."""
        return {"row_id": self.row_id, "row_number": self.number, "request": "Đã gửi", "values": self.values}


def make_rows(count: int, seed: int) -> Iterator[Row]:
    """`count` rows of half as many people; the same for the same seed."""
    chance = random.Random(seed)
    people = [_Person.make(number, chance) for number in range(max(1, count // VISITS_EACH))]
    for number in range(count):
        yield _row(f"r{seed}-{number}", number + 2, chance.choice(people), chance)


@dataclass(frozen=True)
class _Person:
    code: str
    name: str
    nine: str

    @classmethod
    def make(cls, number: int, chance: random.Random) -> _Person:
        return cls(f"KH{number:06}", chance.choice(NAMES), cells.make_nine(chance))


def _row(row_id: str, number: int, person: _Person, chance: random.Random) -> Row:
    facts = {
        CODE: Cell(cells.hidden(person.code, chance), person.code),
        NAME: Cell(cells.disguised(person.name, chance), person.name),
        PHONE: cells.right_phone(person.nine, chance),
        SERVICE: _word(SERVICES, chance),
        DAY: cells.right_day(cells.make_day(chance), chance),
        NEXT: cells.right_day(cells.make_day(chance, days=1400), chance),
        STATUS: _word(STATUSES, chance),
    }
    spoil = chance.choice(SPOILERS) if chance.random() < 0.6 else _as_it_is
    spoil(facts, person, chance)
    values = {_heading(label, chance): cell.typed for label, cell in facts.items() if cell.typed is not _GONE}
    if chance.random() < 0.1:
        values |= {"Ghi chú của phòng khám": f"0{cells.make_nine(chance)}", "Cột 12": None}
    shuffled = chance.sample(list(values.items()), len(values))
    return Row(row_id, number, dict(shuffled), facts)


def _word(words: tuple[str, ...], chance: random.Random) -> Cell:
    word = chance.choice(words)
    return Cell(cells.disguised(word, chance) if len(word) > 4 else word, word)


def _heading(label: str, chance: random.Random) -> str:
    """The column's name as people retype it."""
    match chance.randrange(12):
        case 0:
            return unicodedata.normalize("NFD", label)
        case 1:
            return label.upper()
        case 2:
            return f" {label.replace(' ', '  ')}\u00a0"
        case _:
            return label


# --- what goes wrong: each changes the facts of one row ------------------------------

Facts = dict[str, Cell]
_GONE = object()


def _as_it_is(facts: Facts, person: _Person, chance: random.Random) -> None:
    """Nothing: most rows of a real sheet are right."""


def _wrong_phone(facts: Facts, person: _Person, chance: random.Random) -> None:
    facts[PHONE] = cells.wrong_phone(person.nine, chance)


def _maybe_phone(facts: Facts, person: _Person, chance: random.Random) -> None:
    facts[PHONE] = cells.maybe_phone(person.nine, chance)


def _wrong_day(facts: Facts, person: _Person, chance: random.Random) -> None:
    facts[chance.choice([DAY, NEXT])] = cells.wrong_day(cells.make_day(chance), chance)


def _maybe_day(facts: Facts, person: _Person, chance: random.Random) -> None:
    facts[chance.choice([DAY, NEXT])] = cells.maybe_day(cells.make_day(chance), chance)


def _several(facts: Facts, person: _Person, chance: random.Random) -> None:
    _wrong_phone(facts, person, chance)
    _wrong_day(facts, person, chance)
    facts[STATUS] = Cell("xong rồi", None)


def _no_day(facts: Facts, person: _Person, chance: random.Random) -> None:
    facts[chance.choice([DAY, NEXT])] = Cell(chance.choice(["", "  ", None, "\u200b"]), "")


def _swapped(facts: Facts, person: _Person, chance: random.Random) -> None:
    """The phone stands in the column of the day, and the day in that of the phone."""
    phone, day = facts[PHONE], facts[DAY]
    facts[PHONE], facts[DAY] = Cell(day.typed, None), Cell(phone.typed, None)


def _moment_for_phone(facts: Facts, person: _Person, chance: random.Random) -> None:
    facts[PHONE] = Cell(cells.make_moment(chance), None)


def _name_for_phone(facts: Facts, person: _Person, chance: random.Random) -> None:
    facts[PHONE], facts[NAME] = Cell(person.name, None), Cell(f"0{person.nine}", f"0{person.nine}")


def _lost_column(facts: Facts, person: _Person, chance: random.Random) -> None:
    label = chance.choice(list(facts))
    facts[label] = Cell(_GONE, None if label in REQUIRED else "")


def _emptied(facts: Facts, person: _Person, chance: random.Random) -> None:
    facts[chance.choice(REQUIRED)] = Cell(chance.choice(["", " ", None, "\u200b\u00a0", "\x00"]), None)


def _formula(facts: Facts, person: _Person, chance: random.Random) -> None:
    facts[chance.choice(list(facts))] = Cell(chance.choice(cells.BROKEN_FORMULAS), None)


def _huge(facts: Facts, person: _Person, chance: random.Random) -> None:
    size = _HUGE if chance.random() < 0.02 else 500
    facts[chance.choice(list(facts))] = Cell(chance.choice("xạ9🦷") * size, None)


def _strange_status(facts: Facts, person: _Person, chance: random.Random) -> None:
    facts[STATUS] = Cell(
        chance.choice(["Da hoan thanh", "done", "Đã hoàn", True, 1, f"{DONE}?", "Đã hoàn thành, Hủy"]), None
    )


SPOILERS: list[Callable[[Facts, _Person, random.Random], None]] = [
    _wrong_phone,
    _wrong_phone,
    _wrong_day,
    _wrong_day,
    _maybe_phone,
    _maybe_day,
    _several,
    _no_day,
    _swapped,
    _moment_for_phone,
    _name_for_phone,
    _lost_column,
    _emptied,
    _formula,
    _huge,
    _strange_status,
]
