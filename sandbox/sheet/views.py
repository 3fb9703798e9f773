"""The pages of the practice sheet."""

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_safe

from sandbox import wire
from sandbox.models import PracticeSheet
from sandbox.sheet import services

PACKAGE = Path(settings.BASE_DIR) / "integrations/google_sheets/apps_script"


@require_safe
@never_cache
@ensure_csrf_cookie
def sheet_page(request: HttpRequest, slug: str = "") -> HttpResponse:
    """One practice sheet; without a slug the first one."""
    sheets = PracticeSheet.objects.order_by("pk")
    sheet = get_object_or_404(sheets, slug=slug) if slug else sheets.first()
    if sheet is None:
        return TemplateResponse(request, "sandbox/sheet/empty.html")
    return TemplateResponse(request, "sandbox/sheet/sheet.html", {"sheet": sheet, "sheets": sheets})


@require_http_methods(["PUT", "POST"])
def save(request: HttpRequest, slug: str) -> JsonResponse:
    """Keep what the page shows: {"revision": 7, "rows": [["KH001", …], …], "columns": ["Mã khách hàng", …]}."""
    sheet = get_object_or_404(PracticeSheet, slug=slug)
    try:
        body = wire.body_object(request)
        kept = services.save_rows(
            sheet=sheet, revision=int(body["revision"]), rows=body["rows"], columns=body.get("columns")
        )
    except (wire.NotJson, KeyError, TypeError, ValueError) as problem:
        return wire.refuse(str(problem))
    if not kept:
        return JsonResponse({"error": "Trang tính đã được sửa ở nơi khác"}, status=409)
    return JsonResponse({"revision": sheet.revision})


@require_safe
@never_cache
def code_gs(request: HttpRequest) -> HttpResponse:
    """The very files that clinics install, in one; read as text, since the sandbox imports nothing of the product."""
    files = sorted(PACKAGE.glob("*.gs"))
    if not files:
        raise Http404("Code.gs")
    code = "\n".join(path.read_text() for path in files)
    return HttpResponse(code, content_type="application/javascript; charset=utf-8")
