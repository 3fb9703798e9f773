"""PURE. Whether `template_data` fits a template's own listParams (zalo-api §3 "Param types" and "Formats")."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sandbox.zalo.answers import failed

_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_CURRENCY = re.compile(r"\d+", re.ASCII)
_TIMES = ("%H:%M:%S", "%H:%M", "%H:%M:%S %d/%m/%Y", "%H:%M %d/%m/%Y", "%d/%m/%Y", "%m/%Y")
_NOT_IN_BANK_NOTE = set("@[]^_!\"•#$%¥&'()*+,€-./:;{|<}=~>?")


def first_problem(data: object, params: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Zalo's refusal for the first parameter that does not fit, or None. Names that the template lacks are ignored."""
    if not params:
        return None
    if not data:
        return failed(-111)
    if not isinstance(data, dict):
        return failed(-112)
    return next((problem for param in params if (problem := _problem(param, data.get(param["name"])))), None)


def _problem(param: Mapping[str, Any], value: object) -> dict[str, Any] | None:
    name = param["name"]
    if value is None or value == "":
        optional = not param.get("require", True) or (value == "" and param.get("acceptNull", False))
        return None if optional else failed(-1122, f"template data {name} is missing")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return failed(-1124, f"template data {name} is wrong format")
    # Length is measured on composed letters: "ễ" counts one, however it was typed.
    text = unicodedata.normalize("NFC", str(value))
    if len(text) > param.get("maxLength", 200):
        return failed(-1121, f"template data {name} is break max length")
    if len(text) < param.get("minLength", 0):
        return failed(-1121, f"template data {name} is break min length")
    return (
        None
        if _fits(text, str(param.get("type", "STRING")))
        else failed(-1124, f"template data {name} is wrong format")
    )


def _fits(text: str, kind: str) -> bool:
    match kind.upper():
        case "NUMBER":
            return _NUMBER.fullmatch(text) is not None
        case "CURRENCY":
            return _CURRENCY.fullmatch(text) is not None and int(text) > 0
        case "DATE" | "TIME" | "DATETIME":
            return any(_parses(text, shape) for shape in _TIMES)
        case "BANK_TRANSFER_NOTE":
            return not _NOT_IN_BANK_NOTE & set(text)
        case _:
            return True


def _parses(text: str, shape: str) -> bool:
    try:
        datetime.strptime(text, shape)  # noqa: DTZ007 — only whether it parses; a patient reads it as it stands
    except ValueError:
        return False
    return True


def filled(text: str, data: Mapping[str, Any]) -> str:
    """`text` with each `<name>` replaced by its value; a name without a value disappears, as on the phone."""
    return re.sub(r"<(\w+)>", lambda found: str(data.get(found[1], "")), text)


def sample(params: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """A value for each parameter that fits it, as /template/sample-data gives."""
    by_kind = {
        "NUMBER": "1",
        "CURRENCY": "100000",
        "DATE": "21/11/2026",
        "TIME": "09:00",
        "DATETIME": "09:00 21/11/2026",
    }
    return {
        param["name"]: by_kind.get(str(param.get("type", "STRING")).upper(), param["name"])[
            : param.get("maxLength", 200)
        ]
        for param in params
    }
