"""oauth.zaloapp.com: the permission page and the token endpoint."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from sandbox import clock
from sandbox.models import Account
from sandbox.zalo import accounts

DOCS = "https://developers.zalo.me/docs/social-api/tham-khao/ma-loi"


@require_http_methods(["GET", "POST"])
def permission(request: HttpRequest) -> HttpResponse:
    """The page where an OA admin lets an app in; agreeing goes back to `redirect_uri` with `code`, `oa_id`, `state`."""
    asked = request.GET
    candidates = Account.objects.filter(app_id=asked.get("app_id", "")).order_by("name")
    if not candidates or not asked.get("redirect_uri", "").startswith(("http://", "https://")):
        problem = _refusal(-14003 if candidates else -14002)
        return render(request, "sandbox/zalo/permission.html", {"problem": problem}, status=400)
    if request.method == "GET":
        return render(request, "sandbox/zalo/permission.html", {"accounts": candidates})
    account = get_object_or_404(candidates, oa_id=request.POST.get("oa_id", ""))
    code = accounts.issue_code(oa_id=account.oa_id, code_challenge=asked.get("code_challenge", ""), now=clock.now())
    back = {"code": code, "oa_id": account.oa_id} | ({"state": asked["state"]} if "state" in asked else {})
    joint = "&" if "?" in asked["redirect_uri"] else "?"
    return HttpResponseRedirect(f"{asked['redirect_uri']}{joint}{urlencode(back)}")


@csrf_exempt
@require_POST
def access_token(request: HttpRequest) -> JsonResponse:
    """Exchange a code or refresh a pair. Refusals travel with HTTP 200 too (zalo-api §1)."""
    answer = accounts.grant(request.POST.dict(), secret_key=request.headers.get("secret_key", ""), now=clock.now())
    return JsonResponse(_refusal(answer) if isinstance(answer, int) else answer.as_json())


def _refusal(code: int) -> dict[str, int | str]:
    name, description = accounts.REFUSALS[code]
    return {"error": code, "error_name": name, "error_description": description, "error_reason": "", "ref_doc": DOCS}
