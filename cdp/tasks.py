"""Doorbells of work that several apps have a part in."""

from __future__ import annotations

from celery import shared_task

from campaigns.release import release
from datahub.imports.run import run_imports
from integrations import clock


@shared_task
def imports() -> None:
    """Take files in, and take them back. The Data Hub may not know campaigns: who lets go of a visit is handed to it here."""
    run_imports(clock=clock, release=release)
