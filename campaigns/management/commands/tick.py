"""Run the engine once by hand, or until nothing is due."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from campaigns.tick import run_tick
from integrations import clock


class Command(BaseCommand):
    help = "Do everything that is due now: enrol, advance, send, apply receipts. Safe to run beside the workers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--budget", type=float, default=60, metavar="SECONDS", help="stop after this long (default 60)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        done = run_tick(clock=clock, budget_s=options["budget"])
        self.stdout.write(", ".join(f"{name} {count}" for name, count in done.items()))
