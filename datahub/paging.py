"""PURE. Where a page of records ended, as a text that callers need not understand."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

_YEARS = range(2000, 2101)
_MOST = 2**63 - 1


def _likely(moment: datetime) -> datetime:
    if moment.year not in _YEARS:
        raise ValueError("phải là một thời điểm từ năm 2000 đến 2100")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_likely)]
"""A moment with its time zone that every database can hold."""


@dataclass(frozen=True)
class Cursor:
    """The last record of a page: when it last changed, and its primary key among those of the same moment."""

    at: datetime
    pk: int

    def __str__(self) -> str:
        said = f"{self.at.astimezone(UTC).isoformat()}|{self.pk}"
        return urlsafe_b64encode(said.encode()).decode().rstrip("=")


def read_cursor(text: str) -> Cursor | None:
    """The cursor that was given out as `text`; None for anything else."""
    try:
        at, _, pk = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition("|")
        cursor = Cursor(_likely(datetime.fromisoformat(at)), int(pk))
    except (ValueError, binascii.Error):
        return None
    return cursor if cursor.at.tzinfo and 0 < cursor.pk <= _MOST and str(cursor) == text else None
