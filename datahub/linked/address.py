"""PURE. Which spreadsheet, and which of its tabs, a pasted address means."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ADDRESS = re.compile(r"/spreadsheets/(?:u/\d+/)?d/([A-Za-z0-9_-]{15,100})")
_BARE = re.compile(r"[A-Za-z0-9_-]{15,100}", re.ASCII)
_GID = re.compile(r"[#?&]gid=(\d{1,12})", re.ASCII)


@dataclass(frozen=True)
class Address:
    """A spreadsheet's id, and the number of the tab that was open when the address was copied, if it says so."""

    spreadsheet_id: str
    gid: int | None = None


def parse_address(text: str) -> Address | None:
    """What somebody pasted: the address bar's line, or the id alone; None if it is neither."""
    text = text.strip()
    if _BARE.fullmatch(text):
        return Address(text)
    found, gid = _ADDRESS.search(text), _GID.search(text)
    return Address(found[1], int(gid[1]) if gid else None) if found else None
