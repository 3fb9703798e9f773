"""oauth.zaloapp.com: the permission page and the token endpoint."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sandbox import clock
from sandbox.models import Account
from sandbox.zalo import accounts
from sandbox.zalo.views.guard import respond

PAGE = "sandbox/zalo/permission.html"


@require_http_methods(["GET", "POST"])
def permission(request: HttpRequest) -> HttpResponse:
    """The page where an OA admin lets an app in; agreeing goes back to `redirect_uri` with `code`, `oa_id`, `state`."""
    asked = request.GET
    if problem := accounts.permission_problem(asked.dict()):
        return redirect(f"{reverse('sandbox:permission_error')}?error_code={problem}")
    candidates = Account.objects.filter(
        app_id=asked.get("app_id", ""), redirect_uri__in=("", asked.get("redirect_uri", ""))
    ).order_by("name")
    if request.method == "GET":
        return render(request, PAGE, {"accounts": candidates})
    account = get_object_or_404(candidates, oa_id=request.POST.get("oa_id", ""))
    code = accounts.issue_code(oa_id=account.oa_id, code_challenge=asked.get("code_challenge", ""), now=clock.now())
    back = {"code": code, "oa_id": account.oa_id} | ({"state": asked["state"]} if "state" in asked else {})
    joint = "&" if "?" in asked["redirect_uri"] else "?"
    return HttpResponseRedirect(f"{asked['redirect_uri']}{joint}{urlencode(back)}")


@require_GET
def permission_error(request: HttpRequest) -> HttpResponse:
    """Where the permission page sends whom it refuses, as /v4/permission/error?error_code=-14003."""
    code = request.GET.get("error_code", "")
    known = {str(code): accounts.refusal(code) for code in accounts.REFUSALS}
    return render(request, PAGE, {"problem": known.get(code, accounts.refusal(0) | {"error": code})}, status=400)


@csrf_exempt
@require_POST
def access_token(request: HttpRequest) -> HttpResponse:
    """Exchange a code or refresh a pair. Refusals travel with HTTP 200 too (zalo-api §1)."""
    secret_key = request.headers.get("secret_key", "")
    return respond(request, accounts.grant(request.POST.dict(), secret_key=secret_key, now=clock.now()))
