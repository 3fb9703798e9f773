"""Every curl of docs/api.md does what the page says."""

from __future__ import annotations

import itertools
import re
import shlex

import pytest
from django.test import Client

from datahub.api import refusals
from datahub.models import Record
from datahub.refusals import BUSY, Refusal
from tests.architecture.project import ROOT
from tests.datahub.calling import api_row

PAGE = (ROOT / "docs/api.md").read_text()
COMMANDS = [
    command.strip()
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for command in re.split(r"^(?=curl )", block, flags=re.MULTILINE)
    if command.strip()
]

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.datahub.api_urls")]


def run(command: str, values: dict[str, object]):
    """The call that curl would make."""
    for name, value in values.items():
        command = command.replace(f"${name}", str(value))
    words = shlex.split(command.replace("\\\n", " "))
    options = {"-X": "", "-d": ""}
    headers = {}
    address = ""
    for flag, word in itertools.pairwise(words):
        if flag == "-H":
            name, _, value = word.partition(": ")
            headers[name] = value
        elif flag in options:
            options[flag] = word
        elif word.startswith("/"):
            address = word
    method = options["-X"] or ("POST" if options["-d"] else "GET")
    return Client().generic(method, address, options["-d"], headers=headers, content_type="application/json")


def test_the_page_shows_every_operation():
    assert len(COMMANDS) == 9


@pytest.mark.parametrize("command", COMMANDS, ids=range(len(COMMANDS)))
def test_a_command_of_the_page_works(caller, open_table, command):
    caller.send(open_table, api_row("HD-1"))
    values = {"CDP": "", "TOKEN": caller.text, "TABLE": open_table.pk, "RECORD": Record.objects.get().pk}
    response = run(command, values)
    assert response.status_code == 200, response.content
    if "HD000123" in command:
        assert response.json()["results"][0]["accepted"]


def test_every_code_of_the_page_is_one_that_is_answered():
    told = set(
        re.findall(r"`([a-z_]+\.[a-z_]+)`", PAGE.partition("## When the answer is no")[2].partition("## JSON")[0])
    )
    known = {each.error for each in (BUSY, *vars(refusals).values()) if isinstance(each, Refusal)}
    made = {"rate.exceeded", "body.too_large", "rows.too_many", "body.not_json"}
    assert told | {"not_found"} == known | made
