"""HTTP without sockets: what a `requests` session asks is answered by the project's own views in this process."""

from __future__ import annotations

import json
import threading
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.db import connections
from django.test import Client
from requests.adapters import BaseAdapter


class InProcess(BaseAdapter):
    """Mounted on a session, it hands every request to Django and the answer back."""

    def __init__(self) -> None:
        super().__init__()
        # One for all calls: each new client loads the middleware anew, which costs ten times the call.
        self.client = Client()

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        try:
            return self._answer(request)
        except ConnectionResetError as cut:  # the sandbox cuts the line: a socket would meet the same
            raise requests.ConnectionError(str(cut), request=request) from cut
        finally:
            if threading.current_thread() is not threading.main_thread():
                connections.close_all()

    def _answer(self, request: requests.PreparedRequest) -> requests.Response:
        parts = urlsplit(request.url or "")
        self.client.cookies.clear()
        answer = self.client.generic(
            request.method or "GET",
            f"{parts.path}?{parts.query}",
            request.body or b"",
            content_type=request.headers.get("Content-Type", ""),
            headers={name: value for name, value in request.headers.items() if name != "Content-Type"},
        )
        made = requests.Response()
        made.status_code = answer.status_code
        made.headers.update(answer.headers)
        made._content = answer.content
        made.request, made.url = request, request.url or ""
        return made

    def close(self) -> None:
        """Nothing is open."""


def mount(monkeypatch: pytest.MonkeyPatch, *sessions: requests.Session, adapter: BaseAdapter | None = None) -> None:
    """What these sessions ask of PUBLIC_URL is answered in this process; every other address stays as it was."""
    for session in sessions:
        adapters = {**session.adapters, "http://testserver": adapter or InProcess()}
        # The longest prefix is looked at first.
        monkeypatch.setattr(session, "adapters", dict(sorted(adapters.items(), key=lambda item: -len(item[0]))))


def post_json(path: str, body: Any, **headers: str) -> Any:
    """A JSON call from outside."""
    return Client().post(path, json.dumps(body), content_type="application/json", headers=headers)
