"""One cell as somebody, or Google Sheets, may have written it, and what it may be read as. Knows nothing of our parsers."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

VIETNAM = timezone(timedelta(hours=7))
SHEETS_DAY_0 = date(1899, 12, 30)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
# The old eleven-digit mobiles and their successors of 2018, without the leading zero.
OLD = {
    "70": "120", "79": "121", "77": "122", "76": "126", "78": "128", "83": "123", "84": "124", "85": "125", "81": "127",
    "82": "129", "32": "162", "33": "163", "34": "164", "35": "165", "36": "166", "37": "167", "38": "168", "39": "169",
    "56": "186", "58": "188", "59": "199",
}  # fmt: skip
NETWORKS = [*OLD, "86", "88", "90", "91", "93", "94", "96", "97", "98"]
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202c\u2066\u2069\u00ad"
SPACES = " \u00a0\u2007\u2009\u202f\u3000\t\n"
BROKEN_FORMULAS = ("#N/A", "#REF!", "#VALUE!", "#ERROR!", "#NAME?", "#DIV/0!", "Loading...")


@dataclass(frozen=True)
class Cell:
    """What stands in a cell. `truth` is what may be stored for it, None: nothing. `sure`: then it must be."""

    typed: Any
    truth: str | None
    sure: bool = True

    @property
    def is_wrong(self) -> bool:
        """Whether it must be refused."""
        return self.truth is None


# --- phones: `nine` are the digits after the zero ----------------------------------


def make_nine(chance: random.Random) -> str:
    return chance.choice(NETWORKS) + f"{chance.randrange(10**7):07}"


def _grouped(nine: str, chance: random.Random) -> str:
    """The ten digits in the groups people write, with one kind of sign between."""
    ten, gap = f"0{nine}", chance.choice([" ", ".", "-", "\u00a0", "\u2009", "  "])
    cuts = chance.choice([(4, 7), (3, 6), (4, 6, 8), (5,)])
    return gap.join(ten[start:end] for start, end in zip((0, *cuts), (*cuts, 10), strict=True))


def _old(nine: str, chance: random.Random) -> str:
    prefix = OLD.get(nine[:2])
    return f"{chance.choice(['0', '', '+84', '84'])}{prefix}{nine[2:]}" if prefix else f"0{nine}"


RIGHT_PHONES: list[Callable[[str, random.Random], Any]] = [
    lambda nine, chance: f"0{nine}",
    lambda nine, chance: nine,  # Sheets ate the zero
    lambda nine, chance: int(nine),
    lambda nine, chance: float(nine),
    lambda nine, chance: f"{nine}.0",
    lambda nine, chance: f"84{nine}",
    lambda nine, chance: f"+84{nine}",
    lambda nine, chance: f"0084{nine}",
    lambda nine, chance: f"+84 {nine[:3]} {nine[3:6]} {nine[6:]}",
    lambda nine, chance: f"(+84) {nine}",
    lambda nine, chance: f"0{nine}".translate(FULL_WIDTH),
    lambda nine, chance: f"'0{nine}",
    _grouped,
    _old,
]


def right_phone(nine: str, chance: random.Random) -> Cell:
    typed = chance.choice(RIGHT_PHONES)(nine, chance)
    return Cell(hidden(typed, chance) if isinstance(typed, str) else typed, f"84{nine}")


MAYBE_PHONES: list[Callable[[str], Any]] = [
    lambda nine: f"O{nine}",  # a letter for the zero
    lambda nine: f"0{nine} (mẹ)",
    lambda nine: f"📞 0{nine}",
    lambda nine: f"{nine[0]}.{nine[1:]}E+8",
    lambda nine: "".join(chr(0x660 + int(digit)) for digit in f"0{nine}"),
    lambda nine: f"0{nine} - 0{nine}",
    lambda nine: f"=0{nine}",
    lambda nine: f"tel:+84{nine}",
    lambda nine: f"-{nine}",
]


def maybe_phone(nine: str, chance: random.Random) -> Cell:
    return Cell(chance.choice(MAYBE_PHONES)(nine), f"84{nine}", sure=False)


def _another(nine: str, chance: random.Random) -> str:
    while (other := make_nine(chance)) == nine:
        pass
    return other


def _foreign(nine: str, chance: random.Random) -> str:
    return chance.choice(["+1 415 555 2671", "+66 81 234 5678", "0066812345678", "+44 7911 123456", "+855 12 345 678"])


def _landline(nine: str, chance: random.Random) -> str:
    return chance.choice(
        ["024 3825 1234", "028.3829.1234", "+84 24 3825 1234", "02363 822 041", "0292 3820 071", "1900 1234"]
    )


def _numbers(nine: str, chance: random.Random) -> str:
    gap = chance.choice(["/", " - ", ", ", "\n", ";", " ", " hoặc ", ""])
    return f"0{nine}{gap}0{_another(nine, chance)}"


WRONG_PHONES: list[Callable[[str, random.Random], Any]] = [
    lambda nine, chance: f"0{nine[:-1]}",
    lambda nine, chance: nine[:-1],
    lambda nine, chance: int(nine[:-1]),
    lambda nine, chance: int(nine[:-1]) + chance.randrange(1, 10) / 10,
    lambda nine, chance: f"0{nine}{chance.randrange(10)}",
    lambda nine, chance: f"+84{nine[:-1]}",
    lambda nine, chance: f"+84{nine}{chance.randrange(10)}",
    lambda nine, chance: f"0{nine}/{chance.randrange(10)}",
    lambda nine, chance: f"0{chance.choice('46')}{nine[1:]}",
    lambda nine, chance: f"0{nine[:6]}***",
    lambda nine, chance: f"{nine[0]},{nine[1:3]}E+8",
    lambda nine, chance: chance.choice(
        ["", "   ", "-", "không có", "chưa cho số", "0", "000", "0" * 10, "?", "\u200b"]
    ),
    lambda nine, chance: chance.choice([None, True, False, 0, 10**40, -1.5, 1e300]),
    lambda nine, chance: chance.choice(BROKEN_FORMULAS),
    lambda nine, chance: make_moment(chance),
    lambda nine, chance: f"0{nine} " * 6_000 if chance.random() < 0.01 else f"0{nine} " * 5,
    _numbers,
    _foreign,
    _landline,
]


def wrong_phone(nine: str, chance: random.Random) -> Cell:
    return Cell(chance.choice(WRONG_PHONES)(nine, chance), None)


def make_moment(chance: random.Random) -> str:
    """A day and an hour as sheets show them: what stands in the wrong column when two are swapped."""
    day, month, hour, minute = (
        chance.randrange(1, 32),
        chance.randrange(1, 13),
        chance.randrange(24),
        chance.randrange(60),
    )
    style = chance.choice(
        ["{}/{}/2026 {}:{:02}", "{:02}/{}/2026 {}:{:02}", "{:02}/{:02}/2026 {}:{:02}", "{}-{}-2026 {:02}:{:02}"]
    )
    return style.format(day, month, hour, minute)


# --- days ---------------------------------------------------------------------------


def make_day(chance: random.Random, first: date = date(2024, 1, 1), days: int = 700) -> date:
    return first + timedelta(days=chance.randrange(days))


def _iso_with_zone(day: date, chance: random.Random) -> str:
    moment = datetime.combine(day, time(chance.randrange(24), chance.randrange(60)), VIETNAM)
    zone = chance.choice([UTC, VIETNAM, timezone(timedelta(hours=-5)), timezone(timedelta(hours=9))])
    text = moment.astimezone(zone).isoformat()
    return text.replace("+00:00", "Z") if chance.random() < 0.5 else text


RIGHT_DAYS: list[Callable[[date, random.Random], Any]] = [
    lambda day, chance: f"{day:%d/%m/%Y}",
    lambda day, chance: f"{day.day}/{day.month}/{day.year}",
    lambda day, chance: f"{day.day}/{day.month}/{day:%y}",
    lambda day, chance: f"{day:%d-%m-%Y}",
    lambda day, chance: f"{day:%d.%m.%Y}",
    lambda day, chance: day.isoformat(),
    lambda day, chance: f"{day:%Y/%m/%d}",
    lambda day, chance: f"{day:%d/%m/%Y} 14:30",
    lambda day, chance: f"{day.isoformat()} 09:05:00",
    lambda day, chance: (day - SHEETS_DAY_0).days,
    lambda day, chance: str((day - SHEETS_DAY_0).days),
    lambda day, chance: (day - SHEETS_DAY_0).days + chance.randrange(1, 86_400) / 86_400,
    lambda day, chance: f"'{day:%d/%m/%Y}",
    _iso_with_zone,
]


def right_day(day: date, chance: random.Random) -> Cell:
    typed = chance.choice(RIGHT_DAYS)(day, chance)
    return Cell(hidden(typed, chance) if isinstance(typed, str) else typed, day.isoformat())


MAYBE_DAYS: list[Callable[[date], Any]] = [
    lambda day: f"{day:%d/%m/%Y}".translate(FULL_WIDTH),
    lambda day: f"{day:%Y%m%d}",
    lambda day: f"{day:%d%m%Y}",
    lambda day: f"{day.day} tháng {day.month} năm {day.year}",
    lambda day: f"{day:%b %d, %Y}",
    lambda day: f"T2, {day:%d/%m/%Y}",
    lambda day: f"{day:%d/%m/%Y} (sáng)",
    lambda day: f"{day:%d\\%m\\%Y}",
]


def maybe_day(day: date, chance: random.Random) -> Cell:
    return Cell(chance.choice(MAYBE_DAYS)(day), day.isoformat(), sure=False)


WRONG_DAYS: list[Callable[[date, random.Random], Any]] = [
    lambda day, chance: f"{day.month}/{chance.randrange(13, 32)}/{day.year}",  # US order
    lambda day, chance: chance.choice(
        ["31/02/2025", "29/02/2025", "31/4/25", "00/01/2025", "32/01/2025", "2025-02-30"]
    ),
    lambda day, chance: f"{day:%d/%m}/{chance.choice([1899, 1900, 1901, 2126, 2925, 9999, '0025', '202'])}",
    lambda day, chance: f"{day:%d/%m}",
    lambda day, chance: f"{day:%m/%Y}",
    lambda day, chance: f"{chance.randrange(1, 10):02}{day:%m%y}",  # ddmmyy, no signs between
    lambda day, chance: chance.choice([0, 1, 5, 400, 2026, 999_999, 10**30, -45_000, 1.5, True, False]),
    lambda day, chance: chance.choice(["hôm nay", "mai", "thứ 2", "tuần sau", "?", "n/a", "21/11/2O25", "21/11//2025"]),
    lambda day, chance: f"{day:%d/%m/%Y} {day:%d/%m/%Y}",
    lambda day, chance: f"{day:%d/%m/%Y}-{day:%d/%m/%Y}",
    lambda day, chance: chance.choice(BROKEN_FORMULAS),
    lambda day, chance: f"0{make_nine(chance)}",  # the phone's cell
    lambda day, chance: make_nine(chance),
    lambda day, chance: f"{day:%d/%m/%Y}\u0661",
    lambda day, chance: "Nguyễn Thị Hoa",
]


def wrong_day(day: date, chance: random.Random) -> Cell:
    return Cell(chance.choice(WRONG_DAYS)(day, chance), None)


# --- text ---------------------------------------------------------------------------


def hidden(text: str, chance: random.Random) -> str:
    """The same text to a reader: with what nobody sees among it, or around it."""
    match chance.randrange(6):
        case 0:
            place = chance.randrange(len(text) + 1)
            return text[:place] + chance.choice(INVISIBLE) + text[place:]
        case 1:
            return chance.choice(SPACES) + text + chance.choice(SPACES)
        case _:
            return text


def disguised(text: str, chance: random.Random) -> Any:
    """A name or a word in another spelling of the same letters."""
    match chance.randrange(7):
        case 0:
            return unicodedata.normalize("NFD", text)
        case 1:
            return text.replace("Đ", "Ð")
        case 2:
            return text.replace(" ", chance.choice([" \u00a0", "   ", "\u00a0"]))
        case 3:
            place = chance.randrange(1, len(text))
            return text[:place] + chance.choice(["\x00", "\ud800", "\udfff", "\x07", "\x7f"]) + text[place:]
        case _:
            return hidden(text, chance)
