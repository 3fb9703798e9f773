"""Other programs that bring rows: each has a source of its own, opened and closed by an admin."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import record_audit
from accounts.models import User
from datahub.models import Dataset, Source
from datahub.sources import create_source

API_NAME = "API"


def api_source(dataset: Dataset) -> Source | None:
    """The way by which tokens bring rows into this table: one for all of them, so that a new token meets the old rows."""
    return dataset.sources.filter(kind=Source.Kind.API).select_related("dataset").order_by("id").first()


def open_api(*, dataset: Dataset, actor: User, now: datetime) -> Source:
    """Let the clinic's tokens bring rows into this table."""
    with transaction.atomic():
        # The lock: two clicks at once must not make two sources, or a row would become two.
        Dataset.objects.select_for_update().get(pk=dataset.pk)
        source = api_source(dataset) or create_source(dataset=dataset, name=API_NAME, kind=Source.Kind.API)
        set_open(source=source, is_open=True, actor=actor, now=now)
    return source


def set_open(*, source: Source, is_open: bool, actor: User, now: datetime) -> bool:
    """Let this program's rows in, or turn them away with a 423. False where it was so already."""
    with transaction.atomic():
        if not Source.objects.filter(pk=source.pk, is_open=not is_open).update(is_open=is_open):
            return False
        action = "source.open" if is_open else "source.close"
        record_audit(workspace=source.workspace, actor=actor, action=action, subject=source.pk, now=now)
    source.is_open = is_open
    return True
