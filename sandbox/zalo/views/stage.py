"""Behind the scenes: scripting faults and people. For tests, trainers and the inbox page."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from sandbox import wire
from sandbox.zalo import faults, services


@csrf_exempt
@require_http_methods(["GET", "POST", "DELETE"])
def faults_page(request: HttpRequest) -> HttpResponse:
    """GET lists, POST adds one (`faults.parse` says which fields), DELETE or POST {"clear": true} forgets all."""
    try:
        asked = wire.body_object(request) if request.method == "POST" else {"clear": request.method == "DELETE"}
        if asked.get("clear"):
            faults.clear()
        elif request.method == "POST":
            faults.add(faults.parse(asked))
    except (wire.NotJson, ValueError) as problem:
        return wire.refuse(str(problem))
    return JsonResponse({"faults": faults.listed(), "kinds": faults.KINDS})


@csrf_exempt
@require_POST
def recipients(request: HttpRequest) -> HttpResponse:
    """Say how the person behind a phone is: {"phone", "on_zalo"?, "blocked"?, "reachable"?, "refusal"?}."""
    try:
        asked = wire.asked(request)
        traits = {name: str(asked[name]).lower() in ("true", "1", "on") for name in _TRAITS & asked.keys()}
        services.set_recipient(phone=str(asked.get("phone", "")), refusal=int(asked.get("refusal", 0)), **traits)
    except (wire.NotJson, ValueError) as problem:
        return wire.refuse(str(problem))
    if wire.is_form(request):
        return HttpResponseRedirect(wire.way_back(request, reverse("sandbox:inbox")))
    return JsonResponse({"ok": True})


_TRAITS = {"on_zalo", "blocked", "reachable"}
