"""`manage.py sandbox`: plays the part of Zalo that acts on its own."""

import logging
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from sandbox import clock
from sandbox.zalo import outbox, receipts, standing

REST_S = 0.3
AT_ONCE = 200  # webhooks of each kind a round; a webhook that hangs makes a round last 25 s, and stopping waits for it

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """Posts due webhooks and moves accounts on their ladders until it is told to stop (SIGTERM or Ctrl-C)."""

    help = "Posts the sandbox's webhooks and judges its accounts, again and again. Stop it with SIGTERM or Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stopping = False
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        while not self.stopping:
            busy = self._round()
            if options["once"]:
                break
            if not busy:
                clock.hold(REST_S)

    def _round(self) -> bool:
        """Whether more is waiting than one round takes."""
        close_old_connections()
        now = clock.now()
        try:
            standing.run_hourly(now)
            return AT_ONCE in (receipts.post_due(now, AT_ONCE), outbox.post_due(now, AT_ONCE))
        except DatabaseError:
            # A locked or not yet migrated database is no reason to die: all of it is still due next round.
            log.exception("webhooks not posted this round")
            return False

    def _stop(self, *_: Any) -> None:
        self.stopping = True
