"""GET /healthz for load balancers and pagers, GET /metrics for Prometheus: both read the database, nothing else."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from campaigns.health import measure
from integrations import clock


@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the database answers and sends move; 503 otherwise, with the figures that say why."""
    try:
        health = measure(now=clock.now(), wall=clock.wall())
    except DatabaseError:
        return JsonResponse({"database": "unreachable"}, status=503)
    return JsonResponse({"database": "ok", **health.as_json()}, status=503 if health.stuck else 200)


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """The same figures as gauges. They carry no clinic's name and no patient's."""
    registry = CollectorRegistry()
    for name, value in measure(now=clock.now(), wall=clock.wall()).as_json().items():
        gauge = Gauge(f"cdp_{name}", f"See /healthz: {name}", registry=registry)
        gauge.set(float("nan") if value is None else value)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
