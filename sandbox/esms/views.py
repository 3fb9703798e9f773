"""rest.esms.vn, and what came to the phones."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from sandbox import clock, wire
from sandbox.esms import services
from sandbox.zalo.views.guard import respond


@csrf_exempt
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """POST /MainService.svc/json/SendMultipleMessage_V4_post_json/. Refusals come with HTTP 200."""
    try:
        body = wire.body_object(request)
    except wire.NotJson:
        return JsonResponse({"error": "Invalid request"})
    return respond(request, services.send(body, clock.now()))


@require_GET
def as_json(request: HttpRequest) -> JsonResponse:
    """`?phone=84…` the SMS of one phone; without it all."""
    # A "+" typed in an address is a space by the time it gets here.
    found = services.listed(request.GET.get("phone", "").strip())
    return JsonResponse(found, safe=False, json_dumps_params={"ensure_ascii": False})
