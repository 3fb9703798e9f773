"""What the people behind the phones do, from the inbox page and from scripts; and the webhook page of Zalo's console."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from sandbox import clock, wire
from sandbox.models import Account
from sandbox.zalo import acting, outbox, services


@csrf_exempt
@require_POST
def people(request: HttpRequest) -> HttpResponse:
    """A deed, {"phone", "does", …} as `acting.act` takes it; or what a person does by themselves with each message that
    arrives: {"phone", "rates"?: 1 to 5 or null, "clicks"?, "reports"?}.
    """
    try:
        asked = wire.asked(request)
        if "does" in asked:
            done = acting.act(asked, clock.now())
        else:
            services.set_habits(
                phone=str(asked.get("phone", "")),
                rates=asked.get("rates"),
                clicks=bool(asked.get("clicks")),
                reports=bool(asked.get("reports")),
            )
            done = True
    except (wire.NotJson, ValueError) as problem:
        return wire.refuse(str(problem))
    if wire.is_form(request):
        return HttpResponseRedirect(wire.way_back(request, reverse("sandbox:inbox")))
    return JsonResponse({"done": done})


@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """{"oa_id", "url"}: saved only if the address answers an unsigned probe with 200, as in Zalo's console."""
    try:
        asked = wire.asked(request)
    except wire.NotJson as problem:
        return wire.refuse(str(problem))
    account = get_object_or_404(Account, oa_id=str(asked.get("oa_id", "")))
    return JsonResponse({"saved": outbox.save_webhook(account, str(asked.get("url", "")))})
