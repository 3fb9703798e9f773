"""Laws about pages: strict content security, one gate to every view, one way to fetch an object."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver
from ninja.operation import PathView

from datahub.api.door import TokenAuth
from tests.architecture.project import Project

DJANGO_TAG = re.compile(r"{%\s*comment.*?endcomment\s*%}|{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
TAG = re.compile(r"<([a-zA-Z][\w-]*)((?:\"[^\"]*\"|'[^']*'|[^>\"'])*)>")
INLINE = {
    "an inline handler": re.compile(r"""(?<![\w-])(?:on[a-z]+|hx-on[\w:.-]*)\s*="""),
    "a style attribute": re.compile(r"""(?<![\w-])style\s*="""),
    "a javascript: address": re.compile(r"""=\s*["']?\s*javascript:""", re.IGNORECASE),
}
DATA_SCRIPT = re.compile(r"""type\s*=\s*["']?(application/json|text/html|importmap)""")

PUBLIC = {
    "accounts.views.login",
    "accounts.views.logout",
    "accounts.views.workspaces",  # these two ask for a log-in, and come before there is a clinic to have an ability in
    "accounts.views.choose",
    "campaigns.webhooks.zalo_webhook",
    "cdp.health.healthz",
    "cdp.health.metrics",
    "datahub.json.webhooks.json_webhook",
    "datahub.webhooks.sheet_checkup",
    "datahub.webhooks.sheet_pulse",
    "datahub.webhooks.sheet_webhook",
    "django.views.i18n.set_language",
    "ninja.openapi.views.default_home",  # a 404
    "ninja.openapi.views.openapi_json",  # what the API can do, nothing of any clinic
}
SANDBOX = "sandbox/"
FETCHERS = {"get_object_or_404", "get_list_or_404"}


def no_inline_code(project: Project) -> Iterator[str]:
    """Scripts and styles come from files, so that the browser may be told to run nothing else."""
    for source in project.templates:
        text = DJANGO_TAG.sub(blank, source.text)
        for tag in TAG.finditer(text):
            line = text.count("\n", 0, tag.start()) + 1
            yield from (f"{source.path}:{line} {problem}" for problem in problems_of(tag[1].lower(), tag[2]))


def problems_of(name: str, attributes: str) -> Iterator[str]:
    """What is inline about one tag."""
    bare = re.sub(r"=\s*(\"[^\"]*\"|'[^']*')", "=", attributes)
    yield from (
        f"has {what}"
        for what, pattern in INLINE.items()
        if pattern.search(bare) or ("javascript" in what and pattern.search(attributes))
    )
    if name == "style":
        yield "has a <style> block"
    if name == "script" and not re.search(r"\bsrc\s*=", attributes) and not DATA_SCRIPT.search(attributes):
        yield "has inline script"


def blank(tag: re.Match[str]) -> str:
    """Nothing, on as many lines: positions stay true."""
    return "\n" * tag[0].count("\n")


def objects_through_the_gate(project: Project) -> Iterator[str]:
    """Views fetch through accounts.access, where another clinic's object does not exist."""
    for source in project.code:
        if "views" not in source.parts or source.app == "sandbox":
            continue
        for node, dotted in source.uses:
            if dotted.rpartition(".")[2] in FETCHERS or dotted.endswith(".objects.get"):
                yield source.at(node, f"fetches past accounts.access: {dotted}")


def open_doors(patterns: list[Any], route: str = "") -> Iterator[str]:
    """Every address whose view asks for no ability and is not on the list of public ones."""
    for pattern in patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from open_doors(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern) and not is_guarded(pattern) and not is_public(pattern, here):
            yield f"{here} ({pattern.lookup_str}) asks for no ability and is not public"


def is_guarded(pattern: URLPattern) -> bool:
    return hasattr(pattern.callback, "ability") or asks_for_a_token(pattern.callback)


def asks_for_a_token(view: Any) -> bool:
    """Whether this is an address of the API, and every operation behind it wants a token."""
    held = [cell.cell_contents for cell in getattr(view, "__closure__", None) or ()]
    operations = [each for found in held if isinstance(found, PathView) for each in found.operations]
    return bool(operations) and all(
        any(isinstance(callback, TokenAuth) for callback in each.auth_callbacks) for each in operations
    )


def is_public(pattern: URLPattern, route: str) -> bool:
    return pattern.lookup_str in PUBLIC or route.startswith(SANDBOX)
