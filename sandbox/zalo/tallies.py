"""What the standing of an account is worked out from, a number a day: no message is read again.

Besides the counters of `quota`: `<oa>:missing:<day>` sent that day, but not on a phone that day; `<oa>:later:<day>` on a
phone that day, sent on one before; `<oa>:reports:<day>` and `template:<id>:reports:<day>`. So a message that arrives
on the day it was sent, as nearly all do, costs nothing here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Min

from sandbox import vietnam
from sandbox.models import Counter
from sandbox.zalo import counters, limits, quota

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Tally:
    """Deliveries and reports by day; a day that is not in it had none."""

    used: dict[str, int]
    oa_id: str

    def delivered(self, days: Iterable[date]) -> int:
        """Messages of any tag that reached a phone on these days."""
        return sum(self._of("day", day) - self._of("missing", day) + self._of("later", day) for day in days)

    def reports(self, days: Iterable[date]) -> int:
        """Reports that count, made on these days."""
        return sum(self._of("reports", day) for day in days)

    def _of(self, what: str, day: date) -> int:
        return self.used[f"{self.oa_id}:{what}:{day}"]


def read(oa_id: str, *, since: date, until: date) -> Tally:
    """The tally of an account from `since` to `until`, both included: one query."""
    kinds = ("day", "missing", "later", "reports")
    keys = [f"{oa_id}:{kind}:{day}" for kind in kinds for day in days(since, until)]
    return Tally(counters.used(keys), oa_id)


def of_templates(template_ids: Iterable[str], *, since: date, until: date) -> dict[str, tuple[int, int]]:
    """(reports, messages sent) of each template from `since` to `until`, both included: one query."""
    wanted = list(template_ids)
    span = list(days(since, until))
    used = counters.used(
        f"template:{each}:{kind}:{day}" for each in wanted for kind in ("reports", "day") for day in span
    )
    return {
        each: (
            sum(used[f"template:{each}:reports:{day}"] for day in span),
            sum(used[f"template:{each}:day:{day}"] for day in span),
        )
        for each in wanted
    }


def days(since: date, until: date) -> Iterator[date]:
    """Every day from `since` to `until`, both included."""
    return (since + ONE_DAY * n for n in range((until - since).days + 1))


def first_day(oa_id: str) -> date | None:
    """The first day on which the account sent anything."""
    prefix = f"{oa_id}:day:"
    key = Counter.objects.filter(key__startswith=prefix, used__gt=0).aggregate(first=Min("key"))["first"]
    return date.fromisoformat(key.removeprefix(prefix)) if key else None


def note_arrival(oa_id: str, *, tag: int, sent_at: datetime, arrives_at: datetime | None) -> None:
    """Count a sent message whose arrival is another day, or never. The rest is in the day's counter already."""
    sent_day = vietnam.day_key(sent_at)
    if arrives_at is None and tag != limits.PROMOTION:
        counters.add(quota.undelivered_counter(oa_id, vietnam.month_key(sent_at)), 1)
    if arrives_at is not None and vietnam.day_key(arrives_at) == sent_day:
        return
    counters.add(f"{oa_id}:missing:{sent_day}", 1)
    if arrives_at is not None:
        counters.add(f"{oa_id}:later:{vietnam.day_key(arrives_at)}", 1)


def note_report(oa_id: str, template_id: str, at: datetime) -> None:
    """Count a report of this moment against the account and the template."""
    day = vietnam.day_key(at)
    counters.add(f"{oa_id}:reports:{day}", 1)
    counters.add(f"template:{template_id}:reports:{day}", 1)
