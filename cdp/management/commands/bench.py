"""Performance figures of this machine as JSON lines, on a throw-away database beside yours."""

import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from cdp.bench.figures import FIGURES
from cdp.bench.grounds import grounds


class Command(BaseCommand):
    """Exit code 1 when a figure could not be measured. A missed target says `"met": false` and is no error."""

    help = __doc__
    # Nothing of what a production setup may lack concerns a throw-away one.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", choices=FIGURES, action="append", help="this figure alone; may be repeated")
        parser.add_argument("--rows", type=int, default=0, help="rows or messages a repetition; default: per figure")
        parser.add_argument("--runs", type=int, default=0, help="repetitions, whose median counts; default: per figure")
        parser.add_argument("--latency-ms", type=float, default=0.0, help="how long the pretended Zalo takes to answer")
        parser.add_argument("--redis", default="redis://127.0.0.1:6379/7", help="broker of the Celery comparison")

    def handle(self, *_: Any, **options: Any) -> None:
        names = options["only"] or list(FIGURES)
        failed = [
            name for number, name in enumerate(names) if not self.measured(name, f"{number + 1}/{len(names)}", options)
        ]
        if failed:
            self.stderr.write(f"not measured: {', '.join(failed)}")
            sys.exit(1)

    def measured(self, name: str, place: str, options: dict[str, Any]) -> bool:
        """Whether the figure could be taken; it prints its own lines."""
        if self.stderr.isatty():
            self.stderr.write(f"[{place}] {name} …")
        self.stdout.flush()
        command = [sys.executable, "-W", "ignore", "-m", "cdp.bench", name, str(options["rows"]), str(options["runs"])]
        with grounds(name, latency_ms=options["latency_ms"], redis=options["redis"]) as environment:
            return subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=False).returncode == 0  # noqa: S603
