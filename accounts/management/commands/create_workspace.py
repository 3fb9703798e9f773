"""Open a clinic: the first thing an operator does on a new installation."""

from __future__ import annotations

import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import Membership, User, Workspace
from accounts.roles import Role


class Command(BaseCommand):
    help = "Create a workspace (a clinic) and its owner; asks for the owner's password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the clinic's name, as its patients know it")
        parser.add_argument("--owner", required=True, metavar="EMAIL", help="who logs in as its owner")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        email = options["owner"].lower()
        user = User.objects.filter(email=email).first() or self._make_user(email)
        workspace = Workspace.objects.create(name=options["name"])
        Membership.objects.create(user=user, workspace=workspace, role=Role.OWNER.value)
        self.stdout.write(f"{workspace.name}: {user.email}")

    def _make_user(self, email: str) -> User:
        password = getpass.getpass(f"Mật khẩu cho {email}: ")
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return User.objects.create_user(email, password)
