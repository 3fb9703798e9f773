"""Plain functions that make one default story: a clinic, its people, its table, its sheet, a visit."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from accounts.models import Membership, User, Workspace
from accounts.roles import Role
from datahub.editor.columns import add_field
from datahub.ingest import Answered, Closed, Reused, ingest
from datahub.models import Customer, Dataset, Field, Merge, Record, Source
from datahub.people.merging import merge
from datahub.schema import FieldSpec
from datahub.sources import create_source, open_source
from datahub.tables import REFERENCE_SCHEMA, create_dataset
from integrations.google_sheets.protocol import SheetBatch, parse

# 09:00 on a Saturday in Vietnam.
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)

VISIT = {
    "Mã khách hàng": "KH001",
    "Họ và tên": "Nguyễn Thị Hoa",
    "Số điện thoại": "0912345678",
    "Dịch vụ": "Nhổ răng",
    "Ngày khám": "21/11/2026",
    "Bác sĩ": "Trần Văn Nam",
    "Chi nhánh": "Quận 1",
    "Ngày tái khám": "21/05/2027",
    "Trạng thái": "Đã hoàn thành",
}

_numbers = itertools.count(1)


def make_workspace(name: str = "Nha khoa Hoa Sen") -> Workspace:
    """A clinic."""
    return Workspace.objects.create(name=name)


def make_person(workspace: Workspace, role: Role = Role.OWNER, *, email: str = "") -> User:
    """Someone with this role in the workspace; the password is `mat-khau`."""
    email = email or f"{role.value}{next(_numbers)}@example.vn"
    user = User.objects.create_user(email, "mat-khau", full_name=email.split("@")[0])
    Membership.objects.create(user=user, workspace=workspace, role=role.value)
    return user


def make_dataset(workspace: Workspace, *, fields: Sequence[Mapping[str, Any]] = REFERENCE_SCHEMA) -> Dataset:
    """The Data Hub table of the reference scenario."""
    return create_dataset(workspace=workspace, name=f"Lượt khám {next(_numbers)}", fields=fields)


def make_field(dataset: Dataset, label: str, **settings: Any) -> Field:
    """One more column of the clinic's own; `settings` are FieldSpec's."""
    field = add_field(dataset=dataset, settings=FieldSpec("", label, **settings), actor=None, now=NOW)
    assert isinstance(field, Field), field
    return field


def make_source(dataset: Dataset, *, is_open: bool = True) -> Source:
    """A sheet that feeds the dataset."""
    source = create_source(dataset=dataset, name="Sheet chăm sóc")
    return open_source(source=source) if is_open else source


def visit(**changes: str) -> dict[str, str]:
    """The cells of one right row; `changes` are by field label with `_` for a space, as in `Họ_và_tên="…"`."""
    return VISIT | {label.replace("_", " "): value for label, value in changes.items()}


def sheet_row(
    values: Mapping[str, Any], *, row_id: str = "r1", number: int = 2, request: str = "Đã gửi"
) -> dict[str, Any]:
    """One row as the script sends it."""
    return {"row_id": row_id, "row_number": number, "request": request, "values": dict(values)}


def sheet_batch(*rows: Mapping[str, Any], batch_id: str = "") -> dict[str, Any]:
    """One call's body, before it becomes bytes."""
    sheet = {"spreadsheet_id": "1AbC", "sheet_name": "Khách hàng"}
    return {"batch_id": batch_id or f"b{next(_numbers)}", "sheet": sheet, "rows": list(rows)}


def signed(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    """The two headers the script sends with `body`, in the spelling Django's test client wants."""
    timestamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"HTTP_X_CDP_TIMESTAMP": timestamp, "HTTP_X_CDP_SIGNATURE": f"sha256={digest}"}


def as_bytes(body: Mapping[str, Any]) -> bytes:
    """A body as the script writes it."""
    return json.dumps(body, ensure_ascii=False).encode()


def make_record(source: Source, *, now: datetime = NOW, row_id: str = "", **changes: str) -> Record:
    """One visit, brought in the way a sheet brings it; `changes` as in `visit`."""
    [record] = make_records(source, [visit(**changes)], now=now, row_id=row_id)
    return record


def make_records(
    source: Source, visits: Sequence[Mapping[str, str]], *, now: datetime = NOW, row_id: str = ""
) -> list[Record]:
    """Visits in one call of the sheet, in their order; `row_id` is for a lone one."""
    ids = [row_id or f"row-{next(_numbers)}" for _ in visits]
    rows = [
        sheet_row(cells, row_id=each, number=2 + place)
        for place, (cells, each) in enumerate(zip(visits, ids, strict=True))
    ]
    outcome = take_in(source, as_bytes(sheet_batch(*rows)), now=now)
    assert isinstance(outcome, Answered), outcome
    return list(Record.objects.filter(source=source, row_id__in=ids).order_by("id"))


def take_in(source: Source, body: bytes, *, now: datetime = NOW) -> Answered | Reused | Closed:
    """What one call of the sheet comes to; nothing is annotated."""
    batch = parse(body)
    assert isinstance(batch, SheetBatch), batch
    return ingest(source=source, batch=batch, body=body, now=now, annotate=lambda records, now: {})


def make_merge(*, kept: Customer, gone: Customer, actor: User, now: datetime = NOW) -> Merge:
    """Two codes put together by a person."""
    done = merge(kept=kept, gone=gone, actor=actor, now=now)
    assert isinstance(done, Merge), done
    return done
