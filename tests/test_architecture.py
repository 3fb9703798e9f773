"""The house keeps its laws, and each law would notice if it did not."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import get_resolver, include, path
from django.views.i18n import set_language
from ninja import NinjaAPI

from accounts.access import requires
from accounts.roles import Ability
from datahub.api.door import TokenAuth
from tests.architecture import imports, pages, shape
from tests.architecture.project import ROOT, Project

LAWS = [
    imports.layers,
    imports.sandbox_stands_alone,
    imports.private_parts,
    imports.pure_files,
    imports.one_clock,
    imports.clock_at_edges,
    imports.one_network,
    imports.no_signals,
    shape.small_files,
    shape.small_functions,
    shape.no_save_overrides,
    shape.no_print,
    pages.no_inline_code,
    pages.objects_through_the_gate,
]
PURE = '"""PURE. Rules."""\n'
LONG_FUNCTION = "def f():\n" + "    x = 1\n" * 50
FUNCTION_OF_31 = "def f():\n" + "    x = 1\n" * 30

BROKEN = [
    (imports.layers, "datahub/tables.py", "from campaigns import models"),
    (imports.layers, "accounts/access.py", "def f():\n    import integrations.clock"),
    (imports.layers, "campaigns/tick.py", "from cdp.celery import app"),
    (imports.layers, "integrations/zalo/api.py", "from ...datahub import models"),
    (imports.sandbox_stands_alone, "sandbox/views.py", "from accounts.models import User"),
    (imports.sandbox_stands_alone, "integrations/registry.py", "from sandbox import zalo"),
    (imports.private_parts, "campaigns/progress.py", "from datahub.forms import RecordForm"),
    (imports.private_parts, "cdp/urls.py", "from accounts import views"),
    (imports.private_parts, "cdp/health.py", "from campaigns.forms.caps import CapsForm"),
    (imports.pure_files, "campaigns/states.py", '"""States."""'),
    (imports.pure_files, "campaigns/due.py", PURE + "from django.conf import settings"),
    (imports.pure_files, "campaigns/due.py", PURE + "from datetime import datetime\ndatetime.now()"),
    (imports.pure_files, "campaigns/due.py", PURE + "import socket"),
    (imports.pure_files, "campaigns/due.py", PURE + "from urllib.request import urlopen"),
    (imports.pure_files, "campaigns/due.py", PURE + "from campaigns.guard import reserve"),
    (imports.one_clock, "campaigns/guard.py", "import datetime as dt\ndt.datetime.now(dt.UTC)"),
    (imports.one_clock, "campaigns/guard.py", "from django.utils import timezone\nrun(clock=timezone.now)"),
    (imports.one_clock, "campaigns/guard.py", "from django.utils.timezone import localdate\nlocaldate()"),
    (imports.one_clock, "campaigns/guard.py", "from time import time\ntime()"),
    (imports.one_clock, "campaigns/guard.py", "import time\ntime.monotonic()"),
    (imports.one_clock, "campaigns/reports.py", "from django.db.models.functions import Now\nNow()"),
    (imports.clock_at_edges, "campaigns/guard.py", "from integrations import clock"),
    (imports.clock_at_edges, "datahub/tables.py", "from integrations.clock import now"),
    (imports.clock_at_edges, "datahub/apiary.py", "from integrations.clock import now"),
    (imports.one_network, "integrations/zalo/api.py", "import requests"),
    (imports.one_network, "sandbox/sheet/views.py", "from http.client import HTTPConnection"),
    (imports.one_network, "datahub/linked/pulls.py", "import gspread"),
    (imports.one_network, "integrations/google_sheets/protocol.py", "from google.auth import default"),
    (imports.no_signals, "datahub/apps.py", "from django.db.models.signals import post_save"),
    (imports.no_signals, "datahub/apps.py", "from django.db.models import signals"),
    (imports.no_signals, "datahub/apps.py", "from django.dispatch import receiver"),
    (shape.small_files, "datahub/tables.py", "x = 1\n" * 301),
    (shape.small_files, "templates/base.html", "<p>\n" * 301),
    (shape.small_files, "datahub/tables.py", "x = 1\n" * 121),
    (shape.small_functions, "datahub/tables.py", LONG_FUNCTION),
    (shape.small_functions, "datahub/tables.py", FUNCTION_OF_31),
    (shape.no_save_overrides, "datahub/models.py", "class Record(Base):\n    def save(self): ..."),
    (shape.no_save_overrides, "datahub/rows.py", "class Record(models.Model):\n    def delete(self): ..."),
    (shape.no_print, "datahub/tables.py", "print('x')"),
    (pages.no_inline_code, "templates/a.html", "<script>alert(1)</script>"),
    (pages.no_inline_code, "templates/a.html", '<p class="{% if a > b %}x{% endif %}"\n style="color: red">'),
    (pages.no_inline_code, "templates/a.html", "<a href=# onclick='go()'>"),
    (pages.no_inline_code, "templates/a.html", '<a hx-on:click="go()">'),
    (pages.no_inline_code, "templates/a.html", '<a href="javascript:go()">'),
    (pages.no_inline_code, "templates/a.html", "<style>p { color: red }</style>"),
    (pages.objects_through_the_gate, "datahub/views.py", "Record.objects.get(id=1)"),
    (
        pages.objects_through_the_gate,
        "campaigns/views/runs.py",
        "from django.shortcuts import get_object_or_404 as f\nf(Run)",
    ),
]

KEPT = [
    (imports.layers, "cdp/urls.py", "import campaigns.webhooks\nfrom accounts.models import User"),
    (imports.sandbox_stands_alone, "cdp/urls.py", "from sandbox import urls"),
    (imports.private_parts, "campaigns/urls.py", "from campaigns.views import runs"),
    (imports.private_parts, "campaigns/views/quota.py", "from campaigns.forms.caps import CapsForm"),
    (
        imports.pure_files,
        "campaigns/due.py",
        PURE + "from datetime import datetime, time\nfrom urllib.parse import quote",
    ),
    (imports.pure_files, "campaigns/guard.py", "from django.db import models"),
    (imports.one_clock, "campaigns/guard.py", "from django.utils import timezone\ntimezone.localdate(now)"),
    (imports.one_clock, "campaigns/guard.py", "def f(message): return message.time.now"),
    (imports.one_clock, "integrations/clock.py", "from datetime import datetime\ndatetime.now()"),
    (imports.clock_at_edges, "campaigns/views/runs.py", "from integrations import clock"),
    (imports.clock_at_edges, "datahub/api/records.py", "from integrations import clock"),
    (imports.clock_at_edges, "campaigns/management/commands/tick.py", "from integrations.clock import now"),
    (imports.one_network, "integrations/http.py", "import requests"),
    (imports.one_network, "integrations/google_sheets/sheets_api.py", "import gspread"),
    (imports.no_signals, "campaigns/receipts.py", "from campaigns import signals"),
    (shape.no_save_overrides, "datahub/forms.py", "class RecordForm(forms.Form):\n    def save(self): ..."),
    (shape.no_print, "cdp/management/commands/demo.py", "print('x')"),
    (pages.no_inline_code, "templates/a.html", '<script src="a.js" defer></script><p data-style="x" title="on = off">'),
    (pages.no_inline_code, "templates/a.html", '{# <script>no</script> #}<script type="application/json">{}</script>'),
    (
        pages.objects_through_the_gate,
        "accounts/access.py",
        "from django.shortcuts import get_object_or_404\nget_object_or_404(x)",
    ),
]


@pytest.fixture(scope="module")
def project() -> Project:
    return Project.here()


def named(case: Any) -> str:
    law, where = case[:2] if isinstance(case, tuple) else (case, "")
    return f"{law.__name__} {where}".strip()


@pytest.mark.parametrize("law", LAWS, ids=named)
def test_the_house_keeps_the_law(project, law):
    broken = list(law(project))
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("case", BROKEN, ids=named)
def test_the_law_notices_when_it_is_broken(case):
    law, name, text = case
    assert list(law(Project.of({name: text})))


@pytest.mark.parametrize("case", KEPT, ids=named)
def test_the_law_leaves_alone_what_is_allowed(case):
    law, name, text = case
    assert list(law(Project.of({name: text}))) == []


def test_every_law_has_been_seen_to_fail():
    assert {law for law, _, _ in BROKEN} == set(LAWS)


def test_every_page_asks_for_an_ability_or_is_public_on_purpose():
    assert list(pages.open_doors(get_resolver().url_patterns)) == []


def test_a_page_without_a_guard_is_noticed():
    def page(request):
        return HttpResponse()

    patterns = [
        path("open/", page),
        path("guarded/", requires(Ability.VIEW)(page)),
        path("i18n/", set_language),
        path("sandbox/zalo/", page),
        path("clinic/", include([path("inner/", page, name="login"), path("out/", set_language)])),
    ]
    assert [door.split()[0] for door in pages.open_doors(patterns)] == ["open/", "clinic/inner/"]


def test_an_api_operation_without_a_token_is_noticed():
    def build(auth):
        api = NinjaAPI(
            urls_namespace=f"law-{auth}", auth=TokenAuth() if auth else None, docs_url=None, openapi_url=None
        )
        api.get("/a")(lambda request: None)
        return list(pages.open_doors(api.urls[0]))

    assert build(auth=True) == []
    assert [door.split()[0] for door in build(auth=False)] == ["a"]


def test_it_looks_at_the_whole_tree(project):
    seen = {source.app for source in project.files}
    assert {"cdp", "campaigns", "datahub", "integrations", "accounts", "sandbox", "tests", "templates"} <= seen
    assert all((ROOT / source.path).exists() for source in project.files)
