"""People, a clinic with its table and its sheet, and a frozen moment."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import datetime

import pytest

from accounts.models import User, Workspace
from accounts.roles import Role
from campaigns import tick
from datahub.models import Dataset, Source
from tests import factories


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first. One worker takes every test that starts real processes: no two run at once (--dist loadgroup)."""
    for item in items:
        if item.get_closest_marker("e2e"):
            item.add_marker(pytest.mark.xdist_group("processes"))
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: a tenth of the suite's time went into looking for rubbish among it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def no_pause() -> Iterator[None]:
    """A turn of the engine leaves the write lock to the web process for a moment; here nobody wants it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tick, "SQLITE_PAUSE_S", 0)
        yield


@pytest.fixture
def now() -> datetime:
    """09:00 on Saturday 21 November 2026 in Vietnam, as UTC."""
    return factories.NOW


@pytest.fixture
def workspace(db: None) -> Workspace:
    """The clinic of the story."""
    return factories.make_workspace()


@pytest.fixture
def owner(workspace: Workspace) -> User:
    """Owns the clinic."""
    return factories.make_person(workspace, Role.OWNER, email="chu@example.vn")


@pytest.fixture
def colleague(workspace: Workspace) -> User:
    """Works at the reception: may edit records, not campaigns."""
    return factories.make_person(workspace, Role.STAFF, email="letan@example.vn")


@pytest.fixture
def viewer(workspace: Workspace) -> User:
    """May look, not touch."""
    return factories.make_person(workspace, Role.VIEWER, email="xem@example.vn")


@pytest.fixture
def stranger(db: None) -> User:
    """Owns another clinic."""
    return factories.make_person(factories.make_workspace("Phòng khám khác"), Role.OWNER, email="nguoila@example.vn")


@pytest.fixture
def dataset(workspace: Workspace) -> Dataset:
    """The reference table."""
    return factories.make_dataset(workspace)


@pytest.fixture
def source(dataset: Dataset) -> Source:
    """An open sheet that feeds the reference table."""
    return factories.make_source(dataset)
