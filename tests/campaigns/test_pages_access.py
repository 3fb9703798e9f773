"""Every page × every person: the owner, reception, a viewer, a stranger, nobody; and what no page may do."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from django.utils import translation

from datahub.models import Source
from tests.accounts.browser import HTMX, as_, text
from tests.architecture.pages import TAG, problems_of
from tests.campaigns.every_page import CHANGE, KEY, MANAGE, READ, all_of, answers, codes, make_story


@pytest.fixture(autouse=True)
def vietnamese():
    """Django leaves the last request's language behind in this thread; the next test must not find it."""
    with translation.override("vi"):
        yield


@pytest.fixture
def story(clinic, owner):
    return make_story(clinic, owner)


def test_the_owner_opens_every_page(story, owner):
    pages = READ | MANAGE
    assert codes(answers(owner, pages, story)) == all_of(pages, 200)


@pytest.mark.parametrize("who", ["viewer", "colleague"])
def test_who_may_look_reads_every_page_and_is_offered_no_change_to_campaigns(who, story, request):
    found = answers(request.getfixturevalue(who), READ, story)
    assert codes(found) == all_of(READ, 200)
    body = "".join(response.content.decode() for response in found.values())
    assert "Kích hoạt</button>" not in body
    assert "Tạm dừng</button>" not in body


def test_what_is_for_admins_is_closed_to_a_viewer(story, viewer):
    assert codes(answers(viewer, MANAGE, story)) == all_of(MANAGE, 403)


def test_a_viewer_changes_nothing(story, viewer):
    assert codes(answers(viewer, CHANGE, story, how="post")) == all_of(CHANGE, 403)


def test_a_stranger_sees_nothing_of_this_clinic(story, stranger):
    found = answers(stranger, READ | MANAGE, story)
    named = {name for name, page in (READ | MANAGE).items() if "{" in page}
    assert {name for name, code in codes(found).items() if code == 404} == named
    for response in found.values():
        assert "Nguyễn Thị Hoa" not in text(response)
        assert "Nha khoa Hoa Sen" not in text(response)


def test_a_stranger_changes_nothing_of_this_clinic(story, stranger):
    pages = {name: page for name, page in CHANGE.items() if "{" in page}
    assert codes(answers(stranger, pages, story, how="post")) == all_of(pages, 404)


def test_nobody_is_sent_to_the_log_in_page(story):
    found = answers(None, READ | MANAGE, story)
    assert {response.redirect_chain[0][0].split("?")[0] for response in found.values()} == {"/login/"}


def test_looking_changes_nothing(story, owner):
    browser = as_(owner)
    for name, page in (READ | MANAGE).items():
        with CaptureQueriesContext(connection) as asked:
            browser.get(page.format(**story))
        written = [each["sql"] for each in asked if each["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
        assert [sql for sql in written if "django_session" not in sql] == [], name


def test_what_only_changes_is_not_opened_by_a_link(story, owner):
    only = {name: page for name, page in CHANGE.items() if name not in READ | MANAGE}
    assert codes(answers(owner, only, story)) == all_of(only, 405)


def test_another_sites_form_changes_nothing(story, owner):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)
    assert {name: browser.post(page.format(**story)).status_code for name, page in CHANGE.items()} == all_of(
        CHANGE, 403
    )


def test_no_page_shows_a_secret(story, owner):
    secrets = {KEY, *Source.objects.values_list("secret", flat=True)}
    assert len(secrets) > 3
    for name, response in answers(owner, READ | MANAGE, story).items():
        body = response.content.decode()
        assert not [secret for secret in secrets if secret in body], name


def test_no_page_carries_style_or_script_of_its_own(story, owner):
    for name, response in answers(owner, READ | MANAGE, story).items():
        if response["content-type"].startswith("text/html"):
            problems = [
                problem
                for tag in TAG.finditer(response.content.decode())
                for problem in problems_of(tag[1].lower(), tag[2])
            ]
            assert problems == [], name
            assert "unsafe-inline" not in response["content-security-policy"], name


def test_htmx_gets_a_fragment(story, owner):
    fragments = (
        "overview",
        "quota",
        "account",
        "library",
        "messages",
        "message",
        "templates",
        "template_rows",
        "campaign_rows",
    )
    pages = {name: READ[f"campaigns:{name}"] for name in fragments}
    for response in answers(owner, pages, story, **HTMX).values():
        assert "<html" not in response.content.decode()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_is_whole_in_both_languages(language, story, owner, client):
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    client.post("/i18n/setlang/", {"language": language})
    for page in (READ | MANAGE).values():
        body = client.get(page.format(**story), follow=True).content.decode()
        assert "None" not in body.replace("Filter: None", "").replace(">None<", ""), page
        assert "{{" not in body, page
        assert "{%" not in body, page


def test_no_page_is_forgotten_here():
    named = {
        f"{space}:{name}"
        for space in ("campaigns", "datahub", "columns")
        for name in get_resolver().namespace_dict[space][1].reverse_dict
        if isinstance(name, str)
    }
    assert named == set(READ) | set(MANAGE) | set(CHANGE)
