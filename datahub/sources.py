"""Where rows come from, and whether they are let in."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import record_audit
from accounts.models import User
from datahub.models import Dataset, Source

# Other programs' ways in: an admin opens each by hand when it is ready, no campaign does.
BY_HAND = (Source.Kind.JSON, Source.Kind.API)


def create_source(*, dataset: Dataset, name: str, kind: str = Source.Kind.SCRIPT) -> Source:
    """One more way into the table, with an address and a secret of its own; open if the table's other sources are.

    Another program's is closed until `datahub.programs.set_open`.
    """
    is_open = kind not in BY_HAND and dataset.sources.exclude(kind__in=BY_HAND).filter(is_open=True).exists()
    return Source.objects.create(workspace=dataset.workspace, dataset=dataset, name=name, kind=kind, is_open=is_open)


@transaction.atomic
def add_source(*, dataset: Dataset, name: str, actor: User, now: datetime) -> Source:
    """A person's new sheet, written down. `now` is UTC."""
    source = create_source(dataset=dataset, name=name)
    record_audit(workspace=source.workspace, actor=actor, action="source.create", subject=source.pk, now=now)
    return source


def open_source(*, source: Source) -> Source:
    """Let rows into the source's table: its sync campaign was activated, and that campaign is the table's, not one sheet's."""
    return _set_open(source, True)


def close_source(*, source: Source) -> Source:
    """Turn the rows for the source's table away with a 423 until it is opened again."""
    return _set_open(source, False)


def _set_open(source: Source, is_open: bool) -> Source:
    Source.objects.filter(dataset_id=source.dataset_id).exclude(kind__in=BY_HAND).update(is_open=is_open)
    source.is_open = is_open
    return source
