"""Where rows come from, and whether they are let in."""

from __future__ import annotations

from datahub.models import Dataset, Source


def create_source(*, dataset: Dataset, name: str) -> Source:
    """A sheet that may feed the table once it is opened, with an address and a secret of its own."""
    return Source.objects.create(workspace=dataset.workspace, dataset=dataset, name=name)


def open_source(*, source: Source) -> Source:
    """Let the sheet's rows in."""
    return _set_open(source, True)


def close_source(*, source: Source) -> Source:
    """Turn the sheet's rows away with a 423 until it is opened again."""
    return _set_open(source, False)


def _set_open(source: Source, is_open: bool) -> Source:
    source.is_open = is_open
    source.save(update_fields=["is_open"])
    return source
