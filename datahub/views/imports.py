"""Nhập tệp: from the upload to the last row, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.pages import page_or_fragment
from accounts.roles import Ability
from datahub.files.encodings import NAMES
from datahub.files.problems import FileProblem
from datahub.files.reading import Look, changed
from datahub.forms.imports import MappingForm, ReadingForm, UploadForm
from datahub.imports import orders
from datahub.imports.mapping import FileMapping
from datahub.imports.trials import Trial, trial
from datahub.imports.uploads import preview, reread, same_before, upload
from datahub.imports.verdicts import progress, verdicts
from datahub.models import FileImport
from datahub.tables import schema_of
from datahub.views.tabs import tabs
from integrations import clock

PAGE_SIZE = 25
SHOWN = 20
_ORDERS: dict[str, tuple[Callable[..., bool], Any]] = {
    "pause": (orders.pause, gettext_lazy("Đã tạm dừng. Các dòng đã nhập vẫn giữ nguyên.")),
    "resume": (orders.resume, gettext_lazy("Đang chạy tiếp từ dòng còn lại.")),
    "stop": (orders.stop, gettext_lazy("Đã dừng hẳn. Các dòng đã nhập vẫn giữ nguyên.")),
    "undo": (orders.take_back, gettext_lazy("Đang hoàn tác.")),
}


@require_http_methods(["GET", "POST"])
@requires(Ability.SEE_CONTACTS)
def imports(request: MemberRequest) -> HttpResponse:
    """Choosing a file, and the files of before."""
    form = UploadForm(request.POST or None, request.FILES or None, workspace=request.workspace)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        found = upload(
            dataset=form.cleaned_data["dataset"],
            name=file.name,
            pieces=file.chunks(),
            by=request.user,
            now=clock.now(),
        )
        if not isinstance(found, FileProblem):
            return redirect("datahub:import", found.pk)
        form.add_error("file", found.message)
    earlier = FileImport.objects.filter(workspace=request.workspace).select_related("source__dataset", "by")
    page = Paginator(earlier.order_by("-id"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "tab": "imports", **tabs(request.workspace)}
    return render(request, "datahub/imports.html", context)


@require_GET
@requires(Ability.SEE_CONTACTS)
def file_import(request: MemberRequest, import_id: int) -> HttpResponse:
    """One file: its columns before it is taken in, its progress meanwhile, and what became of it."""
    found = _fetch(request, import_id)
    if found.state == FileImport.State.UPLOADED:
        return _mapping_page(request, found)
    context: dict[str, Any] = {"import": found, "progress": progress(found), "tab": "imports"}
    context |= {"wrong": verdicts(found, accepted=False)[:SHOWN], "odd": verdicts(found, accepted=True)[:SHOWN]}
    around = {} if request.htmx else tabs(request.workspace)
    return page_or_fragment(request, "datahub/import.html", "datahub/_import.html", context | around)


@require_POST
@requires(Ability.SEE_CONTACTS)
def choose(request: MemberRequest, import_id: int) -> HttpResponse:
    """Read the file otherwise, try its first rows, or begin."""
    found = _fetch(request, import_id)
    if found.state != FileImport.State.UPLOADED:
        return redirect("datahub:import", found.pk)
    if request.POST.get("do") == "reread":
        return _reread(request, found)
    form = _mapping_form(found, request.POST)
    if not form.is_valid():
        return _mapping_page(request, found, form)
    orders.choose(found, form.mapping, is_history=form.is_history)
    problems = list(form.mapping.problems(schema_of(found.source.dataset)))
    for problem in problems:
        form.add_error(None, problem)
    if problems or request.POST.get("do") != "start":
        return _mapping_page(request, found, form, None if problems else trial(found, clock.now()))
    orders.start(found, by=request.user, now=clock.now())
    return redirect("datahub:import", found.pk)


@require_POST
@requires(Ability.SEE_CONTACTS)
def order(request: MemberRequest, import_id: int, what: str) -> HttpResponse:
    """Pause, go on, stop, take back."""
    found = _fetch(request, import_id)
    do, done = _ORDERS[what]
    if do(found, by=request.user, now=clock.now()):
        messages.success(request, done)
    else:
        messages.info(request, _("Việc nhập tệp này đã sang bước khác, hãy xem trạng thái bên dưới."))
    return redirect("datahub:import", found.pk)


def _fetch(request: MemberRequest, import_id: int) -> FileImport:
    found = FileImport.objects.select_related("source__dataset", "workspace", "by")
    return fetch(found.prefetch_related("source__dataset__fields"), request, id=import_id)


def _reread(request: MemberRequest, found: FileImport) -> HttpResponse:
    seen = preview(found)
    if not isinstance(seen, FileProblem):
        asked = {name: request.POST.get(name, "") for name in ("sheet", "separator", "header")}
        seen = reread(
            found, changed(seen.reading, **asked), find_header="sheet" in request.POST and _other(asked, seen)
        )
    if isinstance(seen, FileProblem):
        messages.error(request, seen.message)
    return redirect("datahub:import", found.pk)


def _other(asked: dict[str, str], seen: Look) -> bool:
    """Another sheet has a header of its own."""
    return asked["sheet"] != seen.reading.sheet


def _mapping_form(found: FileImport, data: Any = None) -> MappingForm:
    mapping, schema = FileMapping.from_json(found.mapping), schema_of(found.source.dataset)
    return MappingForm(data, mapping=mapping, schema=schema, is_history=found.is_history)


def _mapping_page(
    request: MemberRequest, found: FileImport, form: MappingForm | None = None, tried: Trial | FileProblem | None = None
) -> HttpResponse:
    seen = preview(found)
    if isinstance(seen, FileProblem):
        messages.error(request, seen.message)
        return redirect("datahub:imports")
    form = form or _mapping_form(found)
    context = {
        "import": found,
        "seen": seen,
        "same": same_before(found),
        "reading_form": ReadingForm(seen=seen),
        "form": form,
        "columns": form.columns(seen),
        "encoding": NAMES.get(seen.reading.encoding, ""),
        "trial": tried,
        "tab": "imports",
        **tabs(request.workspace),
    }
    return render(request, "datahub/import_mapping.html", context)
