"""PURE. One sheet row against a table's schema: a clean row, or every reason why not."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from json.encoder import encode_basestring

from datahub import fields
from datahub.fields import FieldError
from datahub.schema import STATUS, VISIT_DATE, FieldSpec, Schema
from datahub.text import fold

__all__ = ["CleanRow", "FieldSpec", "Reader", "RowError", "Schema", "cell_status", "clean", "fingerprint", "visit_key"]

Cells = dict[str, tuple[str, bool]]
"""Field key → what was typed, and whether the column is one to tick."""

_STATUS_LIMIT = 600
# A month covers what is typed ahead of time; beyond it, “done” is a slip of the month or the year.
_DONE_AHEAD = timedelta(days=31)


@dataclass(frozen=True)
class RowError:
    """What is wrong with one cell: the column's name, a stable code, and a Vietnamese sentence that follows the name."""

    column: str
    code: str
    message: str
    suggestion: str | None = None

    def as_json(self) -> dict[str, str | None]:
        """The error as the webhook's answer shows it."""
        return {"column": self.column, "code": self.code, "message": self.message, "suggestion": self.suggestion}


@dataclass(frozen=True)
class CleanRow:
    """Field key → clean value, filled or blanked cells only: a column that the sheet lacks has no key here."""

    values: dict[str, str]


class Reader:
    """Reads the rows of one batch on one day. Cells that repeat (services, doctors, dates) are parsed once."""

    def __init__(self, schema: Schema, today: date) -> None:
        self.schema = schema
        self._today = today
        self._read: dict[tuple[str, str], str | FieldError] = {}

    def cells(self, values: Mapping[str, str]) -> Cells:
        """The cells that belong to a field. Of two columns for one field the filled one counts, then the better name."""
        cells: Cells = {}
        merits: dict[str, tuple[bool, int]] = {}
        for header, typed in values.items():
            if column := self.schema.column(header):
                key, merit = column.spec.key, (not typed.strip(), column.rank)
                if key not in cells or merit < merits[key]:
                    cells[key], merits[key] = (typed, column.is_tick), merit
        return cells

    def clean(self, cells: Cells) -> CleanRow | list[RowError]:
        """The clean values of these cells, or every error among them in the order of the columns."""
        values: dict[str, str] = {}
        errors: list[RowError] = []
        for spec in self.schema.read:
            outcome = self._field(spec, cells.get(spec.key))
            if isinstance(outcome, FieldError):
                errors.append(RowError(spec.label, outcome.code, outcome.message, outcome.suggestion))
            elif outcome is not None:
                values[spec.key] = outcome
        errors += self._not_yet(values)
        return errors or CleanRow(values)

    def _not_yet(self, values: Mapping[str, str]) -> list[RowError]:
        """A visit of next year that is done already is a slip of the year, and would be written to today."""
        visit_day = values.get(VISIT_DATE, "")
        if not visit_day or not self.schema.is_done(values.get(STATUS, "")):
            return []
        day = date.fromisoformat(visit_day)
        if day <= self._today + _DONE_AHEAD:
            return []
        label = next(spec.label for spec in self.schema.fields if spec.key == VISIT_DATE)
        message = f"“{day:%d/%m/%Y}”: còn ở tương lai mà lượt khám đã hoàn thành, hãy kiểm tra lại tháng và năm"
        return [RowError(label, "date.done_in_future", message, None)]

    def _field(self, spec: FieldSpec, cell: tuple[str, bool] | None) -> str | FieldError | None:
        if cell is None:
            missing = FieldError("column.missing", "không có trong bảng tính, hãy thêm lại cột này")
            return missing if spec.required else None
        typed, is_tick = cell
        parsed = self._parse(spec, self._ticked(typed) if is_tick else typed)
        if parsed == "" and spec.required:
            return FieldError("value.required", "đang để trống, hãy điền vào ô này")
        return parsed

    def _ticked(self, typed: str) -> str:
        """What a cell of a column named after the done value says: ticked means done."""
        said = fold(typed)
        return self.schema.done_value if said in fields.YES else "" if said in fields.NO else typed

    def _parse(self, spec: FieldSpec, typed: str) -> str | FieldError:
        if (known := self._read.get((spec.key, typed))) is not None:
            return known
        parsed = fields.formula_error(typed.strip()) or parse(typed, spec, self._today)
        self._read[spec.key, typed] = parsed
        return parsed

    def fingerprint(self, cells: Cells) -> str:
        """64 hex digits of what the sheet says in the columns this table knows, under its present schema.

        Columns of the clinic's own do not count; neither does the Unicode form of what was typed.
        """
        said = [(cell[0].strip(), cell[1]) if (cell := cells.get(spec.key)) else None for spec in self.schema.read]
        text = unicodedata.normalize("NFC", json.dumps(said, ensure_ascii=False))
        return hashlib.sha256(self.schema.digest + text.encode(errors="replace")).hexdigest()


