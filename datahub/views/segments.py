"""Phân khúc: the list with its counts, making and changing one, taking one away and bringing it back."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.roles import Ability
from datahub import segments
from datahub.conditions import AllOf, Tree
from datahub.filtering import words
from datahub.filtering.check import Problem, read
from datahub.filtering.form import FilterForm
from datahub.forms.records import RecordFilter
from datahub.forms.segments import SegmentForm
from datahub.models import Dataset, Segment
from datahub.text import FieldError
from datahub.views.tabs import tabs
from integrations import clock
from integrations.vietnam import local

PAGE_SIZE = 20


@require_GET
@requires(Ability.VIEW)
def segment_list(request: MemberRequest, dataset_id: int) -> HttpResponse:
    """A table's segments, each with what it asks and how many are in it now."""
    dataset = fetch(Dataset.objects.all(), request, id=dataset_id)
    live = dataset.segments.filter(removed_at=None).order_by("name", "id")
    page = Paginator(live, PAGE_SIZE).get_page(request.GET.get("page"))
    removed = request.GET.get("removed", "")
    context = {
        "dataset": dataset,
        "page": page,
        "listed": segments.listed(dataset, page.object_list, local(clock.now()).date()),
        "removed": dataset.segments.exclude(removed_at=None).filter(pk=removed).first()
        if removed.isdecimal()
        else None,
    }
    return render(request, "datahub/segments.html", context | _around(request))


@require_GET
@requires(Ability.VIEW)
def count(request: MemberRequest, segment_id: int) -> HttpResponse:
    """How many records are in one segment, where counting all of a page's took too long."""
    [line] = segments.listed((found := _fetch(request, segment_id)).dataset, [found], local(clock.now()).date())
    return render(request, "datahub/_segment_count.html", {"row": line})


@require_http_methods(["GET", "POST"])
@requires(Ability.MANAGE_CAMPAIGNS)
def new(request: MemberRequest, dataset_id: int) -> HttpResponse:
    """A new segment, from nothing or from what the records page is narrowed by."""
    dataset = fetch(Dataset.objects.prefetch_related("fields"), request, id=dataset_id)
    today = local(clock.now()).date()
    asked = RecordFilter(request.GET, dataset=dataset, today=today)
    if asked.trouble and request.method == "GET":
        messages.error(request, asked.trouble)
    return _edit(request, dataset, FilterForm(dataset, asked.tree(), today, request.POST or None))


@require_http_methods(["GET", "POST"])
@requires(Ability.MANAGE_CAMPAIGNS)
def segment(request: MemberRequest, segment_id: int) -> HttpResponse:
    """Change a segment's name and filter."""
    found = _fetch(request, segment_id)
    tree = read(found.tree)
    before: Tree = AllOf() if isinstance(tree, Problem) else tree
    if isinstance(tree, Problem) and request.method == "GET":
        messages.error(request, words.problem(tree))
    form = FilterForm(found.dataset, before, local(clock.now()).date(), request.POST or None)
    return _edit(request, found.dataset, form, found)


def _edit(request: MemberRequest, dataset: Dataset, filter: FilterForm, segment: Segment | None = None) -> HttpResponse:
    # A button of the filter sends the whole form, which is not to be judged yet.
    is_sent = request.method == "POST" and not filter.action
    named = request.POST.get("name", segment.name if segment else "")
    form = SegmentForm(request.POST if is_sent else None, initial={"name": named})
    if is_sent and form.is_valid() and filter.is_valid():
        saved = segments.save(
            dataset=dataset,
            name=form.cleaned_data["name"],
            tree=filter.tree,
            actor=request.user,
            now=clock.now(),
            segment=segment,
        )
        if not isinstance(saved, FieldError):
            messages.success(request, _("Đã lưu phân khúc “%(name)s”.") % {"name": saved.name})
            return redirect("datahub:segments", dataset.pk)
        form.add_error("name", saved.message)
    context = {"dataset": dataset, "form": form, "filter": filter, "segment": segment}
    return render(request, "datahub/segment.html", context | _around(request))


@require_POST
@requires(Ability.MANAGE_CAMPAIGNS)
def remove(request: MemberRequest, segment_id: int) -> HttpResponse:
    """Take a segment away; the list offers to bring it back."""
    found = _fetch(request, segment_id)
    segments.remove(segment=found, actor=request.user, now=clock.now())
    response = redirect("datahub:segments", found.dataset_id)
    response["Location"] += f"?removed={found.pk}"
    return response


@require_POST
@requires(Ability.MANAGE_CAMPAIGNS)
def restore(request: MemberRequest, segment_id: int) -> HttpResponse:
    """Bring back a segment that was taken away."""
    found = fetch(Segment.objects.select_related("workspace").exclude(removed_at=None), request, id=segment_id)
    if segments.bring_back(segment=found, actor=request.user, now=clock.now()):
        messages.success(request, _("Đã khôi phục phân khúc “%(name)s”.") % {"name": found.name})
    else:
        text = _("Đã có phân khúc khác tên “%(name)s”. Hãy đổi tên phân khúc đó rồi khôi phục lại.")
        messages.error(request, text % {"name": found.name})
    return redirect("datahub:segments", found.dataset_id)


def _fetch(request: MemberRequest, segment_id: int) -> Segment:
    live = Segment.objects.filter(removed_at=None).select_related("workspace", "dataset__workspace")
    return fetch(live, request, id=segment_id)


def _around(request: MemberRequest) -> dict[str, object]:
    return {"tab": "segments", **tabs(request.workspace)}
