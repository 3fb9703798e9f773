"""The operator's first command."""

from __future__ import annotations

import getpass

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Membership, User, Workspace


def test_it_makes_a_clinic_and_its_owner(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda _: "một mật khẩu dài")
    call_command("create_workspace", "Nha khoa Mới", owner="Chu@Moi.vn")
    membership = Membership.objects.get()
    assert (membership.workspace.name, membership.user.email, membership.role) == (
        "Nha khoa Mới",
        "chu@moi.vn",
        "owner",
    )
    assert membership.user.check_password("một mật khẩu dài")


def test_a_weak_password_makes_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda _: "1234")
    with pytest.raises(CommandError):
        call_command("create_workspace", "Nha khoa Mới", owner="chu@moi.vn")
    assert not User.objects.exists()
    assert not Workspace.objects.exists()
