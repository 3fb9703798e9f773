"""Zalo's door and Zalo's mouth: who may ask, and how an answer leaves the house."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from sandbox import clock, http, wire
from sandbox.models import Account
from sandbox.zalo import accounts, door, faults
from sandbox.zalo.answers import failed
from sandbox.zalo.replies import Call, Host, Reply, other_types

Answer = Callable[[HttpRequest, Account], dict[str, Any]]
View = Callable[[HttpRequest], HttpResponse]
_PLAIN, _HTML = "text/plain", "text/html"
# What stands in place of the answer: body, status, type, headers.
_INSTEAD: dict[str, tuple[str, int, str, dict[str, str]]] = {
    "http_429": ("Too Many Requests", 429, _PLAIN, {"Retry-After": "1"}),
    "http_500": ("Internal Server Error", 500, _PLAIN, {}),
    "http_503": ("<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>", 503, _HTML, {}),
    "hang": ("Gateway Time-out", 504, _PLAIN, {}),
    "lost_answer": ("", 500, _HTML, {}),
    "token_lost_answer": ("", 500, _HTML, {}),
    "html_answer": ("<html><body>Please wait while your request is being verified…</body></html>", 200, _HTML, {}),
}


def asked_with(request: HttpRequest, host: Host) -> Call:
    """What the request carries, whatever it asks."""
    return Call(
        host=host,
        path=request.path.split(host.prefix, 1)[-1],
        access_token=request.headers.get("access_token", ""),
        proof=request.headers.get("appsecret_proof", ""),
        raw=request.body or request.META.get("QUERY_STRING", "").encode(),
    )


def answers(host: Host, *methods: str) -> Callable[[Answer], View]:
    """Make a view of Zalo's out of a function from (request, account) to Zalo's JSON; `methods` default to GET.

    Everything it refuses is said with HTTP 200, as Zalo does.
    """

    def guarded(view: Answer) -> View:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest) -> HttpResponse:
            if request.method not in (methods or ("GET",)):
                return JsonResponse(failed(-106))
            return respond(request, _reply(view, request, asked_with(request, host)))

        return answer

    return guarded


def _reply(view: Answer, request: HttpRequest, call: Call) -> Reply:
    now = clock.now()
    account = accounts.authenticate(call.access_token, now)
    if account is None:
        return Reply(call.host.no_token())
    passage = door.enter(account, call, phone=None, now=now)
    if passage.refusal:
        return passage.refusal
    try:
        body = view(request, account)
    except wire.NotJson:
        return Reply(failed(call.host.body_not_json if request.body else call.host.body_empty))
    spoils = passage.fault and passage.fault.kind in faults.ANSWERING and door.spend(passage.fault)
    return Reply(body, passage.fault if spoils else None, passage.headers, passage.wait_s)


def respond(request: HttpRequest, reply: Reply) -> HttpResponse:
    """The reply as it leaves: late, torn or not at all, when a misfortune says so."""
    if reply.wait_s:
        clock.hold(reply.wait_s)
    fault = reply.fault
    if fault and fault.kind in ("timeout_after_accept", "hang"):
        clock.hold(fault.seconds)
    response = _spoilt(request, reply, fault.kind if fault else "")
    for name, value in reply.headers.items():
        response[name] = value
    return response


def _spoilt(request: HttpRequest, reply: Reply, kind: str) -> HttpResponse:
    if kind in _INSTEAD:
        body, status, content_type, headers = _INSTEAD[kind]
        return HttpResponse(body, status=status, content_type=content_type, headers=headers)
    if kind in ("reset", "reset_after_accept"):
        http.cut(request.META.get("gunicorn.socket"))
        return HttpResponse(b"", status=500)  # nobody is left to read it
    if kind == "truncated_json":
        whole = json.dumps(reply.body)
        return HttpResponse(whole[: len(whole) // 2], content_type="application/json")
    if kind == "other_types" and "data" in reply.body:
        return JsonResponse(reply.body | {"data": other_types(reply.body["data"])})
    return JsonResponse(reply.body)
