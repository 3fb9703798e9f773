"""The story's fixtures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from accounts.models import User, Workspace
from datahub.models import Customer
from integrations import registry
from integrations.base import ChannelName
from tests.accounts.browser import as_
from tests.campaigns import connecting
from tests.campaigns.story import Clinic, ObedientChannel, make_clinic, vn
from tests.campaigns.waystory import Ways, every_way
from tests.sandbox import zalo_story


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> ObedientChannel:
    """What stands where Zalo would be."""
    obedient = ObedientChannel()
    monkeypatch.setitem(registry._CHANNELS, ChannelName.ZNS, obedient)
    return obedient


@pytest.fixture
def browser(owner: User) -> Client:
    """The owner's browser, signed in."""
    made: Client = as_(owner)
    return made


@pytest.fixture
def clinic(workspace: Workspace, channel: ObedientChannel) -> Clinic:
    """The reference group of campaigns, active."""
    return make_clinic(workspace, channel)


@pytest.fixture
def ways(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Ways:
    """An obedient channel of every name; the step may take any of them, and SMS is connected."""
    return every_way(clinic, monkeypatch)


@pytest.fixture
def afternoon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """15:00 on 21 November 2026, with a Zalo that answers in this process."""
    connecting.wire(monkeypatch)
    with time_machine.travel(vn(21, 15), tick=False):
        yield


@pytest.fixture
def pair(afternoon: None) -> dict[str, str]:
    """The tokens of the clinic's account at Zalo."""
    return zalo_story.make_account(now=vn(21, 15))


@pytest.fixture
def patient(clinic: Clinic) -> Customer:
    """Somebody whose message went out."""
    clinic.visit()
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    return Customer.objects.get()
