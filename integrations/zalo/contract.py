"""PURE. Does what we would send fit the template Zalo approved? Lengths are counted after Unicode NFC, as Zalo does."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

# Zalo's guideline "parameter formats". The time of day, the day, or both; a month; never another order.
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
_DAY = r"(?P<day>\d\d)/(?P<month>\d\d)/(?P<year>\d{4})"
_MOMENT = re.compile(rf"{_TIME}|(?:0[1-9]|1[0-2])/\d{{4}}|(?:{_TIME} )?{_DAY}", re.ASCII)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)*", re.ASCII)
_AMOUNT = re.compile(r"0*[1-9]\d*", re.ASCII)
_NOT_IN_NOTE = re.compile(re.escape("@[]^_!\"•#$%¥&'()*+,€-./:;{|<}=~>?").join(("[", "]")))
_URL = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
# A parameter in a text.
PLACEHOLDER = re.compile(r"<(\w+)>")

# `listParams.type` → the code of what is wrong with a value that has not that form. Zalo's documents show STRING only;
# the other names are those of its guideline and of the codes of /template/create. A name that is not here is free text.
_FORMS = {
    "NUMBER": "not_number",
    "10": "not_number",
    "DATE": "not_moment",
    "TIME": "not_moment",
    "DATETIME": "not_moment",
    "11": "not_moment",
    "CURRENCY": "not_amount",
    "14": "not_amount",
    "BANK_TRANSFER_NOTE": "bad_note",
    "15": "bad_note",
    "URL": "bad_url",
    "13": "bad_url",
}


@dataclass(frozen=True)
class ParamProblem:
    """One parameter that Zalo would refuse: `missing`, `too_long` or `too_short` against `limit` characters, or not of
    its form: `not_number`, `not_moment`, `not_amount`, `bad_note`, `bad_url`.
    """

    name: str
    code: str
    limit: int = 0
    actual: int = 0


def param_problems(list_params: Iterable[Mapping[str, Any]], values: Mapping[str, str]) -> list[ParamProblem]:
    """What Zalo would refuse (-1122, -1121, -1124, -132) of these values, given the template's own `listParams`."""
    found = (_problem(spec, unicodedata.normalize("NFC", values.get(spec["name"], ""))) for spec in list_params)
    return [problem for problem in found if problem]


def _problem(spec: Mapping[str, Any], text: str) -> ParamProblem | None:
    name, longest, shortest = spec["name"], spec.get("maxLength") or 0, spec.get("minLength") or 0
    if not text:
        return ParamProblem(name, "missing") if is_required(spec) else None
    if longest and len(text) > longest:
        return ParamProblem(name, "too_long", longest, len(text))
    if len(text) < shortest:
        return ParamProblem(name, "too_short", shortest, len(text))
    code = _FORMS.get(str(spec.get("type")).upper(), "")
    return ParamProblem(name, code, 0, len(text)) if code and not _has_form(code, text) else None


def is_required(spec: Mapping[str, Any]) -> bool:
    """Whether Zalo refuses the message without this parameter."""
    return bool(spec.get("require", True)) and not spec.get("acceptNull", False)


def _has_form(code: str, text: str) -> bool:
    match code:
        case "not_number":
            return _NUMBER.fullmatch(text) is not None
        case "not_amount":
            return _AMOUNT.fullmatch(text) is not None
        case "bad_note":
            return _NOT_IN_NOTE.search(text) is None
        case "bad_url":
            return _URL.fullmatch(text) is not None
        case _:
            return _is_moment(text)


def _is_moment(text: str) -> bool:
    found = _MOMENT.fullmatch(text)
    if found is None or found["day"] is None:
        return found is not None
    try:
        date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Mismatch:
    """How a wording and the parameters Zalo registered differ: names that Zalo does not know, and names never used."""

    unknown: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


def mismatch(list_params: Iterable[Mapping[str, Any]], buttons: Iterable[Mapping[str, Any]], wording: str) -> Mismatch:
    """Compare the `<name>` placeholders of a pasted wording with `listParams`, both ways. A button may use some too."""
    known = [spec["name"] for spec in list_params]
    written = list(dict.fromkeys(PLACEHOLDER.findall(wording)))
    in_buttons = {name for button in buttons for name in PLACEHOLDER.findall(str(button.get("content", "")))}
    return Mismatch(
        tuple(name for name in written if name not in known),
        tuple(name for name in known if name not in written and name not in in_buttons),
    )
