"""PURE. The sheet webhook's contract, inward: who signed the call and what it says. `answers.py` is the way back."""

from __future__ import annotations

import hashlib
import hmac
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

M = TypeVar("M", bound=BaseModel)

MAX_BODY_BYTES = 2_000_000
MAX_ROWS = 500
MAX_CLOCK_DRIFT_S = 300
ACCEPTED = "Đã gửi"
REQUESTS = (ACCEPTED, "Cập nhật lại")


class Verdict(StrEnum):
    """What the signature of a call proves."""

    OK = "ok"
    MISSING = "signature.missing"
    BAD = "signature.bad"
    STALE = "signature.stale"


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The value of X-CDP-Signature for this body at this Unix second."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def verify(*, secret: str, timestamp: str, signature: str, body: bytes, wall_now: datetime) -> Verdict:
    """Whether who holds `secret` signed `body` within five minutes of `wall_now` (UTC, the real time). Constant time."""
    if not timestamp or not signature:
        return Verdict.MISSING
    if not hmac.compare_digest(sign(secret, timestamp, body).encode(), signature.encode()):
        return Verdict.BAD
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return Verdict.BAD
    drift = abs(wall_now.timestamp() - int(timestamp))
    return Verdict.OK if drift <= MAX_CLOCK_DRIFT_S else Verdict.STALE


# --- what a call says ----------------------------------------------------------


def _request(typed: object) -> object:
    folded = (
        " ".join(unicodedata.normalize("NFC", typed).replace("Ð", "Đ").split()).casefold()
        if isinstance(typed, str)
        else ""
    )
    for request in REQUESTS:
        if request.casefold() == folded:
            return request
    raise ValueError(f"phải là “{REQUESTS[0]}” hoặc “{REQUESTS[1]}”")


def _texts(cells: object) -> object:
    if not isinstance(cells, dict):
        raise ValueError("phải là một đối tượng {tên cột: giá trị}")
    return {header: cell if type(cell) is str else cell_text(header, cell) for header, cell in cells.items()}


def cell_text(header: str, cell: object) -> str:
    """A cell as a Vietnamese sheet shows it. ValueError for a list or an object, naming the column."""
    match cell:
        case None:
            return ""
        case bool():
            return "TRUE" if cell else "FALSE"
        case int():
            # A number of thousands of digits is no cell; turning it into text is quadratic, and refused by Python.
            return str(cell) if cell.bit_length() <= 256 else "#NUM!"
        case float():
            return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else repr(cell).replace(".", ",")
        case _:
            # Half a surrogate pair is text to JSON, but no answer can carry it.
            name = header[:40].encode(errors="ignore").decode()
            raise ValueError(f"cột “{name}” phải là chữ, số, đúng/sai hoặc trống")


RowId = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\s\x00-\x1f\x7f]+$")]
# Checked by hand: a union type per cell costs more than all the rest of the parsing.
Cells = Annotated[dict[str, str], PlainValidator(_texts)]


class SheetRow(BaseModel):
    """One row as the script sent it; every cell is text by now."""

    model_config = ConfigDict(strict=True, frozen=True)

    row_id: RowId
    row_number: int = Field(ge=1, le=20_000_000)
    request: Annotated[str, BeforeValidator(_request)]
    values: Cells


class SheetBatch(BaseModel):
    """One call: the rows of one edit."""

    model_config = ConfigDict(strict=True, frozen=True)

    batch_id: Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9._:-]+$")]
    rows: list[SheetRow]


@dataclass(frozen=True)
class ShapeError:
    """Where a body is not what the contract says, as in `rows[3].row_id`, and what is wrong there, in Vietnamese."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True)
class TooManyRows:
    """A body of the right shape with more rows than one call may carry."""

    count: int


def parse(body: bytes) -> SheetBatch | ShapeError | TooManyRows:
    """The batch that `body` carries, or why it is none. Keys that the contract does not name are ignored."""
    raw = read_json(body)
    if isinstance(raw, ShapeError):
        return raw
    too_many = more_rows_than(MAX_ROWS, raw)
    return too_many or read_as(SheetBatch, raw)


def more_rows_than(limit: int, raw: object) -> TooManyRows | None:
    """Said before the rows are looked at: they are what costs."""
    rows = raw.get("rows") if isinstance(raw, dict) else None
    return TooManyRows(len(rows)) if isinstance(rows, list) and len(rows) > limit else None


def read_json(body: bytes) -> object | ShapeError:
    """What a body says, or where it stops being JSON."""
    try:
        said: object = json.loads(body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return ShapeError("body", f"không phải JSON UTF-8 hợp lệ ({_position(error)})")
    return said


def read_as(model: type[M], raw: object) -> M | ShapeError:
    """`raw` as this model, or the first place where it is not."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        return shape_error(error.errors(include_url=False, include_input=False)[0])


def shape_error(error: ErrorDetails, *, inside: int = 0) -> ShapeError:
    """One of pydantic's errors in our words; the first `inside` steps of its place are not told."""
    return ShapeError(_where(error["loc"][inside:]), _what(error))


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _position(error: Exception) -> str:
    # Never the exception's own words: they quote the body, and the body is somebody's health.
    return (
        f"dòng {error.lineno}, ký tự {error.colno}" if isinstance(error, json.JSONDecodeError) else type(error).__name__
    )


def _where(location: Sequence[int | str]) -> str:
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return where.removeprefix(".") or "body"


_WHAT = {
    "missing": "thiếu trường này",
    "model_type": "phải là một đối tượng JSON",
    "dict_type": "phải là một đối tượng JSON",
    "list_type": "phải là một danh sách",
    "string_type": "phải là chữ",
    "string_too_short": "không được để trống",
    "string_too_long": "dài quá 80 ký tự",
    "string_pattern_mismatch": "có ký tự không được dùng",
    "int_type": "phải là số nguyên",
    "less_than_equal": "số quá lớn",
}


def _what(error: ErrorDetails) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    if error["type"] == "greater_than_equal":
        return f"phải là số nguyên từ {error['ctx']['ge']}"
    return _WHAT.get(error["type"], "giá trị không hợp lệ")
