"""Reading and answering requests: JSON from programs, forms from pages."""

import json
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme


class NotJson(Exception):
    """The body is no JSON object; the text says what is wrong with it."""


def body_object(request: HttpRequest) -> dict[str, Any]:
    """The JSON object in the body. NotJson if the body is empty, no JSON, or another kind of value."""
    try:
        value = json.loads(request.body)
    except ValueError:
        raise NotJson("body is empty" if not request.body else "body is not JSON") from None
    if not isinstance(value, dict):
        raise NotJson("body is not a JSON object")
    return value


def is_form(request: HttpRequest) -> bool:
    """Whether a page posted this, and wants a page back."""
    return request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data")


def asked(request: HttpRequest) -> dict[str, Any]:
    """What a form or a JSON body asks for, without its empty form fields. NotJson as `body_object`."""
    if is_form(request):
        return {name: value for name, value in request.POST.items() if value != ""}
    return body_object(request)


def refuse(sentence: str) -> JsonResponse:
    """A clear no to a program that scripts the sandbox."""
    return JsonResponse({"error": sentence}, status=400, json_dumps_params={"ensure_ascii": False})


def way_back(request: HttpRequest, default: str) -> str:
    """The page that posted the form, if it is one of ours; else `default`."""
    referer = request.headers.get("referer", "")
    ours = url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure())
    return referer if ours else default
