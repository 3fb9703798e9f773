"""Hearing a sheet's script, and telling it what became of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from datahub.models import OutcomeCell, ScriptPulse, Source
from datahub.text import clean, fold
from integrations.google_sheets import package, pulse
from integrations.google_sheets.pulse import Outcome, Pulse

MOST_HEADERS, MOST_PROBLEMS, LONGEST = 200, 20, 300
_OUTCOME_COLUMN = fold(pulse.OUTCOME_COLUMN)


def take_pulse(*, source: Source, said: Pulse, now: datetime, wall_now: datetime) -> str:
    """Remember what the script says and answer it; said twice, it changes nothing twice. Both moments in UTC.

    A silence is measured by the wall clock: moving the sandbox's must not look like a dead trigger.
    """
    with transaction.atomic():
        # Pulses of one source go one after the other: each confirms what the one before was told.
        Source.objects.select_for_update(of=("self",)).filter(pk=source.pk).first()
        before = ScriptPulse.objects.filter(source=source).first()
        told: dict[str, Any] = before.facts.get("told", {}) if before else {}
        if said.heard and said.heard == told.get("cursor"):
            _confirm(source, told["cells"], now)
        cells = _untold(source) if _OUTCOME_COLUMN in map(fold, said.headers) else []
        # Counted on, never back: a late repeat of an old pulse must confirm nothing that was told since.
        cursor = told.get("cursor", 0) + (1 if cells else 0)
        told = {"cursor": cursor, "cells": [[cell.pk, cell.changed_at.isoformat()] for cell in cells]}
        ScriptPulse.objects.update_or_create(source=source, defaults=_remembered(said, told, wall_now))
    return pulse.answer(
        latest_version=package.version(),
        outcomes=[Outcome(cell.row_id, cell.text) for cell in cells],
        cursor=cursor if cells else 0,
        checkup_due=pulse.is_checkup_due(source.last_checkup_at(), now),
        says=pulse.says(version=said.version, latest_version=package.version(), is_open=source.is_open),
    )


def _untold(source: Source) -> list[OutcomeCell]:
    return list(OutcomeCell.objects.filter(source=source, told_at=None).order_by("pk")[: pulse.MOST_OUTCOMES])


def _confirm(source: Source, cells: Sequence[tuple[int, str]], now: datetime) -> None:
    """The sheet has written these; one that changed on the way is still untold."""
    told = dict(cells)
    mine = OutcomeCell.objects.filter(source=source, pk__in=told, told_at=None)
    locked = mine.select_for_update(of=("self",)).values_list("pk", "changed_at").order_by("pk")
    unchanged = [pk for pk, changed_at in locked if changed_at.isoformat() == told[pk]]
    OutcomeCell.objects.filter(pk__in=unchanged).update(told_at=now)


def _remembered(said: Pulse, told: dict[str, Any], wall_now: datetime) -> dict[str, Any]:
    """The pulse's columns. What is too long is cut: a heartbeat is not refused for its words."""
    facts = {
        "spreadsheet_id": clean(said.sheet.spreadsheet_id)[:LONGEST],
        "sheet_name": clean(said.sheet.sheet_name)[:LONGEST],
        "headers": [clean(header)[:LONGEST] for header in said.headers[:MOST_HEADERS]],
        "problems": [clean(problem)[:LONGEST] for problem in said.problems[:MOST_PROBLEMS]],
        "calls_left": said.calls_left,
        "told": told,
    }
    return {"at": wall_now, "version": clean(said.version)[:20], "waiting": said.waiting, "facts": facts}


@dataclass(frozen=True)
class ScriptState:
    """How a sheet's script is doing, for the source's page."""

    pulse: ScriptPulse | None
    is_silent: bool
    newer_version: str
    """The version to install, where the sheet runs an older one."""


def script_state(source: Source, wall_now: datetime) -> ScriptState:
    """What was last heard of the script; `wall_now` in UTC. Lists of sources are asked with their pulses."""
    last: ScriptPulse | None = getattr(source, "pulse", None)
    if last is None:
        return ScriptState(None, is_silent=False, newer_version="")
    latest = package.version()
    newer = latest if pulse.is_newer(latest, last.version) else ""
    return ScriptState(last, is_silent=pulse.is_silent(last.at, wall_now), newer_version=newer)
