"""PURE. Who asks about a table's columns. Other apps hand in their own uses through the URLconf."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Use:
    """One place that names a column: `what` says where in words, `view` and `args` are its page.

    `values` are what the column is compared with there; `is_live` says that it is acted upon now.
    """

    key: str
    what: object
    name: str
    view: str
    args: tuple[object, ...] = ()
    values: tuple[str, ...] = ()
    is_live: bool = False


UsesOf = Callable[[Any], Sequence[Use]]
"""A Dataset → every use of its columns elsewhere."""


def compared(tree: object) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each column that a filter tree (its JSON) asks about, with the values it is compared with, however deep."""
    if isinstance(tree, Mapping):
        if isinstance(tree.get("field"), str) and "op" in tree:
            values = [tree.get("value") or "", *(tree.get("values") or ())]
            yield tree["field"], tuple(str(value) for value in values if value)
        for part in tree.values():
            yield from compared(part)
    elif isinstance(tree, list | tuple):
        for part in tree:
            yield from compared(part)
