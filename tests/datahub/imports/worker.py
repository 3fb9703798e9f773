"""A worker in a process of its own, to be killed: `python -m tests.datahub.imports.worker begin|go ROWS`."""

from __future__ import annotations

import sys
from datetime import timedelta

import django


def begin(rows: int) -> None:
    """A clinic, and a file that is waiting to be taken in."""
    from django.core.management import call_command

    from datahub.imports import orders
    from tests import factories
    from tests.datahub.imports.story import a_file, row, uploaded

    call_command("migrate", verbosity=0, interactive=False)
    workspace = factories.make_workspace()
    owner = factories.make_person(workspace)
    found = uploaded(factories.make_dataset(workspace), owner, a_file(*map(row, range(rows))))
    orders.start(found, by=owner, now=factories.NOW)


def go(turns_ahead: int) -> None:
    """Take the file in, as of so many leases after the first worker."""
    from datahub.imports.lease import LEASE
    from datahub.imports.run import run_imports
    from tests.datahub.imports.story import HandClock, nobody

    run_imports(
        clock=HandClock(step=timedelta(microseconds=1), at=HandClock().at + turns_ahead * LEASE), release=nobody
    )


if __name__ == "__main__":
    django.setup()
    {"begin": begin, "go": go}[sys.argv[1]](int(sys.argv[2]))
