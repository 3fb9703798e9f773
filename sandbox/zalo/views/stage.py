"""Behind the scenes: faults, people, accounts and templates. For tests, trainers and the inbox page."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sandbox import clock, wire
from sandbox.models import Account, Template
from sandbox.zalo import described, faults, services, traits


@csrf_exempt
@require_http_methods(["GET", "POST", "DELETE"])
def faults_page(request: HttpRequest) -> HttpResponse:
    """GET lists, POST adds one (`faults.parse` says which fields), DELETE or POST {"clear": true} forgets all."""
    return wire.script_faults(request, faults)


@csrf_exempt
@require_POST
def recipients(request: HttpRequest) -> HttpResponse:
    """Say how the person behind a phone is: {"phone", "on_zalo"?, "blocked"?, "reachable"?, "refusal"?}."""
    try:
        asked = wire.asked(request)
        person = {name: str(asked[name]).lower() in ("true", "1", "on") for name in _OF_A_PERSON & asked.keys()}
        services.set_recipient(phone=str(asked.get("phone", "")), refusal=int(asked.get("refusal", 0)), **person)
    except (wire.NotJson, ValueError) as problem:
        return wire.refuse(str(problem))
    if wire.is_form(request):
        return HttpResponseRedirect(wire.way_back(request, reverse("sandbox:inbox")))
    return JsonResponse({"ok": True})


@require_GET
def description(request: HttpRequest) -> JsonResponse:
    """All of this Zalo in OpenAPI 3.1."""
    return JsonResponse(described.document(), json_dumps_params={"ensure_ascii": False})


@csrf_exempt
@require_http_methods(["GET", "POST"])
def accounts_page(request: HttpRequest) -> HttpResponse:
    """GET shows every account as it is and what each trait takes; POST {"oa_id", trait: value, …} sets some."""
    return _set(request, Account.objects.order_by("id"), "oa_id", traits.ACCOUNT, traits.set_account)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def templates_page(request: HttpRequest) -> HttpResponse:
    """The reviewer's desk. GET shows every template; POST {"template_id", "status"?, "reason"?, …} decides on one."""
    found = Template.objects.select_related("account").order_by("id")
    return _set(request, found, "template_id", traits.TEMPLATE, traits.set_template)


def _set(request: HttpRequest, rows: Any, key: str, fields: dict[str, traits.Field], put: Any) -> HttpResponse:
    if request.method == "POST":
        try:
            asked = wire.body_object(request)
            row = rows.filter(**{key: str(asked.get(key, ""))}).first()
            if row is None:
                return wire.refuse(f"{key} {asked.get(key, '')} is unknown")
            put(row, asked, clock.now())
        except (wire.NotJson, ValueError) as problem:
            return wire.refuse(str(problem))
    shown = [traits.shown(row, fields, key=key) for row in rows.all()]
    takes = {name: field.takes for name, field in fields.items()}
    return JsonResponse({"are": shown, "fields": takes}, json_dumps_params={"ensure_ascii": False})


_OF_A_PERSON = {"on_zalo", "blocked", "reachable"}
