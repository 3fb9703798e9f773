"""Where the Data Hub itself names a table's columns: saved segments, and what sources and files are mapped to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from datahub.editor.usage import Use, compared
from datahub.models import Dataset, FileImport, Segment, Source


def hub_uses(dataset: Dataset) -> list[Use]:
    """Every column that a segment, a source's mapping or an import that may still go on names. Three queries."""
    mine = {"workspace_id": dataset.workspace_id}
    uses = [
        Use(key, _("phân khúc"), segment.name, "datahub:records", (dataset.pk,), values)
        for segment in Segment.objects.filter(dataset=dataset, **mine).order_by("name")
        for key, values in dict.fromkeys(compared(segment.tree))
    ]
    uses += [
        Use(key, _("ghép cột của nguồn"), source.name, "datahub:source", (source.pk,))
        for source in Source.objects.filter(dataset=dataset, **mine).exclude(mapping={}).order_by("name")
        for key in dict.fromkeys(_keys(source.mapping))
    ]
    return uses + [
        Use(key, _("tệp đang nhập"), each.name, "datahub:import", (each.pk,), is_live=True)
        for each in FileImport.objects.filter(source__dataset=dataset, **mine).open().order_by("id")
        for key in dict.fromkeys(_keys(each.mapping))
    ]


def _keys(mapping: Mapping[str, Any]) -> list[str]:
    """The field keys of a program's paths (`JsonMapping`), or that a file's columns go to (`FileMapping`)."""
    fields = mapping.get("fields", ())
    return [key for key, path in fields.items() if path] if isinstance(fields, dict) else [key for key in fields if key]
