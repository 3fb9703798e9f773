"""business.openapi.zalo.me: sending and asking. Business errors come with HTTP 200, as at Zalo."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from sandbox import clock, wire
from sandbox.models import Account
from sandbox.zalo import catalogue, limits, quota, sending
from sandbox.zalo.answers import failed, succeeded
from sandbox.zalo.views.guard import token_required


@csrf_exempt
def send(request: HttpRequest) -> HttpResponse:
    """POST /message/template."""
    if request.method != "POST":
        return JsonResponse(failed(-106))
    try:
        body = wire.body_object(request)
    except wire.NotJson:
        return JsonResponse(failed(-122 if request.body else -121))
    token = request.headers.get("access_token", "")
    return _spoilt(sending.send(access_token=token, body=body, now=clock.now()))


def _spoilt(reply: sending.Reply) -> HttpResponse:
    """The reply as it comes over a bad wire, when a fault says so."""
    fault = reply.fault
    match fault.kind if fault else "":
        case "http_429":
            return HttpResponse(
                "Too Many Requests", status=429, headers={"Retry-After": "1"}, content_type="text/plain"
            )
        case "http_500":
            return HttpResponse("Internal Server Error", status=500, content_type="text/plain")
        case "lost_answer":
            return HttpResponse(b"", status=500)
        case "truncated_json":
            whole = json.dumps(reply.body)
            return HttpResponse(whole[: len(whole) // 2], content_type="application/json")
        case "timeout_after_accept" if fault:
            clock.hold(fault.seconds)
    return JsonResponse(reply.body)


@token_required(-124)
def quota_numbers(request: HttpRequest, account: Account) -> JsonResponse:
    """GET /message/quota."""
    return JsonResponse(succeeded(quota.standing(account, clock.now())))


@token_required(-124)
def quality(request: HttpRequest, account: Account) -> JsonResponse:
    """GET /quality."""
    return JsonResponse(succeeded({"oaCurrentQuality": account.quality_now, "oa7dayQuality": account.quality_7d}))


@token_required(-124)
def tags(request: HttpRequest, account: Account) -> JsonResponse:
    """GET /message/template-tag."""
    allowed = limits.tags_allowed(account.policy, account.daily_quota, account.allowed_tags)
    return JsonResponse(succeeded([limits.TAG_NAMES[tag] for tag in allowed]))


@token_required(-124)
def message_status(request: HttpRequest, account: Account) -> JsonResponse:
    """GET /message/status?message_id=…"""
    return JsonResponse(catalogue.status_of(account, request.GET.get("message_id", ""), clock.now()))


@token_required(-124)
def templates(request: HttpRequest, account: Account) -> JsonResponse:
    """GET /template/all?offset=0&limit=100&status=1&filterPreset=1."""
    asked = request.GET
    return JsonResponse(
        catalogue.page_of_templates(
            account, offset=asked.get("offset", "0"), limit=asked.get("limit", "100"), status=asked.get("status", "")
        )
    )


@token_required(-124)
def template_info(request: HttpRequest, account: Account) -> JsonResponse:
    """GET /template/info/v2?template_id=…"""
    return JsonResponse(catalogue.detail(account, request.GET.get("template_id", "")))


@token_required(-124)
def sample_data(request: HttpRequest, account: Account) -> JsonResponse:
    """GET /template/sample-data?template_id=…"""
    return JsonResponse(catalogue.sample_data(account, request.GET.get("template_id", "")))
