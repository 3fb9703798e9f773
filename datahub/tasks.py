"""Doorbells: each is one service call."""

from __future__ import annotations

from celery import shared_task

from datahub.rounds import run_hub
from integrations import clock


@shared_task
def hub() -> None:
    """Look after the linked sheets, and forget raw bodies whose time is over."""
    run_hub(clock=clock)
