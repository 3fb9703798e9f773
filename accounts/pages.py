"""Answering with a page, or with its fragment when htmx asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from accounts.access import MemberRequest


def page_or_fragment(request: MemberRequest, page: str, fragment: str, context: Mapping[str, Any]) -> HttpResponse:
    """Render `page`, or `fragment` for htmx. The address is the same, so a cache is told to keep the two apart."""
    response = render(request, fragment if request.htmx else page, context)
    patch_vary_headers(response, ("HX-Request",))
    return response


def page_number(request: HttpRequest) -> int:
    """The page that the address asks for; the first where it names none."""
    asked = request.GET.get("page", "")
    return max(1, int(asked)) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 1
