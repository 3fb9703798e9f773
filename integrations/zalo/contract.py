"""PURE. Does what we would send fit the template Zalo approved? Lengths are counted after Unicode NFC, as Zalo does."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ParamProblem:
    """One parameter that Zalo would refuse: `missing`, `too_long` or `too_short` against `limit` characters."""

    name: str
    code: str
    limit: int = 0
    actual: int = 0


def param_problems(list_params: Iterable[Mapping[str, Any]], values: Mapping[str, str]) -> list[ParamProblem]:
    """What Zalo would refuse (errors -1122, -1121) of these values, given the template's own `listParams`."""
    problems = []
    for spec in list_params:
        name, text = spec["name"], unicodedata.normalize("NFC", values.get(spec["name"], ""))
        if not text:
            if spec.get("require", True) and not spec.get("acceptNull", False):
                problems.append(ParamProblem(name, "missing"))
        elif (limit := spec.get("maxLength") or 0) and len(text) > limit:
            problems.append(ParamProblem(name, "too_long", limit, len(text)))
        elif len(text) < (floor := spec.get("minLength") or 0):
            problems.append(ParamProblem(name, "too_short", floor, len(text)))
    return problems
