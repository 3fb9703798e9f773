"""Where Zalo calls us: check the signature, store, answer at once. The tick does the rest."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from campaigns import receipts
from integrations import clock
from integrations.models import OfficialAccount
from integrations.zalo import events

logger = logging.getLogger(__name__)

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
    if not _is_zalos(account, app_id, event, body, header):
        receipts.note_forged(account, clock.now())
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


def _is_zalos(account: OfficialAccount, app_id: str, event: events.Event, body: bytes, header: str) -> bool:
    signers = [app_id, account.oa_id] if settings.ZALO_WEBHOOK_ACCEPTS_OA_ID else [app_id]
    signer = events.signed_by(event, signers=signers, raw=body, header=header, secret=account.oa_secret_key)
    if signer == account.oa_id:
        logger.warning("zalo: account %s signs its events with its own id, not its app's", account.oa_id)
    return bool(signer)


def _account(app_id: str, event: events.Event) -> OfficialAccount | None:
    """The connected account that the event names: only those it may mean are read, and of them only what is asked for."""
    of_app = OfficialAccount.objects.filter(app_id=app_id).only("oa_id", "oa_secret_key")
    if not event.oa_ids:
        # Zalo shows no sample of some events; one that names nobody means the app's account where there is just one.
        only = list(of_app[:2])
        return only[0] if len(only) == 1 else None
    named = of_app.filter(oa_id__in=event.oa_ids)
    return min(named, key=lambda account: event.oa_ids.index(account.oa_id), default=None)
