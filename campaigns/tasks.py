"""Doorbells: each is one service call."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from campaigns.rounds import run_rounds
from campaigns.tick import run_tick
from integrations import clock


@shared_task
def tick() -> None:
    """Look at the tables and do what is due."""
    run_tick(clock=clock, budget_s=settings.TICK_BUDGET_S)


@shared_task
def rounds() -> None:
    """Ask Zalo what is worth asking now and then, and watch where each account stands."""
    run_rounds(clock=clock)
