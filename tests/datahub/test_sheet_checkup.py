"""The door `checkup` of a sheet's script, and what it refuses as `pulse` does."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from datahub.models import Checkup, ScriptPulse
from integrations import clock
from tests.datahub.doors import knock
from tests.datahub.test_sheet_pulse import PULSE
from tests.factories import as_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.datahub.urls")]

COPY: dict[str, Any] = {
    "sheet": {"spreadsheet_id": "1AbC", "sheet_name": "Khách hàng"},
    "headers": ["Mã khách hàng", "Họ và tên"],
    "merged": ["A1:B1"],
    "rows": [[2, "r1", ["KH1", "Hoa"]], [4, "", ["KH2"]]],
    "elsewhere": ["r9"],
}


@pytest.fixture
def post(source):
    """Post a body to one of the source's doors."""
    return partial(knock, source)


@pytest.fixture
def taken(monkeypatch):
    """What the doctor was shown."""
    shown: list[dict[str, Any]] = []

    def take(**facts):
        shown.append(facts)
        return Checkup(source=facts["source"], at=facts["now"], rows=2, findings=[{"code": "x"}] * 3)

    monkeypatch.setattr("datahub.checkups.take", take)
    return shown


def test_a_checkup_brings_the_tab_to_the_doctor(post, source, taken):
    response = post("checkup", COPY)
    assert response.json()["findings"] == 3
    assert "3" in response.json()["says"]
    [shown] = taken
    assert shown["source"] == source
    assert shown["elsewhere"] == {"r9"}
    snapshot = shown["snapshot"]
    assert (snapshot.headers, snapshot.merged) == (("Mã khách hàng", "Họ và tên"), ("A1:B1",))
    assert [(row.number, row.row_id, row.cells) for row in snapshot.rows] == [
        (2, "r1", ("KH1", "Hoa")), (4, "", ("KH2",)),
    ]  # fmt: skip


def test_half_a_surrogate_in_a_cell_does_not_cost_the_night(post, taken):
    body = json.dumps(COPY | {"rows": [[2, "r1", ["a\ud800b"]]]}).encode()
    assert post("checkup", body).status_code == 200
    assert taken[0]["snapshot"].rows[0].cells == ("ab",)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"rows": [[2, "r1"]]}, "rows: dòng thứ 1 phải là"),
        ({"rows": [[0, "r1", []]]}, "rows: dòng thứ 1: số dòng"),
        ({"rows": [[True, "r1", []]]}, "rows: dòng thứ 1: số dòng"),
        ({"rows": [[2, "r1", ["x"]], [3, "r2", [1]]]}, "rows: dòng thứ 2: mã dòng và các ô"),
        ({"rows": {}}, "rows: phải là một danh sách"),
        ({"headers": [None]}, "headers: phải là một danh sách chữ"),
        ({"sheet": []}, "sheet: phải là một đối tượng"),
    ],
)
def test_a_copy_of_another_shape_is_refused_with_the_place(post, taken, change, where):
    response = post("checkup", COPY | change)
    assert response.status_code == 400
    assert response.json()["message"].startswith(where)
    assert taken == []


def test_the_checkup_door_takes_eight_megabytes_and_twenty_thousand_rows(post, taken):
    rows = [[number, f"r{number}", ["x" * 370]] for number in range(2, 20_002)]
    body = as_bytes(COPY | {"rows": rows})
    assert len(body) < 8_000_000
    assert post("checkup", body + b" " * (8_000_000 - len(body))).status_code == 200
    assert len(taken[0]["snapshot"].rows) == 20_000
    too_many = post("checkup", COPY | {"rows": [*rows[:20_000], [2, "r", []]]})
    assert (too_many.status_code, too_many.json()["error"]) == (413, "rows.too_many")


@pytest.mark.parametrize(("door", "limit"), [("pulse", 2_000_000), ("checkup", 8_000_000)])
def test_each_door_keeps_its_own_limit(post, taken, door, limit):
    response = post(door, b" " * (limit + 1))
    assert (response.status_code, response.json()["error"]) == (413, "body.too_large")
    assert f"{limit // 1_000_000} MB" in response.json()["message"]


@pytest.mark.parametrize("door", ["pulse", "checkup"])
def test_the_doors_refuse_as_the_sheets_own_door_does(post, taken, door):
    good = PULSE if door == "pulse" else COPY
    refused = [
        post(door, good, key="khongco"),
        post(door, good, secret="khác"),
        post(door, good, at=clock.wall() - timedelta(minutes=6)),
        post(door, b"{"),
        post(door, {}),
        post(door, []),
    ]
    assert [response.status_code for response in refused] == [404, 401, 401, 400, 400, 400]
    assert all(set(response.json()) == {"error", "message", "status"} for response in refused)
    assert not ScriptPulse.objects.exists()
    assert taken == []
