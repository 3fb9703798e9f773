"""PURE. Whether two names, as they were typed, may be one person's."""

from __future__ import annotations

from datahub.text import fold, unaccented


def alike(one: str, other: str) -> bool:
    """Whether the names agree but for marks, case, and left out or shortened words.

    `Ng. T. Hoa`, `Hoa` and `NGUYEN THI HOA` are like `Nguyễn Thị Hoa`. The given name, which comes last, must be whole and
    the same: brothers and sisters share all the rest.
    """
    short, long = sorted((_words(one), _words(other)), key=len)
    if not short or short[-1] != long[-1]:
        return False
    places = iter(long[:-1])
    return all(any(_same(word, place) for place in places) for word in short[:-1])


def _words(name: str) -> list[str]:
    return unaccented(fold(name)).replace(".", " ").split()


def _same(word: str, place: str) -> bool:
    """A word and another that is it, or the beginning of it."""
    return place.startswith(word) or word.startswith(place)
