"""The story's fixtures."""

from __future__ import annotations

import pytest

from accounts.models import Workspace
from integrations import registry
from integrations.base import ChannelName
from tests.campaigns.story import Clinic, ObedientChannel, make_clinic
from tests.campaigns.waystory import Ways, every_way


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> ObedientChannel:
    """What stands where Zalo would be."""
    obedient = ObedientChannel()
    monkeypatch.setitem(registry._CHANNELS, ChannelName.ZNS, obedient)
    return obedient


@pytest.fixture
def clinic(workspace: Workspace, channel: ObedientChannel) -> Clinic:
    """The reference group of campaigns, active."""
    return make_clinic(workspace, channel)


@pytest.fixture
def ways(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Ways:
    """An obedient channel of every name; the step may take any of them, and SMS is connected."""
    return every_way(clinic, monkeypatch)
