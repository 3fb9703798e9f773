"""PURE. Which record a row of a file is: the same visit, met again, must not be doubled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from datahub.rows import visit_key
from datahub.schema import VISIT_DATE

BY_KEY, BY_VISIT, BY_CONTENT = "k:", "v:", "c:"
_LONGEST_KEY = 70


def row_id_by_key(key: str) -> str:
    """The id of a row that the file itself names, by the column that was chosen for it."""
    return BY_KEY + (key if len(key) <= _LONGEST_KEY else _digest(key))


def row_id_by_visit(visit: str, values: Mapping[str, str]) -> str:
    """The id of a row of clean values: its visit's, where that is known; else that of all it says."""
    if visit:
        return BY_VISIT + visit
    return BY_CONTENT + _digest(json.dumps(sorted(values.items()), ensure_ascii=False))


def known_visit(values: Mapping[str, str]) -> str:
    """The key of the visit, empty where the service or the day is unknown."""
    is_known = values.get("service") and values.get(VISIT_DATE)
    return visit_key(values, otherwise="") if is_known else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
