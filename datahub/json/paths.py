"""PURE. Paths into a JSON body: `customer.phone`, `Notifications.0.Data`, `*` for every element of a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from integrations.google_sheets.protocol import cell_text

ROOT = "$"
_MOST_LOOKED_AT, _DEEPEST, _MOST_SHOWN = 2_000, 12, 150


class Missing:
    """What stands at a path that leads nowhere."""


MISSING = Missing()


def read(body: object, path: str) -> object:
    """What stands at the path, or MISSING. The empty path is the body itself. Never raises."""
    found = body
    for step in path.split(".") if path else ():
        found = _step(found, step)
    return found


def _step(found: object, step: str) -> object:
    if isinstance(found, dict):
        return found.get(step, MISSING)
    if isinstance(found, list) and step.isascii() and step.isdigit() and len(step) < 6:
        return found[int(step)] if int(step) < len(found) else MISSING
    return MISSING


def rows_at(body: object, path: str) -> list[dict[str, object]]:
    """The objects that a list path names, in order: of a list its elements, of an object itself; what is neither is left out."""
    found: list[object] = [body]
    for step in path.split(".") if path else ():
        found = [
            below
            for each in found
            for below in (_elements(each) if step == "*" else [_step(each, step)])
            if below is not MISSING
        ]
    rows = [row for each in found for row in (each if isinstance(each, list) else [each])]
    return [row for row in rows if isinstance(row, dict)]


def _elements(found: object) -> Sequence[object]:
    return found if isinstance(found, list) else []


def text_at(row: object, body: object, path: str) -> str | None:
    """The single value at the path as a sheet would show it; a path that begins with `$.` starts at the whole body.

    None where nothing, an empty value, a list or an object stands there.
    """
    outside = path.startswith(f"{ROOT}.")
    found = read(body, path.removeprefix(f"{ROOT}.")) if outside else read(row, path)
    if found is MISSING or isinstance(found, list | dict):
        return None
    return _plain(path, found).strip() or None


def _plain(path: str, found: object) -> str:
    return found if isinstance(found, str) else cell_text(path, found)


@dataclass(frozen=True)
class Seen:
    """One path of a sample body and what stands there."""

    path: str
    value: str


def look(row: object) -> list[Seen]:
    """The paths of a sample that lead to single values, in their order; bounded in number and depth."""
    found: list[Seen] = []
    for looked_at, (path, value) in enumerate(_walk(row, "", 0)):
        if looked_at > _MOST_LOOKED_AT or len(found) >= _MOST_SHOWN:
            break
        if not isinstance(value, list | dict):
            found.append(Seen(path, _plain(path, value)))
    return found


def lists(body: object) -> list[str]:
    """The list paths of a sample that name objects: what may be one row an element."""
    found: dict[str, None] = {}
    for looked_at, (path, value) in enumerate(_walk(body, "", 0)):
        if looked_at > _MOST_LOOKED_AT:
            break
        if isinstance(value, list) and value and isinstance(value[0], dict):
            found[".".join("*" if step.isdigit() else step for step in path.split("."))] = None
    return list(found)


def _walk(found: object, path: str, depth: int) -> Iterator[tuple[str, object]]:
    if path:
        yield path, found
    if depth < _DEEPEST:
        children = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
        for step, below in children:
            # A name with a dot in it cannot be a step of a path.
            if "." not in str(step) and str(step):
                yield from _walk(below, f"{path}.{step}" if path else str(step), depth + 1)
