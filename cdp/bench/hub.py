"""The Data Hub's pages over a million visits: each asked of the real view with its real template, often enough for a 95th part."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median

from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, User
from accounts.roles import Role
from cdp.bench import visits
from cdp.bench.clinic import MORNING, Clinic, make_clinic
from cdp.bench.measure import Line, at_most, figure
from datahub.conditions import AllOf, Condition
from datahub.models import Record, Segment
from datahub.newest import place_of

LIMIT_MS = 300
TIMES = 100
"""The large table has so many times the visits of the small one."""
_ROWS = {"postgresql": 1_000_000}
_FEWER = 100_000
Ask = tuple[str, Mapping[str, str]]
"""An address and its query."""


def measure(rows: int, runs: int) -> None:
    """One line a kind of page: its p95 over LIMIT_MS, and its median over that of a table a hundredth as large."""
    rows = rows or _ROWS.get(connection.vendor, _FEWER)
    small, large = _Hub(max(1, rows // TIMES)), _Hub(rows)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # as autovacuum does after so many new rows; SQLite never does by itself
    for kind in _KINDS:
        figure(partial(_line, kind, small, large, runs))


def _line(kind: str, small: _Hub, large: _Hub, runs: int) -> Line:
    times: list[tuple[float, float]] = []
    for number in range(-1, runs):  # the first of each warms it up
        pair = small.took(kind, number), large.took(kind, number)
        times += [pair] if number >= 0 else []
    few, many = ([pair[place] for pair in times] for place in (0, 1))
    figures = {
        "p95_ms": round(_p95(many), 1),
        "median_ms": round(median(many), 1),
        "against_few": round(median(many) / median(few), 2),
    }
    return at_most(kind, _p95(many) / LIMIT_MS, 1.0) | figures | {"n": large.rows, "runs": runs}


def _p95(times: Sequence[float]) -> float:
    return sorted(times)[math.ceil(len(times) * 0.95) - 1]


class _Hub:
    """A clinic with so many visits, its owner's browser, and what they ask for."""

    def __init__(self, rows: int) -> None:
        self.rows, self.clinic = rows, make_clinic()
        self.people = max(1, rows // visits.VISITS_EACH)
        visits.fill(self.clinic, rows)
        owner = User.objects.create_user(f"bench-{self.clinic.workspace.pk}@example.vn")
        Membership.objects.create(user=owner, workspace=self.clinic.workspace, role=Role.OWNER.value)
        self.browser = Client()
        self.browser.force_login(owner)
        self.segments = [_segment(self.clinic, *tree) for tree in _TREES]

    def took(self, kind: str, number: int) -> float:
        """Milliseconds for one page; the same number asks the same."""
        address, query = _KINDS[kind](self, random.Random(number))  # noqa: S311 -- which page is looked at
        started = time.perf_counter()
        answer = self.browser.get(address, query)
        took = (time.perf_counter() - started) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{address} {query}: {answer.status_code}")
        return took

    def table(self, **query: str) -> Ask:
        return reverse("datahub:records", args=[self.clinic.source.dataset_id]), query

    def people_page(self, **query: str) -> Ask:
        return reverse("datahub:customers"), query

    def deep(self, chance: random.Random) -> Ask:
        """A page from anywhere: a place that an earlier page would have told."""
        some = Record.objects.filter(source=self.clinic.source, row_id=f"visit-{chance.randrange(self.rows)}").get()
        return self.table(before=place_of(some))

    def deep_people(self, chance: random.Random) -> Ask:
        last = self.clinic.workspace.customers.latest("id").pk
        return self.people_page(before=str(last - chance.randrange(self.people)))

    def one_segment(self, chance: random.Random) -> Ask:
        return reverse("datahub:segment_count", args=[chance.choice(self.segments).pk]), {}

    def all_segments(self, chance: random.Random) -> Ask:
        return reverse("datahub:segments", args=[self.clinic.source.dataset_id]), {}

    def phone(self, chance: random.Random) -> str:
        return f"0{visits.phone(chance.randrange(self.people))[2:]}"

    def name(self, chance: random.Random) -> str:
        """A whole name, a part of one, the commonest of all, or nobody's."""
        whole = visits.name(chance.randrange(self.people))
        return chance.choice([whole, whole.split(" ", 1)[1], whole.lower(), "nguyễn", "Không Có Ai", "vy"])

    def code(self, chance: random.Random) -> str:
        return visits.code(chance.randrange(self.people))


_TREES: tuple[tuple[Condition, ...], ...] = (
    (Condition(field="status", op="eq", value="Đã hoàn thành"),),
    (
        Condition(field="status", op="eq", value="Đã hoàn thành"),
        Condition(field="visit_date", op="older_than", value="180"),
    ),
    (Condition(field="service", op="in", values=("Niềng răng", "Cấy ghép")),),
    (
        Condition(field="visit_date", op="between", values=("2026-10-01", "2026-10-31")),
        Condition(field="phone", op="filled"),
    ),
)


def _segment(clinic: Clinic, *parts: Condition) -> Segment:
    return Segment.objects.create(
        workspace=clinic.workspace,
        dataset=clinic.source.dataset,
        name=" · ".join(part.field + part.op for part in parts),
        tree=AllOf(all=parts).model_dump(mode="json"),
        created_at=MORNING,
    )


_KINDS: Mapping[str, Callable[[_Hub, random.Random], Ask]] = {
    "hub_list": lambda hub, chance: hub.table(),
    "hub_deep": _Hub.deep,
    "hub_status": lambda hub, chance: hub.table(status=chance.choice(list(visits.STATUSES))),
    "hub_phone": lambda hub, chance: hub.table(q=hub.phone(chance)),
    "hub_name": lambda hub, chance: hub.table(q=hub.name(chance)),
    "hub_code": lambda hub, chance: hub.table(q=hub.code(chance)),
    "hub_segment": _Hub.one_segment,
    "hub_segments": _Hub.all_segments,
    "hub_people": lambda hub, chance: hub.people_page(),
    "hub_people_deep": _Hub.deep_people,
    "hub_people_phone": lambda hub, chance: hub.people_page(q=hub.phone(chance)),
    "hub_people_name": lambda hub, chance: hub.people_page(q=hub.name(chance)),
    "hub_people_code": lambda hub, chance: hub.people_page(q=hub.code(chance)),
}
