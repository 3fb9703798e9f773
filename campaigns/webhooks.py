"""Where Zalo calls us: check the signature, store, answer at once. The tick does the rest."""

from __future__ import annotations

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
    accounts = list(OfficialAccount.objects.filter(app_id=app_id))
    if not accounts:
        return _no(404, "unknown_app", "Không có Official Account nào được kết nối bằng ứng dụng này.")
    header = request.headers.get("X-ZEvent-Signature", "")
    if not header:
        # Zalo tests a new address with an unsigned call and takes nothing but 200; we take nothing from it.
        return JsonResponse({"received": False})
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY:
        return _no(413, "too_large", f"Nội dung lớn hơn {MAX_BODY} byte.")
    event = events.parse(request.body)
    if event is None:
        return _no(400, "not_an_event", "Nội dung không phải một sự kiện của Zalo (cần JSON có event_name).")
    account = next((each for each in accounts if each.oa_id == event.oa_id), None)
    if account is None:
        return _no(404, "unknown_oa", "Official Account trong sự kiện không được kết nối bằng ứng dụng này.")
    if not events.is_signed(event, app_id=app_id, raw=request.body, header=header, secret=account.oa_secret_key):
        return _no(401, "bad_signature", "Chữ ký không khớp: kiểm tra OA Secret Key.")
    receipts.store(account=account, event=event, now=clock.now())
    return JsonResponse({"received": True})
