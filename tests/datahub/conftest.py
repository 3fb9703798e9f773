"""A linked sheet."""

from __future__ import annotations

import pytest

from accounts.models import User, Workspace
from datahub.models import Dataset, Source
from integrations.google_sheets.key_file import credentials_of
from tests.campaigns.story import HandClock, vn
from tests.datahub.calling import Caller, make_api_source, make_token
from tests.datahub.linked_story import NAMES, Linked, make_link
from tests.sandbox import google_story


@pytest.fixture
def linked(source: Source, monkeypatch: pytest.MonkeyPatch) -> Linked:
    """An open source, linked to an empty sheet on the sandbox's Google, at 09:00 on 21 November 2026."""
    credentials_of.cache_clear()
    clock = HandClock(vn(21, 9))
    account = google_story.make_account(reads_per_minute=100_000, writes_per_minute=100_000)
    sheet = google_story.make_sheet(NAMES, [])
    google_story.make_book(sheet)
    link = make_link(source, clock, google_story.key_text(account))
    return Linked(link, sheet, clock, google_story.wire(monkeypatch))


@pytest.fixture
def caller(workspace: Workspace, owner: User) -> Caller:
    """The clinic's own software."""
    return Caller(make_token(workspace, owner)[1])


@pytest.fixture
def open_table(dataset: Dataset, owner: User) -> Dataset:
    """The reference table, open to tokens."""
    make_api_source(dataset, owner)
    return dataset
