"""Where Zalo calls us: check the signature, store, answer at once. The tick does the rest."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from campaigns import receipts
from integrations import clock
from integrations.models import OfficialAccount
from integrations.zalo import events

MAX_BODY = 256_000


def _no(status: int, code: str, sentence: str) -> JsonResponse:
    return JsonResponse({"error": code, "message": sentence}, status=status)


@csrf_exempt
@require_POST
def zalo_webhook(request: HttpRequest, app_id: str) -> JsonResponse:
    """Answers 200 within Zalo's two seconds; 404 for an app nobody connected, 401 for a signature that is not Zalo's."""
    # PostgreSQL refuses to be asked for a text with control characters in it.
    if not app_id.isprintable() or not OfficialAccount.objects.filter(app_id=app_id).exists():
        return _no(404, "unknown_app", "Không có Official Account nào được kết nối bằng ứng dụng này.")
    header = request.headers.get("X-ZEvent-Signature", "")
    if not header:
        # Zalo tests a new address with an unsigned call and takes nothing but 200; we take nothing from it.
        return JsonResponse({"received": False})
    body = _body(request)
    if body is None:
        return _no(413, "too_large", f"Nội dung lớn hơn {MAX_BODY} byte.")
    event = events.parse(body)
    if event is None:
        return _no(400, "not_an_event", "Nội dung không phải một sự kiện của Zalo (cần JSON có event_name).")
    account = _account(app_id, event)
    if account is None:
        return _no(404, "unknown_oa", "Official Account trong sự kiện không được kết nối bằng ứng dụng này.")
    if not events.is_signed(event, app_id=app_id, raw=body, header=header, secret=account.oa_secret_key):
        return _no(401, "bad_signature", "Chữ ký không khớp: kiểm tra OA Secret Key.")
    receipts.store(account=account, event=events.for_account(event, account.pk), now=clock.now())
    return JsonResponse({"received": True})


def _body(request: HttpRequest) -> bytes | None:
    """The raw body, or None where it is larger than any event."""
    try:
        body = request.body
    except RequestDataTooBig:
        return None
    except ValueError:  # a Content-Length that is no number: Django reads nothing
        return b""
    return body if len(body) <= MAX_BODY else None


def _account(app_id: str, event: events.Event) -> OfficialAccount | None:
    """The connected account that the event names: only those it may mean are read, since each is decrypted."""
    named = OfficialAccount.objects.filter(app_id=app_id, oa_id__in=event.oa_ids)
    return min(named, key=lambda account: event.oa_ids.index(account.oa_id), default=None)
