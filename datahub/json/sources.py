"""JSON sources: made closed, given a mapping and a proof, opened when both are whole."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import record_audit
from accounts.models import User
from datahub.json.mapping import JsonMapping
from datahub.json.presets import find
from datahub.models import Dataset, Source
from datahub.schema import Schema
from datahub.sources import create_source


def create_json_source(*, dataset: Dataset, preset: str, name: str, actor: User, now: datetime) -> Source:
    """A closed source that begins with what is known of the program, if it is one of `presets`."""
    found = find(preset)
    mapping = found[0].mapping(found[1]) if found else JsonMapping()
    called = name or (f"{found[0].name} · {found[1].name}" if found else "Webhook JSON")
    with transaction.atomic():
        source = create_source(dataset=dataset, name=called[:120], kind=Source.Kind.JSON)
        _keep(source, mapping, actor, now, "source.create")
    return source


def change_mapping(*, source: Source, mapping: JsonMapping, actor: User, now: datetime, secret: str = "") -> None:
    """Read the program's calls so from now on; a given secret takes the place of the one before."""
    with transaction.atomic():
        if secret:
            source.secret = secret
            source.save(update_fields=["secret"])
        _keep(source, mapping, actor, now, "source.secret" if secret else "source.mapping")


def _keep(source: Source, mapping: JsonMapping, actor: User, now: datetime, action: str) -> None:
    source.mapping = mapping.model_dump()
    source.save(update_fields=["mapping"])
    facts = {"rows": mapping.rows, "fields": mapping.fields, "signature": mapping.signature.style}
    record_audit(workspace=source.workspace, actor=actor, action=action, subject=source.pk, now=now, **facts)


def lacking(mapping: JsonMapping, schema: Schema) -> list[str]:
    """Names of what must be mapped before a source may be opened: the row's id, and the required columns.

    Name and phone may be missing where the customer's code is known: they are then taken from the customer.
    """
    by_code = {"customer_name", "phone"} if mapping.fields.get("customer_id") else set()
    columns = [
        spec.label
        for spec in schema.read
        if spec.required and not mapping.fields.get(spec.key) and spec.key not in by_code
    ]
    return [*([] if mapping.row_id else ["Mã dòng"]), *columns]
