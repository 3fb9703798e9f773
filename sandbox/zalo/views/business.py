"""business.openapi.zalo.me: sending and asking. Business errors come with HTTP 200, as at Zalo."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from sandbox import clock, wire
from sandbox.models import Account
from sandbox.zalo import catalogue, creating, feedback, limits, quota, sending
from sandbox.zalo.answers import failed, succeeded
from sandbox.zalo.replies import BUSINESS, Host, Reply
from sandbox.zalo.views.guard import answers, asked_with, respond

Sender = Callable[..., Reply]


def sends(sender: Sender, host: Host) -> Callable[[HttpRequest], HttpResponse]:
    """The view of one way to send: `sender` is called with call, body and now, and sees to the token itself."""

    @csrf_exempt
    def view(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return JsonResponse(failed(-106))
        try:
            body = wire.body_object(request)
        except wire.NotJson:
            return JsonResponse(failed(host.body_not_json if request.body else host.body_empty))
        return respond(request, sender(call=asked_with(request, host), body=body, now=clock.now()))

    return view


send = sends(sending.send, BUSINESS)
send_hashed = sends(sending.send_hashed, BUSINESS)


@answers(BUSINESS)
def quota_numbers(request: HttpRequest, account: Account) -> dict[str, Any]:
    """GET /message/quota."""
    return succeeded(quota.standing(account, clock.now()))


@answers(BUSINESS)
def quality(request: HttpRequest, account: Account) -> dict[str, Any]:
    """GET /quality."""
    return succeeded({"oaCurrentQuality": account.quality_now, "oa7dayQuality": account.quality_7d})


@answers(BUSINESS)
def tags(request: HttpRequest, account: Account) -> dict[str, Any]:
    """GET /message/template-tag."""
    allowed = limits.tags_allowed(account.policy, account.daily_quota, account.allowed_tags)
    return succeeded([limits.TAG_NAMES[tag] for tag in allowed])


@answers(BUSINESS)
def message_status(request: HttpRequest, account: Account) -> dict[str, Any]:
    """GET /message/status?message_id=…"""
    return catalogue.status_of(account, request.GET.get("message_id", ""), clock.now())


@answers(BUSINESS)
def templates(request: HttpRequest, account: Account) -> dict[str, Any]:
    """GET /template/all?offset=0&limit=100&status=1&filterPreset=1."""
    return catalogue.page_of_templates(account, request.GET.dict())


@answers(BUSINESS)
def template_info(request: HttpRequest, account: Account) -> dict[str, Any]:
    """GET /template/info/v2?template_id=…"""
    return catalogue.detail(account, request.GET.get("template_id", ""), clock.now())


@answers(BUSINESS)
def template_info_v1(request: HttpRequest, account: Account) -> dict[str, Any]:
    """GET /template/info?template_id=…, the older one, whose prices are numbers and ids strings."""
    return catalogue.older_detail(account, request.GET.get("template_id", ""), clock.now())


@answers(BUSINESS)
def sample_data(request: HttpRequest, account: Account) -> dict[str, Any]:
    """GET /template/sample-data?template_id=…"""
    return catalogue.sample_data(account, request.GET.get("template_id", ""))


@answers(BUSINESS, "GET", "POST")
def ratings(request: HttpRequest, account: Account) -> dict[str, Any]:
    """POST /rating/get; Zalo's own sample mixes GET and POST, so both are heard."""
    return feedback.ratings(account, _asked(request), clock.now())


@answers(BUSINESS, "GET", "POST")
def responses(request: HttpRequest, account: Account) -> dict[str, Any]:
    """POST /response/get."""
    return feedback.clicks(account, _asked(request), clock.now())


@answers(BUSINESS, "POST")
def create_template(request: HttpRequest, account: Account) -> dict[str, Any]:
    """POST /template/create."""
    return creating.create(account, wire.body_object(request), clock.now())


@answers(BUSINESS, "POST")
def edit_template(request: HttpRequest, account: Account) -> dict[str, Any]:
    """POST /template/edit."""
    return creating.edit(account, wire.body_object(request), clock.now())


@answers(BUSINESS, "POST")
def upload_image(request: HttpRequest, account: Account) -> dict[str, Any]:
    """POST /upload/image, a form with `file`."""
    file = request.FILES.get("file")
    return creating.upload(account, file.read() if file else None, clock.now())


def _asked(request: HttpRequest) -> Mapping[str, Any]:
    """What a question asks for, in the address or, with POST and a body, in JSON."""
    return request.GET.dict() | (wire.body_object(request) if request.body else {})
