"""Correcting a visit, and a message that waits for the morning."""

from __future__ import annotations

from datahub.models import Record
from tests import factories
from tests.campaigns.story import Clinic, vn

ON_DONE = {"kind": "record_changed", "field": "status", "to": "Đã hoàn thành"}
NEW, OTHER = "0987654321", "0356789012"


def press(clinic: Clinic, record: Record, **changes: str) -> Record:
    """“Cập nhật lại” on the visit's row, with these cells corrected."""
    return factories.make_record(clinic.source, now=clinic.clock.now(), row_id=record.row_id, **changes)


def phones(clinic: Clinic) -> list[str]:
    return [sent.phone for sent in clinic.channel.sent]


def evening(clinic: Clinic, **changes: str) -> Record:
    """A visit whose message waits for the morning: it was due at 22:00."""
    clinic.set_definition(clinic.send, trigger=ON_DONE)
    clinic.clock.moment = vn(20, 20)
    record = clinic.visit(row_id="r", **changes)
    clinic.tick()
    clinic.at(vn(20, 22))
    assert clinic.message().due_at == vn(21, 7)
    return record
