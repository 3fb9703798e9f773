"""People, a clinic with its table and its sheet, and a frozen moment."""

from __future__ import annotations

from datetime import datetime

import pytest

from accounts.models import User, Workspace
from accounts.roles import Role
from datahub.models import Dataset, Source
from tests import factories


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
