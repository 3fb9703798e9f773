"""What most tests of the sandbox's Zalo begin with."""

from __future__ import annotations

import pytest

from tests.sandbox.zalo_story import NOON, make_account, set_clock


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox believes that it is 12:00 on 21 November 2026 in Vietnam."""
    set_clock(monkeypatch, NOON)


@pytest.fixture
def token(db: None) -> str:
    """The access token of the story's account."""
    return make_account()["access_token"]
