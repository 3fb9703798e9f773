"""The real script under Node, over real HTTP, against the real server, through a day drawn by lot: sheet and hub end equal."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from datahub.models import OutcomeCell, Record, ScriptPulse, SheetRow
from datahub.rows import CleanRow, Reader
from datahub.tables import schema_of
from integrations import clock
from integrations.vietnam import local

NODE = shutil.which("node")
WALK = Path(__file__).with_name("walk.mjs")
STEPS = 220

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.apps_script.urls"),
    pytest.mark.skipif(NODE is None, reason="node is not installed: the script was not tested"),
]


@pytest.fixture
def walk(live_server, source):
    """Walk one day; what the sheet says at its end."""

    def _walk(seed):
        url = f"{live_server.url}/hooks/sheets/{source.key}"
        story = {"url": url, "secret": source.secret, "seed": seed, "steps": STEPS}
        run = subprocess.run(
            [str(NODE), str(WALK), json.dumps(story)], capture_output=True, text=True, timeout=240, check=False
        )
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)

    return _walk


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sheet_and_hub_end_equal(walk, source, seed):
    sheet = walk(seed)
    marked = [row for row in sheet["seen"] if row["request"] and any(map(str.strip, row["values"].values()))]
    assert len(marked) > 8, sheet["counts"]
    assert {"killed", "call twice", "call lost before", "call lost after"} <= set(sheet["counts"])
    ids = [row["id"] for row in marked]
    assert len(set(ids)) == len(ids), sheet["seen"]
    wrong = [problem for row in marked for problem in differences(source, row)]
    assert wrong == [], sheet["counts"]
    orphans = set(Record.objects.filter(source=source).exclude(row_id__in=ids).values_list("row_id", flat=True))
    unmarked = {row["id"] for row in sheet["seen"]} - set(ids)
    assert orphans <= set(sheet["gone"]) | unmarked
    assert sheet["formulas"] == []
    assert all(len(value) < 9_000 for value in sheet["kept"].values())
    assert_outcomes_stand_beside_their_rows(source, sheet)


def differences(source, row):
    """How this row of the sheet and what the hub holds under its id differ."""
    reader = Reader(schema_of(source.dataset), local(clock.now()).date())
    expected = reader.clean(reader.cells(row["values"]))
    known = SheetRow.objects.filter(source=source, row_id=row["id"]).first()
    if known is None:
        yield f"{row['number']} was lost: {row['status']}"
    elif known.status != row["status"]:
        yield f"{row['number']} says “{row['status']}”, the hub “{known.status}”"
    elif known.accepted != isinstance(expected, CleanRow):
        yield f"{row['number']} was judged by what it no longer holds: {row['status']}"
    elif isinstance(expected, CleanRow):
        held = Record.objects.get(source=source, row_id=row["id"]).values
        if held != {key: value for key, value in expected.values.items() if value}:
            yield f"{row['number']}: {held} for {expected.values}"


def assert_outcomes_stand_beside_their_rows(source, sheet):
    """What was last told of each row, in its cell and in no other."""
    told = dict(OutcomeCell.objects.filter(source=source).values_list("row_id", "text"))
    assert [row["outcome"] for row in sheet["seen"]] == [told.get(row["id"], "") for row in sheet["seen"]]
    assert not OutcomeCell.objects.filter(source=source, told_at=None, row_id__in=list(told)).exists()
    assert ScriptPulse.objects.get(source=source).waiting == 0
