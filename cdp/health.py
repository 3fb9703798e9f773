"""GET /healthz for load balancers and pagers, GET /metrics for Prometheus: both read the database, nothing else."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from campaigns.health import measure, measure_accounts
from integrations import clock

_ACCOUNT = {
    "blocked": "1 while Zalo refuses the account: nothing is sent until a person acts",
    "grant_refused": "1 once Zalo refused to refresh the token: sends fail within hours unless it is connected again",
    "brake": "0 none, 1 slow, 2 promotion held, 3 only transactions",
    "reports_left": "Reports of today until Zalo's penalty; NaN for an unlimited account",
    "quota_drift": "Messages of today by our count less Zalo's; NaN until Zalo told its own",
    "sync_age_s": "Seconds since Zalo last told its numbers; NaN if never",
}


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
    """The same figures as gauges, and some for each Official Account. They carry no clinic's name and no patient's."""
    now, registry = clock.now(), CollectorRegistry()
    for name, figure in measure(now=now, wall=clock.wall()).as_json().items():
        gauge = Gauge(f"cdp_{name}", f"See /healthz: {name}", registry=registry)
        gauge.set(_number(figure))
    gauges = {
        name: Gauge(f"cdp_account_{name}", text, ["account"], registry=registry) for name, text in _ACCOUNT.items()
    }
    for account in measure_accounts(now=now):
        for name, value in account.as_gauges().items():
            gauges[name].labels(account.account).set(_number(value))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
