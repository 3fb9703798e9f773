"""Reading and answering requests: JSON from programs, forms from pages."""

import json
from typing import Any, Protocol

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


class Faults(Protocol):
    """The module of a stand-in's scripted faults. `parse` raises ValueError for what is none."""

    KINDS: Any

    def parse(self, asked: dict[str, Any], /) -> Any: ...
    def add(self, fault: Any, /) -> Any: ...
    def clear(self) -> Any: ...
    def listed(self) -> Any: ...


def script_faults(request: HttpRequest, faults: Faults) -> JsonResponse:
    """GET lists, POST adds one, DELETE or POST {"clear": true} forgets all."""
    try:
        said = body_object(request) if request.method == "POST" else {"clear": request.method == "DELETE"}
        if said.get("clear"):
            faults.clear()
        elif request.method == "POST":
            faults.add(faults.parse(said))
    except (NotJson, ValueError) as problem:
        return refuse(str(problem))
    return JsonResponse({"faults": faults.listed(), "kinds": faults.KINDS})
