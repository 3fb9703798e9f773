"""What a person orders of an import. Each is one conditional UPDATE: the state on the page may be old."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.audit import record_audit
from accounts.models import User
from datahub.imports import storage
from datahub.imports.mapping import FileMapping
from datahub.models import FileImport

State = FileImport.State
ENDED = (State.DONE, State.STOPPED, State.FAILED)


def choose(file_import: FileImport, mapping: FileMapping, *, is_history: bool) -> None:
    """Remember what a person chose; once it has begun nothing is chosen any more."""
    file_import.mapping, file_import.is_history = mapping.as_json(), is_history
    waiting = FileImport.objects.filter(pk=file_import.pk, state=State.UPLOADED)
    waiting.update(mapping=file_import.mapping, is_history=is_history)


def start(file_import: FileImport, *, by: User, now: datetime) -> bool:
    """Let the workers begin."""
    facts: dict[str, Any] = {"is_history": file_import.is_history, "dataset": file_import.source.dataset_id}
    return _order(file_import, (State.UPLOADED,), State.RUNNING, by=by, now=now, action="import.start", **facts)


def pause(file_import: FileImport, *, by: User, now: datetime) -> bool:
    """Stop after the rows that are under way."""
    return _order(file_import, (State.RUNNING,), State.PAUSED, by=by, now=now, action="import.pause")


def resume(file_import: FileImport, *, by: User, now: datetime) -> bool:
    """Go on after the last row that was settled; not where the file itself was the fault."""
    if not file_import.may_resume:
        return False
    return _order(file_import, (State.PAUSED, State.FAILED), State.RUNNING, by=by, now=now, action="import.resume")


def stop(file_import: FileImport, *, by: User, now: datetime) -> bool:
    """End it for good; what was taken in stays, and can be taken back."""
    can = (State.UPLOADED, State.RUNNING, State.PAUSED, *((State.FAILED,) if file_import.may_resume else ()))
    stopped = _order(file_import, can, State.STOPPED, by=by, now=now, action="import.stop", ended_at=now)
    if stopped:
        storage.remove(file_import)
    return stopped


def take_back(file_import: FileImport, *, by: User, now: datetime) -> bool:
    """Let the workers undo it."""
    return _order(file_import, ENDED, State.UNDOING, by=by, now=now, action="import.undo")


def _order(
    file_import: FileImport,
    whence: Iterable[str],
    to: str,
    *,
    by: User,
    now: datetime,
    action: str,
    ended_at: datetime | None = None,
    **facts: Any,
) -> bool:
    """Whether the state was one of `whence` and is now `to`; written down if so."""
    with transaction.atomic():
        mine = FileImport.objects.filter(pk=file_import.pk, state__in=list(whence))
        if not mine.update(state=to, ended_at=ended_at):
            return False
        record_audit(workspace=file_import.workspace, actor=by, action=action, subject=file_import.pk, now=now, **facts)
    return True