_PARSERS: dict[str, Callable[[str, FieldSpec, date], str | FieldError]] = {
    "text": lambda typed, spec, today: fields.text(typed, spec.max_length),
    "phone": lambda typed, spec, today: fields.phone(typed),
    "date": lambda typed, spec, today: fields.parse_date(typed, today),
    "time": lambda typed, spec, today: fields.time(typed),
    "number": lambda typed, spec, today: fields.number(typed),
    "choice": lambda typed, spec, today: fields.choice(typed, spec.choices),
    "yes_no": lambda typed, spec, today: fields.yes_no(typed),
    "email": lambda typed, spec, today: fields.email(typed),
}


def parse(typed: str, spec: FieldSpec, today: date) -> str | FieldError:
    """What was typed, as this field's clean value within its limits. Empty for an empty cell, required or not."""
    value = _PARSERS[spec.type](typed, spec, today)
    return value if isinstance(value, FieldError) else kept(value, spec)


def kept(value: str, spec: FieldSpec) -> str | FieldError:
    """A clean value of this field's type, if its limits allow it."""
    if len(value) > spec.max_length:
        return fields.text(value, spec.max_length)
    return fields.outside(spec.type, value, spec.minimum, spec.maximum) or value


def clean(values: Mapping[str, str], schema: Schema, today: date) -> CleanRow | list[RowError]:
    """Header → typed cell of one row, cleaned against `schema`. `today` is Vietnam's. Many rows: keep one `Reader`."""
    reader = Reader(schema, today)
    return reader.clean(reader.cells(values))


def fingerprint(values: Mapping[str, str], schema: Schema) -> str:
    """`Reader.fingerprint` of one row."""
    reader = Reader(schema, date.min)
    return reader.fingerprint(reader.cells(values))


def cell_status(errors: Sequence[RowError], *, ending: str = "") -> str:
    """The text for the cell Trạng thái gửi Webhook of a wrong row: column, what was read, how to mend it; at most 600 characters."""
    text, room = "; ".join(f"{error.column} {error.message}" for error in errors), _STATUS_LIMIT - len(ending)
    return (text if len(text) <= room else f"{text[: room - 1]}…") + ending


def visit_key(values: Mapping[str, str], *, otherwise: str) -> str:
    """64 hex digits that are equal for the same visit, however many rows were typed for it.

    A visit is a customer, a phone, a service and a day. Where service or day is unknown, it is the row: `otherwise`.
    """
    visit = [values.get(key, "") for key in ("customer_id", "phone", "service", "visit_date")]
    known = visit[2] and visit[3]
    parts = [part.casefold() for part in visit] if known else ["row", otherwise]
    # json.dumps(parts, ensure_ascii=False), which takes ten times as long and is asked for every row of a file.
    text = f"[{', '.join(map(encode_basestring, parts))}]"
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
