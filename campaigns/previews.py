"""PURE. A ZNS template as the patient sees it: its wording with the parameters named, or filled with values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from integrations.zalo.contract import PLACEHOLDER


@dataclass(frozen=True)
class Piece:
    """A stretch of text; `is_param` for what stands in a parameter's place, `is_missing` when nothing does."""

    text: str
    is_param: bool = False
    is_missing: bool = False


@dataclass(frozen=True)
class Preview:
    """What the bubble shows. Every line is pieces; `buttons` are their titles."""

    title: tuple[Piece, ...]
    paragraphs: tuple[tuple[Piece, ...], ...]
    buttons: tuple[str, ...]


def preview(
    *, title: str, body: str, buttons: Iterable[Mapping[str, Any]], values: Mapping[str, str] | None
) -> Preview:
    """Lay a wording out. `values` None shows the parameters' names; a parameter without a value shows its name too."""
    return Preview(
        pieces(title, values),
        tuple(pieces(line, values) for line in body.splitlines() if line.strip()),
        tuple(str(button.get("title", "")) for button in buttons if button.get("title")),
    )


def pieces(text: str, values: Mapping[str, str] | None) -> tuple[Piece, ...]:
    """One line in pieces."""
    parts = PLACEHOLDER.split(text)
    return tuple(
        _param(part, values) if index % 2 else Piece(part) for index, part in enumerate(parts) if index % 2 or part
    )


def _param(name: str, values: Mapping[str, str] | None) -> Piece:
    if values is None:
        return Piece(name, is_param=True)
    value = values.get(name, "")
    return Piece(value, is_param=True) if value else Piece(name, is_param=True, is_missing=True)
