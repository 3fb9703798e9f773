"""PURE. When a scheduled campaign runs, and at what hours a message may leave. All clock times are Asia/Ho_Chi_Minh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from campaigns.definition import ScheduleTrigger
from integrations.vietnam import at, local


def runs(trigger: ScheduleTrigger, *, after: datetime, until: datetime) -> Iterator[datetime]:
    """Planned runs with after < run <= until, in order."""
    day = local(after).date()
    while (run := at(day, trigger.at)) <= until:
        if run > after and day.weekday() in trigger.days:
            yield run
        day += timedelta(days=1)


def next_run(trigger: ScheduleTrigger, *, after: datetime) -> datetime:
    """The first planned run later than `after`."""
    return next(runs(trigger, after=after, until=after + timedelta(days=8)))


@dataclass(frozen=True)
class SendHours:
    """The stretch of the local day in which messages may leave: opens <= time < closes."""

    opens: time
    closes: time

    def next_open(self, moment: datetime) -> datetime:
        """`moment` itself if it is inside, else the next opening."""
        here = local(moment)
        if here.time() < self.opens:
            return at(here.date(), self.opens)
        if here.time() >= self.closes:
            return at(here.date() + timedelta(days=1), self.opens)
        return moment
