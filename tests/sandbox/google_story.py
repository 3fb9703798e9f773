"""A spreadsheet of the sandbox's, shared with a service account, and a way to meddle between two calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import pytest
import requests
from django.test import Client

from integrations import http
from sandbox.google import books, tokens
from sandbox.models import GoogleAccount, GoogleBook, PracticeSheet
from tests.wire import InProcess, mount

EMAIL, PROJECT = "cdp@phong-kham.iam.gserviceaccount.com", "phong-kham"
BOOK = "1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"
TAB = "Khách khám"
DATABASES = ["default", "sandbox"]


@cache
def _key() -> str:
    """One RSA key for all tests: making it is the slow part."""
    return tokens.new_key()


def make_account(email: str = EMAIL, **columns: Any) -> GoogleAccount:
    """A service account whose key file is `key_text`."""
    return GoogleAccount.objects.create(
        client_email=email, project_id=PROJECT, private_key_id="k1", private_key=_key(), **columns
    )


def key_text(account: GoogleAccount) -> str:
    """What the admin pastes."""
    return json.dumps(tokens.key_file(account))


def make_sheet(columns: Sequence[str], rows: Sequence[Sequence[str]], *, slug: str = "s1") -> PracticeSheet:
    """A practice sheet as it is typed, with or without the hidden column."""
    return PracticeSheet.objects.create(
        slug=slug, name=TAB, columns=list(columns), rows=[list(row) for row in rows], webhook_url="", secret=""
    )


def make_book(
    sheet: PracticeSheet, *, email: str = EMAIL, role: str = "writer", others: Mapping[str, PracticeSheet] = {}
) -> GoogleBook:
    """The spreadsheet with the sheet as its first tab."""
    book = books.create_book(spreadsheet_id=BOOK, title="Phòng khám", sheets={TAB: sheet, **others})
    books.share(book=book, email=email, role=role)
    return book


def script(**fault: Any) -> None:
    """Ask the sandbox for a misfortune."""
    answer = Client().post("/sandbox/google/faults", json.dumps(fault), "application/json")
    assert answer.status_code == 200, answer.content


class Meddling(InProcess):
    """Answers in this process, remembers every call, and lets a test edit the sheet right before one of them."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self._before: list[tuple[str, Callable[[], None]]] = []

    def before(self, call: str, edit: Callable[[], None]) -> None:
        """Do `edit` just before the next call that contains this text, as in `POST values:batchUpdate`."""
        self._before.append((call, edit))

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        place = (request.url or "").split("?")[0].rpartition("/")[2].replace(BOOK, "book")
        name = f"{request.method} {place}"
        for each in [each for each in self._before if each[0] in name][:1]:
            self._before.remove(each)
            each[1]()
        self.calls.append(name)
        return super().send(request, *args, **kwargs)


def wire(monkeypatch: pytest.MonkeyPatch) -> Meddling:
    """Our calls are answered by the sandbox in this process."""
    adapter = Meddling()
    mount(monkeypatch, http.session(), adapter=adapter)
    return adapter
