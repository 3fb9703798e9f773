"""PURE. The door `pulse`: every five minutes the sheet's script says how it is, and hears what became of its rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from integrations.google_sheets.answers import SOURCE_CLOSED
from integrations.google_sheets.protocol import ShapeError, read_as, read_json
from integrations.vietnam import local

OUTCOME_COLUMN = "Kết quả gửi tin"
MOST_OUTCOMES = 500
SILENT_AFTER = timedelta(minutes=15)
NIGHT_HOURS = range(1, 5)
NIGHTLY, AT_THE_LATEST = timedelta(hours=12), timedelta(hours=36)


class SheetName(BaseModel):
    """Which spreadsheet and tab a call speaks of."""

    model_config = ConfigDict(strict=True, frozen=True)

    spreadsheet_id: str = ""
    sheet_name: str = ""


class Pulse(BaseModel):
    """What the script says of itself; keys that are not named here are ignored."""

    model_config = ConfigDict(strict=True, frozen=True)

    version: str
    sheet: SheetName
    headers: list[str]
    waiting: int = Field(ge=0, le=20_000_000)
    calls_left: int | None = Field(default=None, ge=0, le=20_000_000)
    problems: list[str] = []
    heard: int = Field(default=0, ge=0, le=2**53)


def parse(body: bytes) -> Pulse | ShapeError:
    """The pulse that `body` carries, or why it is none."""
    raw = read_json(body)
    return raw if isinstance(raw, ShapeError) else read_as(Pulse, raw)


@dataclass(frozen=True)
class Outcome:
    """What the cell “Kết quả gửi tin” of one row should say."""

    row_id: str
    text: str


def answer(
    *, latest_version: str, outcomes: Sequence[Outcome], cursor: int, checkup_due: bool, says: Sequence[str]
) -> str:
    """The body of a 200. `cursor` comes back as `heard` once the outcomes stand in the sheet; 0: nothing to confirm."""
    body = {
        "latest_version": latest_version,
        "outcomes": [vars(outcome) for outcome in outcomes],
        "cursor": cursor,
        "checkup_due": checkup_due,
        "says": " ".join(says),
    }
    return json.dumps(body, ensure_ascii=False)


def says(*, version: str, latest_version: str, is_open: bool) -> list[str]:
    """Sentences for the people at the sheet; empty when there is nothing to tell."""
    newer = f"Đã có bản mã CDP {latest_version} (đang dùng {version}): nhờ quản trị viên tải lại ở trang Nguồn dữ liệu."
    said = [newer] if is_newer(latest_version, version) else []
    return said if is_open else [*said, f"{SOURCE_CLOSED.status}."]


def is_newer(version: str, than: str) -> bool:
    """Whether `version` (numbers and dots) comes after `than`; what is no version is older than every one."""
    return _numbers(version) > _numbers(than)


def _numbers(version: str) -> list[int]:
    parts = version.split(".")
    return [int(part) for part in parts] if all(part.isascii() and part.isdigit() for part in parts) else []


def is_silent(last: datetime, now: datetime) -> bool:
    """Whether the script has missed three of its pulses: its trigger has died, or somebody removed it."""
    return now - last > SILENT_AFTER


def is_checkup_due(last: datetime | None, now: datetime) -> bool:
    """Once a night in Vietnam; at once for a new sheet, and by day where the nights were missed. Both in UTC."""
    if last is None or now - last >= AT_THE_LATEST:
        return True
    return local(now).hour in NIGHT_HOURS and now - last >= NIGHTLY
