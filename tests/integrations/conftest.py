"""A clinic's account, connected, on the morning of the story."""

from __future__ import annotations

import pytest

from accounts.models import Workspace
from integrations.models import OfficialAccount
from tests.campaigns.story import HandClock, vn
from tests.integrations.zalo_side import connected


@pytest.fixture
def clock() -> HandClock:
    """11:00 on 21 November 2026 in Vietnam."""
    return HandClock(vn(21, 11))


@pytest.fixture
def account(workspace: Workspace, clock: HandClock) -> OfficialAccount:
    """Connected, with twenty hours left on its token."""
    return connected(workspace, clock)
