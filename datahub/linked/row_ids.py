"""PURE. Which row is which: ids for rows that ask for something, new ones for copies, lost ones given back.

A row keeps its id wherever it is sorted to, since the id stands in the row. We write ids by row number, so somebody who sorts
the sheet in the moment between our reading and our writing moves the rows under them. What that breaks is seen at the next
look: an id that we know is gone, and what it was last answered for stands in a row whose id nobody has heard of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from datahub.linked.table import Row, Table
from datahub.text import fold
from integrations.google_sheets.protocol import ACCEPTED

COPIED = "Dòng sao chép, chưa gửi – sửa xong đặt Gửi webhook = Cập nhật lại"


class Known(NamedTuple):
    """What a row was last answered, and to which request."""

    fingerprint: str
    request: str
    status: str


@dataclass
class Ids:
    """What is to be written into the id column, row number → id, and what the copies among them should say."""

    cells: dict[int, str] = field(default_factory=dict)
    copies: dict[str, Known] = field(default_factory=dict)


def plan_ids(table: Table, known: Mapping[str, Known], new_id: Callable[[], str]) -> Ids:
    """The ids that are missing or wrong; nothing once every row has its own."""
    ids, owners = Ids(), _owners(table, known)
    lost = _lost(table, known)
    for row in table.rows:
        if row.is_blank:
            if row.id:
                ids.cells[row.number] = ""  # an emptied row gives its id up
            continue
        own = bool(row.id) and owners[row.id] == row.number
        if (not own or row.id not in known) and row.request and row.fingerprint in lost:
            ids.cells[row.number] = lost.pop(row.fingerprint)
        elif row.id and not own:
            ids.cells[row.number] = made = new_id()
            if fold(row.status) == fold(ACCEPTED):  # it is the original that was sent
                ids.copies[made] = Known(row.fingerprint, row.request, COPIED)
        elif not row.id and row.request:
            ids.cells[row.number] = new_id()
    return ids


def _owners(table: Table, known: Mapping[str, Known]) -> dict[str, int]:
    """Id → the number of the row it belongs to: the one that reads as it was answered, else the upper one."""
    owners: dict[str, Row] = {}
    for row in table.rows:
        if row.id and not row.is_blank:
            first, answered = owners.setdefault(row.id, row), known.get(row.id)
            if answered and row.fingerprint == answered.fingerprint != first.fingerprint:
                owners[row.id] = row
    return {row_id: row.number for row_id, row in owners.items()}


def _lost(table: Table, known: Mapping[str, Known]) -> dict[str, str]:
    """Print → the known id that no row has any more, where there is one such id and one such row."""
    here = {row.id for row in table.rows if not row.is_blank}
    gone = Counter(answered.fingerprint for row_id, answered in known.items() if row_id not in here)
    standing = Counter(row.fingerprint for row in table.rows if not row.is_blank)
    return {
        answered.fingerprint: row_id
        for row_id, answered in known.items()
        if row_id not in here and gone[answered.fingerprint] == 1 and standing[answered.fingerprint] == 1
    }
