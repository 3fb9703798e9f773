"""The story's fixtures."""

from __future__ import annotations

import pytest

from accounts.models import Workspace
from integrations import registry
from tests.campaigns.story import Clinic, ObedientChannel, make_clinic


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> ObedientChannel:
    """What stands where Zalo would be."""
    obedient = ObedientChannel()
    monkeypatch.setitem(registry._CHANNELS, "zns", obedient)
    return obedient


@pytest.fixture
def clinic(workspace: Workspace, channel: ObedientChannel) -> Clinic:
    """The reference group of campaigns, active."""
    return make_clinic(workspace, channel)
