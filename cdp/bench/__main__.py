"""One figure in a process of its own: `python -m cdp.bench NAME ROWS RUNS`, started by `manage.py bench`."""

from __future__ import annotations

import os
import sys

import django
from django.core.management import call_command

from cdp.bench.measure import ROOT_PID


def main(name: str, rows: int, runs: int) -> None:
    """Prepare the throw-away database and measure; 0 rows or runs means as many as is usual."""
    if ROOT_PID not in os.environ:
        sys.exit("This fills a database with made-up visits. Use `manage.py bench`, which makes one for it.")
    django.setup()
    # Models can be imported from here on.
    from cdp.bench.figures import FIGURES

    call_command("migrate", verbosity=0, interactive=False)
    figure = FIGURES[name]
    figure.measure(rows or figure.rows, runs or figure.runs)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
