"""The patients' phones, for people and for programs."""

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sandbox import clock, wire
from sandbox.zalo import inbox, phones


@require_GET
def page(request: HttpRequest, phone: str = "") -> HttpResponse:
    """The page; to a poll of the page only what changes, or 204 when nothing did."""
    now = clock.now()
    search = request.GET.get("q", "")
    number = phones.canonical(phone)
    if phone and not number:
        raise Http404
    look = inbox.look(phone=number or "", search=search, now=now)
    if search.strip() and not any(map(str.isdigit, search)):  # no number has letters
        look = replace(look, phones=[], phone=number or "", chat=look.chat if number else [])
    polled = "HX-Request" in request.headers
    if polled and request.GET.get("seen") == look.version:
        return HttpResponse(status=204)
    context = {"inbox": look, "picked": bool(phone), "search": search, "clock_now": now, "polled": polled}
    return render(request, "sandbox/zalo/_inbox.html" if polled else "sandbox/zalo/inbox.html", context)


@require_GET
def as_json(request: HttpRequest) -> JsonResponse:
    """`?phone=84…` the messages of one phone, without it of all; `offset` and `limit` page through, at most 5000."""
    try:
        offset = int(request.GET.get("offset", 0))
        limit = int(request.GET.get("limit", inbox.MOST_IN_JSON))
    except ValueError:
        return wire.refuse("offset and limit are whole numbers")
    if offset < 0 or limit < 0:
        return wire.refuse("offset and limit are not negative")
    # A "+" typed in an address is a space by the time it gets here.
    phone = request.GET.get("phone", "").strip()
    found = inbox.rows(phone=phone, offset=offset, limit=limit, now=clock.now())
    return JsonResponse(found, safe=False, json_dumps_params={"ensure_ascii": False})
