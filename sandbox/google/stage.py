"""Behind the scenes of the sandbox's Google: its accounts, who a spreadsheet is shared with, and faults."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from sandbox import wire
from sandbox.google import books, faults, tokens
from sandbox.models import GoogleAccount, GoogleBook, PracticeSheet

_SWITCHES = ("is_deleted", "api_enabled")
_LIMITS = ("reads_per_minute", "writes_per_minute", "project_reads_per_minute")


@csrf_exempt
@require_http_methods(["GET", "POST", "DELETE"])
def faults_page(request: HttpRequest) -> HttpResponse:
    """GET lists, POST adds one (`faults.parse` says which fields), DELETE or POST {"clear": true} forgets all."""
    return wire.script_faults(request, faults)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def books_page(request: HttpRequest) -> HttpResponse:
    """GET shows every spreadsheet; POST {"spreadsheet_id", "email", "role": "writer" | "reader" | ""} shares one."""
    if request.method == "POST":
        try:
            asked = wire.body_object(request)
            book = GoogleBook.objects.filter(spreadsheet_id=str(asked.get("spreadsheet_id", ""))).first()
            role = str(asked.get("role", ""))
            if book is None or role not in ("writer", "reader", ""):
                return wire.refuse("spreadsheet_id or role is unknown")
            books.share(book=book, email=str(asked.get("email", "")), role=role)
        except wire.NotJson as problem:
            return wire.refuse(str(problem))
    shown = [books.described(book) | {"sharedWith": book.shared_with} for book in GoogleBook.objects.order_by("id")]
    return JsonResponse({"are": shown}, json_dumps_params={"ensure_ascii": False})


@csrf_exempt
@require_http_methods(["GET", "POST"])
def accounts_page(request: HttpRequest) -> HttpResponse:
    """GET shows every service account; POST {"client_email", "is_deleted"?, "api_enabled"?, "reads_per_minute"?, …}."""
    if request.method == "POST":
        try:
            asked = wire.body_object(request)
            _set(GoogleAccount.objects.filter(client_email=str(asked.get("client_email", ""))), asked)
        except (wire.NotJson, ValueError) as problem:
            return wire.refuse(str(problem))
    fields = ("client_email", "project_id", *_SWITCHES, *_LIMITS)
    return JsonResponse({"are": list(GoogleAccount.objects.order_by("id").values(*fields))})


def _set(found: Any, asked: dict[str, Any]) -> None:
    for name in asked.keys() & {*_SWITCHES, *_LIMITS}:
        kind = bool if name in _SWITCHES else int
        if type(asked[name]) is not kind or asked[name] < 0:
            raise ValueError(f"{name} must be {'true or false' if kind is bool else 'a number from 0'}")
        found.update(**{name: asked[name]})
    if not found.exists():
        raise ValueError("client_email is unknown")


@require_GET
def key_file(request: HttpRequest, client_email: str) -> HttpResponse:
    """The practice account's key file, as Google's console downloads it."""
    account = GoogleAccount.objects.filter(client_email=client_email).first()
    if account is None:
        return wire.refuse("client_email is unknown")
    return JsonResponse(tokens.key_file(account), json_dumps_params={"indent": 2})


@require_GET
def rows(request: HttpRequest, slug: str) -> HttpResponse:
    """A practice sheet as it is now, for the page that shows a shared one."""
    sheet = get_object_or_404(PracticeSheet, slug=slug)
    return JsonResponse({"revision": sheet.revision, "rows": sheet.rows})
