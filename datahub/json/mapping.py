"""PURE. How a program's JSON becomes rows: which list, which path is which column, and what their words mean here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from datahub.json.paths import rows_at, text_at
from datahub.rows import RowError
from datahub.schema import Schema
from datahub.text import clean, fold, quoted

ROW_ID = "Mã dòng"
_LONGEST_ID = 80

Style = Literal["none", "token", "hmac_hex", "hmac_base64"]


class Signature(BaseModel):
    """How the program proves that a call is its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    style: Style = "token"
    header: str = Field(default="X-Webhook-Token", max_length=80)


class JsonMapping(BaseModel):
    """What `Source.mapping` holds for a JSON source.

    An expression is `path`, `a + b` (joined by a space), `a | b` (the first that is filled) or `= fixed text`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    preset: str = ""
    signature: Signature = Signature()
    delivery: str = Field(default="", max_length=80, description="Header with the program's own id of a call.")
    rows: str = Field(
        default="", max_length=200, description="Path of the list whose elements are rows; empty: the body."
    )
    row_id: str = Field(default="", max_length=300)
    fields: dict[str, str] = {}
    values: dict[str, dict[str, str]] = Field(default={}, description="Field key → their word → ours.")


@dataclass(frozen=True)
class Extracted:
    """One row of a body. `values` are by field key; `errors` name each path that a required column misses."""

    row_id: str
    values: Mapping[str, str]
    errors: tuple[RowError, ...] = ()


def evaluate(expression: str, row: object, body: object) -> str | None:
    """What an expression says of a row; None where it says nothing. Never raises."""
    expression = expression.strip()
    if expression.startswith("="):
        return expression[1:].strip() or None
    for choice in expression.split("|"):
        parts = [text_at(row, body, path.strip()) for path in choice.split("+") if path.strip()]
        if told := " ".join(filter(None, parts)):
            return told
    return None


def extract(body: object, mapping: JsonMapping, schema: Schema) -> list[Extracted]:
    """The rows that a body carries, in their order; none is a fine answer. Never raises, whatever the body."""
    translations = {
        key: {fold(theirs): ours for theirs, ours in words.items()} for key, words in mapping.values.items()
    }
    return [_row(row, body, mapping, schema, translations) for row in rows_at(body, mapping.rows)]


def _row(
    row: object, body: object, mapping: JsonMapping, schema: Schema, translations: Mapping[str, Mapping[str, str]]
) -> Extracted:
    values: dict[str, str] = {}
    for spec in schema.read:
        told = evaluate(mapping.fields.get(spec.key, ""), row, body)
        if told is not None:
            values[spec.key] = translations.get(spec.key, {}).get(fold(told), told)
    errors = [
        RowError(spec.label, "path.missing", _not_there(mapping.fields.get(spec.key, "")))
        for spec in schema.read
        if spec.required and spec.key not in values
    ]
    row_id = _row_id(evaluate(mapping.row_id, row, body))
    if row_id is None:
        errors.insert(0, RowError(ROW_ID, "path.missing", _not_there(mapping.row_id)))
    return Extracted(row_id or _nameless(row), values, tuple(errors))


def _not_there(expression: str) -> str:
    if not expression:
        return "chưa được ghép với đường dẫn nào, hãy ghép ở trang của nguồn"
    return f"không có ở {quoted(expression)} trong dữ liệu gửi tới, hãy xem lại đường dẫn ở trang của nguồn"


def _row_id(told: str | None) -> str | None:
    """An id as rows have it: no blanks, of bounded length, and different ids stay different."""
    text = "_".join(clean(told or "").split())
    if not text or len(text) <= _LONGEST_ID:
        return text or None
    return f"{text[:40]}~{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _nameless(row: object) -> str:
    """A stand-in for a row without an id: the same row has the same, so that its verdict is shown once."""
    said = json.dumps(row, sort_keys=True, ensure_ascii=True, default=str)
    return f"khong-ma~{hashlib.sha256(said.encode()).hexdigest()[:32]}"
