"""The sandbox clock over HTTP."""

import math
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sandbox import clock, vietnam, wire

FURTHEST_S = 400 * 86_400  # more in one step is a slip of the finger, not training


@csrf_exempt
@require_http_methods(["GET", "POST"])
def clock_page(request: HttpRequest) -> HttpResponse:
    """GET tells the time; POST {"advance_s": 7200}, {"advance_h": 2} or {"to": "09:00"} (Vietnam) moves it forward."""
    if request.method == "POST":
        try:
            step = _step(wire.asked(request))
        except (wire.NotJson, ValueError) as problem:
            return wire.refuse(str(problem))
        clock.advance(step)
        if wire.is_form(request):
            return HttpResponseRedirect(wire.way_back(request, reverse("sandbox:inbox")))
    return JsonResponse({"now": clock.now().isoformat(), "offset_s": clock.offset()})


def _step(asked: dict[str, Any]) -> float:
    """Seconds to move, or ValueError with the sentence for whoever asked."""
    if "to" in asked:
        step = vietnam.seconds_until(clock.now(), str(asked["to"]))
        if step is None:
            raise ValueError(f'"to" phải là giờ trong ngày dạng HH:MM, không phải "{asked["to"]}"')
        return step
    unit = 3600 if "advance_h" in asked else 1
    value = asked.get("advance_h", asked.get("advance_s"))
    try:
        step = float(str(value).replace(",", ".")) * unit
    except ValueError:
        raise ValueError('Cần "advance_s" (số giây), "advance_h" (số giờ) hoặc "to" ("HH:MM")') from None
    if not math.isfinite(step) or not 0 <= step <= FURTHEST_S:
        raise ValueError("Đồng hồ luyện tập chỉ đi tới, mỗi lần từ 0 giây đến 400 ngày")
    return step
