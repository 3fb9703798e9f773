"""Reading a page the way a browser does: what its form would send, and what a person sees."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from django.test import Client

HTMX: dict[str, Any] = {"HTTP_HX_REQUEST": "true"}
Sent = dict[str, list[str]]


class _Form(HTMLParser):
    """Collects what each form of a page would send, in page order."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[dict[str, str | None], Sent]] = []
        self.select: list[tuple[str, bool]] | None = None
        self.area: list[str] | None = None
        self.name = ""

    @property
    def sent(self) -> Sent:
        return self.forms[-1][1] if self.forms else {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append((given, {}))
        elif tag == "input" and given.get("name"):
            self._input(given)
        elif tag == "select":
            self.select, self.name = [], given.get("name") or ""
        elif tag == "textarea":
            self.area, self.name = [], given.get("name") or ""
        elif tag == "option" and self.select is not None:
            self.select.append((given.get("value") or "", "selected" in given))

    def _input(self, given: dict[str, str | None]) -> None:
        if given.get("type") in ("checkbox", "radio") and "checked" not in given:
            return
        default = "on" if given.get("type") == "checkbox" else ""
        self.sent.setdefault(given["name"] or "", []).append(given.get("value") or default)

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.area.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area is not None:
            # The first line end belongs to the page, the others travel as two characters.
            typed = "".join(self.area).removeprefix("\r").removeprefix("\n")
            self.sent.setdefault(self.name, []).append(typed.replace("\n", "\r\n"))
            self.area = None
        if tag == "select" and self.select is not None:
            chosen = [value for value, is_chosen in self.select if is_chosen] or [value for value, _ in self.select[:1]]
            self.sent.setdefault(self.name, []).extend(chosen)
            self.select = None


def text(response: Any) -> str:
    """What a person reads: tags and scripts taken away, one space between words."""
    body = re.sub(r"<(script|title)\b.*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)
    body = body.replace("&quot;", '"').replace("&amp;", "&").replace("&#x27;", "'")
    return " ".join(body.replace("&lt;", "<").replace("&gt;", ">").split())


def form(response: Any, **where: str) -> Sent:
    """What the form with these attributes would send as it stands."""
    parser = _Form()
    parser.feed(response.content.decode())
    return next(sent for attributes, sent in parser.forms if where.items() <= attributes.items())


def as_(person: Any, **how: Any) -> Any:
    """A browser in which this person is logged in; None is nobody."""
    client = Client(**how)
    if person is not None:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client
