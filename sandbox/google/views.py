"""oauth2.googleapis.com and sheets.googleapis.com, each call as Google spells it."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from sandbox import clock, http, wire
from sandbox.google import a1, answers, books, door, faults, grids, tokens
from sandbox.google.answers import Refusal, Refused
from sandbox.models import GoogleBook, GoogleFault

Answer = Callable[..., dict[str, Any]]
_HTML = (
    "<html><body><h1>Sorry…</h1><p>We're sorry, but your computer may be sending automated queries.</p></body></html>"
)


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """POST a JWT, get an access token."""
    fault = faults.met("token", "")
    if refusal := _refusing(fault):
        return _refused(refusal)
    try:
        body = tokens.grant(request.POST.dict(), wall=clock.wall())
    except tokens.GrantRefused as problem:
        return JsonResponse(problem.body, status=400)
    return _spoilt(request, body, fault)


def answers_call(**calls: str) -> Callable[[Answer], Callable[..., HttpResponse]]:
    """Make a view out of a function from (request, book, …) to Google's JSON; `calls` are HTTP method → kind of call."""

    def guarded(view: Answer) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, spreadsheet_id: str, **rest: str) -> HttpResponse:
            call = calls.get(request.method or "")
            if call is None:
                return _refused(answers.NOT_FOUND)
            try:
                return _answered(view, request, call, spreadsheet_id, rest)
            except Refused as refused:
                return _refused(refused.refusal)
            except wire.NotJson as problem:
                return _refused(answers.invalid(f"Invalid JSON payload received. {problem}").refusal)

        return answer

    return guarded


def _answered(view: Answer, request: HttpRequest, call: str, spreadsheet_id: str, rest: dict[str, str]) -> HttpResponse:
    authorization = request.headers.get("Authorization", "")
    book = door.enter(authorization, call=call, spreadsheet_id=spreadsheet_id, wall=clock.wall())
    fault = faults.met(call, spreadsheet_id)
    if refusal := _refusing(fault):
        raise Refused(refusal)
    if fault and fault.kind == "reset":
        return _cut(request)
    return _spoilt(request, view(request, book, **rest), fault)


@answers_call(GET="metadata")
def spreadsheet(request: HttpRequest, book: GoogleBook) -> dict[str, Any]:
    """spreadsheets.get."""
    return books.described(book)


@answers_call(POST="change")
def spreadsheet_change(request: HttpRequest, book: GoogleBook) -> dict[str, Any]:
    """spreadsheets.batchUpdate."""
    return books.change(book, wire.body_object(request).get("requests"))


@answers_call(GET="read", PUT="write")
def values(request: HttpRequest, book: GoogleBook, notation: str) -> dict[str, Any]:
    """spreadsheets.values.get and .update."""
    if request.method == "GET":
        return _read(book, notation, request)
    body = wire.body_object(request)
    return _write(book, body | {"range": notation}, request.GET.get("valueInputOption", ""))


@answers_call(GET="read")
def values_batch_get(request: HttpRequest, book: GoogleBook) -> dict[str, Any]:
    """spreadsheets.values.batchGet."""
    ranges = [_read(book, notation, request) for notation in request.GET.getlist("ranges")]
    return {"spreadsheetId": book.spreadsheet_id, "valueRanges": ranges}


@answers_call(POST="write")
def values_batch_update(request: HttpRequest, book: GoogleBook) -> dict[str, Any]:
    """spreadsheets.values.batchUpdate: every range is looked at before the first is written."""
    body = wire.body_object(request)
    data, option = body.get("data"), body.get("valueInputOption", "")
    if not isinstance(data, list) or not all(isinstance(each, dict) for each in data):
        raise answers.invalid("Invalid value at 'data'")
    for each in data:
        grids.located(book, str(each.get("range", "")))
    done = [_write(book, each, option) for each in data]
    return {
        "spreadsheetId": book.spreadsheet_id,
        "totalUpdatedCells": sum(each["updatedCells"] for each in done),
        "responses": done,
    }


def _read(book: GoogleBook, notation: str, request: HttpRequest) -> dict[str, Any]:
    if request.GET.get("majorDimension", "ROWS") != "ROWS":
        raise answers.invalid("This sandbox plays majorDimension ROWS only")
    tab, area = grids.located(book, notation)
    formatted = request.GET.get("valueRenderOption", "FORMATTED_VALUE") == "FORMATTED_VALUE"
    cells = grids.read(tab, area, formatted=formatted)
    rows, columns = grids.size(tab)
    shown = a1.shown(tab.title, area, rows=rows, columns=columns)
    return {"range": shown, "majorDimension": "ROWS"} | ({"values": cells} if cells else {})


def _write(book: GoogleBook, asked: dict[str, Any], option: str) -> dict[str, Any]:
    rows = asked.get("values")
    if option not in grids.INPUTS:
        raise answers.invalid("'valueInputOption' is required but not specified")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise answers.invalid("Invalid value at 'data.values'")
    tab, area = grids.located(book, str(asked.get("range", "")))
    return {
        "spreadsheetId": book.spreadsheet_id,
        "updatedRange": str(asked.get("range")),
        "updatedCells": grids.write(tab, area, rows, option=option),
    }


def _refusing(fault: GoogleFault | None) -> Refusal | None:
    return faults.REFUSING.get(fault.kind) if fault else None


def _refused(refusal: Refusal) -> HttpResponse:
    return JsonResponse(refusal.as_json(), status=refusal.code, headers=refusal.headers)


def _cut(request: HttpRequest) -> HttpResponse:
    http.cut(request.META.get("gunicorn.socket"))
    return HttpResponse(b"", status=500)  # nobody is left to read it


def _spoilt(request: HttpRequest, body: dict[str, Any], fault: GoogleFault | None) -> HttpResponse:
    """The answer as it leaves: late, torn or not at all, when a misfortune says so."""
    kind = fault.kind if fault else ""
    if fault and kind == "slow":
        clock.hold(fault.seconds)
    if kind in ("reset", "lost_answer"):
        return _cut(request)
    if kind == "html_answer":
        return HttpResponse(_HTML)
    text = json.dumps(body, ensure_ascii=False)
    whole = text[: len(text) // 2] if kind == "truncated_json" else text
    return HttpResponse(whole, content_type="application/json; charset=UTF-8")
