"""Which rows that are in the Data Hub now would not fit a template, and why. Read as a stream: a table may be long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from campaigns.gallery import Use
from campaigns.models import Campaign
from campaigns.steps import render
from datahub.models import Record
from integrations.models import MessageTemplate
from integrations.zalo.contract import ParamProblem, param_problems

_AT_ONCE = 1000


@dataclass(frozen=True)
class Misfit:
    """One row whose data Zalo would refuse in one campaign. `is_wanted` says that the campaign's filter takes it today."""

    record: Record
    campaign: Campaign
    template: MessageTemplate
    problems: list[ParamProblem]
    values: dict[str, str]
    is_wanted: bool

    @property
    def lines(self) -> list[tuple[ParamProblem, str]]:
        """Each problem with the text that has it."""
        return [(problem, self.values.get(problem.name, "")) for problem in self.problems]


@dataclass(frozen=True)
class Verdict:
    """How many rows were looked at, how many do not fit and how many of those are wanted today; `shown` is one page."""

    looked_at: int
    misfits: int
    wanted: int
    shown: list[Misfit] = field(default_factory=list)


def verdict(pairs: Iterable[tuple[Use, MessageTemplate]], *, today: date, start: int = 0, count: int = 20) -> Verdict:
    """Try every row of the tables of these uses on their templates, newest first; one query whatever their number.

    `start` and `count` cut the page that is shown; the numbers are of all. `today` is Vietnam's.
    """
    by_table: dict[int, list[tuple[Use, MessageTemplate]]] = {}
    for use, template in pairs:
        by_table.setdefault(use.campaign.dataset_id, []).append((use, template))
    looked_at = found = wanted = 0
    shown: list[Misfit] = []
    for record in _rows(by_table):
        looked_at += 1
        for misfit in _misfits(record, by_table[record.dataset_id], today):
            if start <= found < start + count:
                shown.append(misfit)
            found, wanted = found + 1, wanted + misfit.is_wanted
    return Verdict(looked_at, found, wanted, shown)


def _rows(tables: Iterable[int]) -> Iterator[Record]:
    found = Record.objects.filter(dataset__in=list(tables)).order_by("-id")
    return found.only("id", "dataset_id", "values").iterator(chunk_size=_AT_ONCE)


def _misfits(record: Record, pairs: Iterable[tuple[Use, MessageTemplate]], today: date) -> Iterator[Misfit]:
    for use, template in pairs:
        values = render(use.step, record.values)
        if problems := param_problems(template.params, values):
            is_wanted = use.campaign.definition.filter.matches(record.values, today)
            yield Misfit(record, use.campaign, template, problems, values, is_wanted)
