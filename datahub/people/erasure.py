"""One customer's data taken out of the Data Hub, and their rows turned away when the sheet brings them again.

What is asked of campaigns is theirs: `campaigns.erasure` calls this. docs/decisions/0014-erasure.md names every place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from accounts import secrets
from datahub.bulk import update_rows
from datahub.models import (
    Batch,
    Checkup,
    Consent,
    Customer,
    ErasureMark,
    FileImport,
    LinkedRow,
    OutcomeCell,
    Record,
    RecordEvent,
    ScriptPulse,
    SheetLink,
    SheetRow,
    Source,
)
from datahub.people.customers import codes_of, phones_of, shared
from datahub.people.traces import HIDDEN, Traces
from datahub.phones import phone as read_phone
from datahub.rows import RowError, cell_status, visit_key
from datahub.text import clean

REFUSAL = RowError(
    "Mã khách hàng",
    "customer.erased",
    "khách đã yêu cầu xóa dữ liệu nên dòng này không được nhận; hãy xóa dòng, hoặc nhờ quản trị viên nhận lại khách ở"
    " trang Khách đã xóa dữ liệu",
)
_LOOK_AGAIN = "Dòng này chưa được nhận, hãy kiểm tra lại rồi đặt Gửi webhook = Cập nhật lại"


@dataclass(frozen=True)
class Person:
    """Who is erased: the rows that are theirs, and what they are known by. `alone` are those of their phones that nobody else has."""

    customer: Customer
    customer_ids: tuple[int, ...]
    record_ids: tuple[int, ...]
    traces: Traces
    phones: frozenset[str]
    alone: frozenset[str]


def identify(customer: Customer) -> Person:
    """Everything the customer was ever called by, also before a correction. Ask before anything is wiped."""
    rows = list(codes_of(customer).values_list("pk", "code", "name"))
    visits = list(Record.objects.filter(customer__in=codes_of(customer)).values_list("pk", "values"))
    told = [values for _, values in visits]
    changes = RecordEvent.objects.filter(record__customer__in=codes_of(customer)).values_list("changes", flat=True)
    for change in changes:
        told += [{key: pair[side] for key, pair in change.items()} for side in (0, 1)]
    phones = {*phones_of(customer), *(values["phone"] for values in told if values.get("phone"))}
    alone = phones - shared(customer.workspace, phones, without=customer)
    names = {name for _, _, name in rows} | {values.get("customer_name", "") for values in told}
    codes = {code for _, code, _ in rows} | {values.get("customer_id", "").upper() for values in told}
    traces = Traces(frozenset(names - {""}), frozenset(codes - {""}), frozenset(alone))
    return Person(
        customer=customer,
        customer_ids=tuple(pk for pk, _, _ in rows),
        record_ids=tuple(pk for pk, _ in visits),
        traces=traces,
        phones=frozenset(phones),
        alone=frozenset(alone),
    )


def has_open_files(customer: Customer) -> bool:
    """Whether a file lies here that may still bring the customer: it has to be taken in or put away first."""
    return FileImport.objects.filter(workspace=customer.workspace_id).open().exists()


def wipe(person: Person, now: datetime) -> None:
    """Take the person out of every table here. Inside the transaction that holds the intake.

    Rows stay where something counts them. A phone that somebody else of the clinic has stays with them.
    """
    _remember(person, now)
    _wipe_raw(person)
    _wipe_visits(person, now)
    Consent.objects.filter(customer__in=person.customer_ids).update(proof="", wording="")
    Customer.labels.through.objects.filter(customer__in=person.customer_ids).delete()
    Customer.objects.filter(pk__in=person.customer_ids).update(
        name="",
        phone="",
        search="",
        code=Concat(Value("da-xoa-"), Cast("pk", CharField())),
        erased_at=now,
        file_import=None,
    )


def _remember(person: Person, now: datetime) -> None:
    known = [f"code:{code}" for code in person.traces.codes] + [f"phone:{phone}" for phone in person.alone]
    ErasureMark.objects.bulk_create(
        (
            ErasureMark(workspace_id=person.customer.workspace_id, customer=person.customer, digest=digest, at=now)
            for digest in sorted(secrets.marks(text)[0] for text in known)
        ),
        ignore_conflicts=True,
    )


def _wipe_visits(person: Person, now: datetime) -> None:
    visits = Record.objects.filter(pk__in=person.record_ids)
    rows = [
        {"k": visit.pk, "row_id": _bare_id(visit, person), "visit_key": visit_key({}, otherwise=f"erased:{visit.pk}")}
        for visit in visits.select_related("source").only("row_id", "source__kind")
    ]
    assign = "row_id = v.row_id, visit_key = v.visit_key"
    update_rows(Record, rows, assign=assign, where="true", types={"k": "bigint", "row_id": "text", "visit_key": "text"})
    # As history they are never written to, should the person come back and the old row with them.
    visits.update(values={}, phone="", status="", search="", completed_at=None, is_history=True, file_import=None)
    events = RecordEvent.objects.filter(record__in=person.record_ids)
    events.filter(handled_at=None).update(handled_at=now)
    events.update(changes={}, file_import=None)  # no file is taken back from what is left


def _bare_id(row: Record | SheetRow, person: Person) -> str:
    """The row's id; another where it was made from what the row says, as a file's is."""
    is_telling = row.source.kind == Source.Kind.FILE or person.traces.in_cell(row.row_id)
    return f"erased:{row.pk}" if is_telling else row.row_id


def _wipe_raw(person: Person) -> None:
    """What came from outside and was kept as it came."""
    workspace = person.customer.workspace_id
    # Whose rows are in a raw body cannot be asked of a database. It serves a sheet that did not hear its answer, and that
    # sheet is told to send anew: all of the clinic's go.
    Batch.objects.filter(source__in=Source.objects.filter(workspace=workspace)).exclude(body="", answer="").update(
        body="", answer=""
    )
    mine = SheetRow.objects.filter(record__in=person.record_ids)
    _reword_linked(mine, cell_status([REFUSAL]))
    bare = [{"k": row.pk, "row_id": _bare_id(row, person)} for row in mine.select_related("source")]
    update_rows(SheetRow, bare, assign="row_id = v.row_id", where="true", types={"k": "bigint", "row_id": "text"})
    row_ids = Record.objects.filter(pk__in=person.record_ids, source=OuterRef("source"), row_id=OuterRef("row_id"))
    OutcomeCell.objects.filter(Exists(row_ids), workspace=workspace).delete()
    mine.update(values={}, errors=[], status="", fingerprint="")
    _wipe_wrong_rows(person)
    _scrub_texts(person)


def _scrub_texts(person: Person) -> None:
    """Sentences of ours that quote the sheet or the file."""
    workspace = person.customer.workspace_id
    texts: list[tuple[QuerySet[Any], str]] = [
        (Checkup.objects.filter(source__workspace=workspace), "findings"),
        (Checkup.objects.filter(source__workspace=workspace), "headers"),
        (SheetLink.objects.filter(source__workspace=workspace), "headers"),
        (ScriptPulse.objects.filter(source__workspace=workspace), "facts"),
        (FileImport.objects.filter(workspace=workspace), "problem"),
        (FileImport.objects.filter(workspace=workspace), "name"),
        (FileImport.objects.filter(workspace=workspace), "mapping"),
    ]
    for rows, column in texts:
        for pk, text in rows.values_list("pk", column).iterator():
            scrubbed = person.traces.scrub(text)
            if scrubbed != text:
                rows.filter(pk=pk).update(**{column: scrubbed})


def _wipe_wrong_rows(person: Person) -> None:
    """Rows that were not taken name whom they like: each is looked at."""
    kept = SheetRow.objects.filter(Q(accepted=False) | ~Q(values={}), workspace=person.customer.workspace_id)
    named = [
        row.pk
        for row in kept.only("values", "status", "errors").iterator()
        if person.traces.in_cells([row.values, row.status, row.errors])
    ]
    for start in range(0, len(named), 500):
        some = SheetRow.objects.filter(pk__in=named[start : start + 500])
        _reword_linked(some, _LOOK_AGAIN)
        some.update(values={}, errors=[], status=HIDDEN, fingerprint="")


def _reword_linked(rows: QuerySet[SheetRow], words: str) -> None:
    """What the cells of a shared sheet say beside these rows: a reason quotes what was typed. None is sent again by this."""
    same = rows.filter(source=OuterRef("link__source"), row_id=OuterRef("row_id"))
    LinkedRow.objects.filter(Exists(same)).update(status=words)


@dataclass(frozen=True)
class Erased:
    """The marks of everybody a clinic has erased: by these their rows are known when they come again."""

    digests: frozenset[str]

    @classmethod
    def of(cls, workspace_id: int) -> Erased:
        """One question."""
        found = ErasureMark.objects.filter(workspace=workspace_id)
        return cls(frozenset(found.values_list("digest", flat=True)))

    def names(self, cells: Mapping[str, tuple[str, bool]]) -> bool:
        """Whether the cells of one row, by field key, are of an erased person: by their code, or a phone that was theirs alone."""
        if not self.digests:
            return False
        code, typed = cells.get("customer_id", ("", False))[0], cells.get("phone", ("", False))[0]
        phone = read_phone(typed)
        return self.knows(clean(code).upper(), phone if isinstance(phone, str) else "")

    def knows(self, code: str, phone: str) -> bool:
        """The same of a clean code and phone; empty is nobody's."""
        texts = [text for text, value in ((f"code:{code}", code), (f"phone:{phone}", phone)) if value]
        return any(mark in self.digests for text in texts for mark in secrets.marks(text))


def readmit(*, workspace_id: int, code: str, phone: str) -> list[int]:
    """Let the rows of the erased person with this code or phone in again; whose marks were taken away, by customer id.

    What was wiped stays wiped.
    """
    texts = [text for text, value in ((f"code:{code}", code), (f"phone:{phone}", phone)) if value]
    digests = [mark for text in texts for mark in secrets.marks(text)]
    found = ErasureMark.objects.filter(workspace=workspace_id, digest__in=digests)
    people = sorted(set(found.values_list("customer", flat=True)))
    ErasureMark.objects.filter(workspace=workspace_id, customer__in=people).delete()
    return people
