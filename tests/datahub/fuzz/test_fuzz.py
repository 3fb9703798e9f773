"""Thousands of messy rows through the signed webhook: none fails, none brings a wrong phone or day in, each refusal says where.

`make fuzz` takes a hundred thousand.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from django.test import Client

from datahub.models import Customer, Record, SheetRow, Source
from integrations import clock
from tests.datahub.fuzz import rows as sheet
from tests.datahub.fuzz.rows import Row, make_rows
from tests.factories import make_dataset, make_source, make_workspace, sheet_batch, signed

pytestmark = pytest.mark.django_db

ROWS = int(os.environ.get("FUZZ_ROWS", "2000"))
SHEET = 2_000
"""So many rows one sheet has: a long fuzz is of many sheets."""
STORED = {
    "customer_id": sheet.CODE,
    "customer_name": sheet.NAME,
    "phone": sheet.PHONE,
    "service": sheet.SERVICE,
    "visit_date": sheet.DAY,
    "next_visit_date": sheet.NEXT,
    "status": sheet.STATUS,
}
Results = dict[str, dict[str, Any]]


@pytest.fixture
def told() -> Counter[str]:
    """What became of the rows, by the code of the refusal; told at the end of a long fuzz."""
    return Counter()


def test_messy_rows(told):
    for seed in range(-(-ROWS // SHEET)):
        rows = list(make_rows(min(SHEET, ROWS - seed * SHEET), seed))
        source = make_source(make_dataset(make_workspace()))
        bodies = [batch_of(rows[start : start + 500]) for start in range(0, len(rows), 500)]
        answers = [post(source, body) for body in bodies]
        results = merged(answers)
        judge(rows, results, stored(source))
        told.update(error["code"] for result in results.values() for error in result["errors"])
        told["accepted"] += sum(result["accepted"] for result in results.values())
        again_and_in_any_order(source, bodies, answers, rows, random.Random(seed))
    assert told["accepted"] > ROWS / 3
    if ROWS > SHEET:
        print(f"\n{ROWS} rows, {told.pop('accepted')} accepted; refused: {dict(told.most_common())}")  # noqa: T201


@pytest.mark.parametrize("seed", range(60))
def test_a_body_with_something_knocked_out_of_it_is_answered_in_words(source, seed):
    chance = random.Random(seed)
    said = json.loads(batch_of(make_rows(3, seed)))
    _knock(said, chance)
    body = json.dumps(said).encode()
    if seed % 3 == 0:
        body = body[: chance.randrange(len(body))] + chance.choice([b"", b"\xff", b"\x00", b"}"])
    response = send(source, body)
    assert response.status_code in (200, 400, 413, 422), response.content
    json.loads(response.content)


def _knock(said: Any, chance: random.Random) -> None:
    """Put something else in one place of the body, however deep."""
    keys = list(said) if isinstance(said, dict) else list(range(len(said)))
    key = chance.choice(keys)
    if isinstance(said[key], dict | list) and said[key] and chance.random() < 0.7:
        _knock(said[key], chance)
    else:
        said[key] = chance.choice(
            [None, [], {}, [[1]], -1, 10**30, 1e308, True, "", "\x00", "\ud800", "x" * 5000, {"a": {"b": 1}}]
        )


# --- what is asked ------------------------------------------------------------------


def judge(rows: Sequence[Row], results: Results, records: dict[str, dict[str, str]]) -> None:
    """Every row against what its maker knows."""
    assert set(results) == {row.row_id for row in rows}
    for row in rows:
        result, values = results[row.row_id], records.get(row.row_id)
        named = {error["column"] for error in result["errors"]}
        case = (row.values, result)
        assert result["accepted"] == (values is not None), case
        assert result["accepted"] == (not named), case
        assert row.wrong <= named <= row.wrong | row.doubtful, case
        assert all(column in result["status"] for column in list(named)[:1]), case
        if values is not None:
            assert {label: values.get(key, "") for key, label in STORED.items()} == {
                label: cell.truth for label, cell in row.facts.items()
            }, case


def again_and_in_any_order(
    source: Source, bodies: Sequence[bytes], answers: Sequence[bytes], rows: Sequence[Row], chance: random.Random
) -> None:
    """The same calls again, the same rows in other calls, and another clinic that hears it all the other way round."""
    before = digest(source)
    order = chance.sample(range(len(bodies)), len(bodies))
    assert [post(source, bodies[place]) for place in order] == [answers[place] for place in order]
    assert digest(source) == before
    mixed = chance.sample(rows, len(rows))
    anew = [batch_of(mixed[start : start + 170]) for start in range(0, len(mixed), 170)]
    assert merged(post(source, body) for body in anew) == merged(answers)
    assert digest(source) == before
    other = make_source(make_dataset(make_workspace()))
    for body in (*anew, *bodies):
        post(other, body)
    assert digest(other) == before


# --- the way in ---------------------------------------------------------------------


def batch_of(rows: Iterable[Row]) -> bytes:
    # ASCII: half a surrogate pair can only be sent escaped.
    return json.dumps(sheet_batch(*(row.as_json() for row in rows))).encode()


def send(source: Source, body: bytes) -> Any:
    headers: dict[str, Any] = signed(source.secret, body, clock.wall())
    return Client().post(f"/hooks/sheets/{source.key}", body, content_type="application/json", **headers)


def post(source: Source, body: bytes) -> bytes:
    response = send(source, body)
    assert response.status_code == 200, response.content
    answer: bytes = response.content
    return answer


def merged(answers: Iterable[bytes]) -> Results:
    results = [result for answer in answers for result in json.loads(answer)["results"]]
    return {result["row_id"]: {key: value for key, value in result.items() if key != "note"} for result in results}


def stored(source: Source) -> dict[str, dict[str, str]]:
    return dict(Record.objects.filter(source=source).values_list("row_id", "values"))


def digest(source: Source) -> list[list[tuple[Any, ...]]]:
    """All that a source's rows left behind, without ids and moments."""
    found = (
        Record.objects.filter(source=source).values_list(
            "row_id",
            "customer__code",
            "phone",
            "status",
            "service",
            "visit_date",
            "search",
            "completions",
            "revision",
            "values",
        ),
        Customer.objects.filter(workspace=source.workspace).values_list("code", "name", "phone", "search"),
        SheetRow.objects.filter(source=source).values_list(
            "row_id", "row_number", "fingerprint", "accepted", "status", "said_status", "errors", "values"
        ),
    )
    return [sorted(rows, key=lambda row: row[0]) for rows in found]
