"""Every page × every person: the owner, reception, a viewer, a stranger, nobody."""

from __future__ import annotations

import pytest
from django.urls import get_resolver
from django.utils import translation

from tests.accounts.browser import HTMX, as_, text
from tests.campaigns.story import vn

READ = {
    "campaigns:overview": "/",
    "campaigns:library": "/library/",
    "campaigns:entry": "/library/cham-soc-sau-lieu-trinh/",
    "campaigns:list": "/campaigns/",
    "campaigns:campaign": "/campaigns/{send}/",
    "campaigns:runs": "/campaigns/{send}/runs/",
    "campaigns:visits": "/campaigns/{send}/visits/",
    "campaigns:sent": "/campaigns/{send}/messages/",
    "campaigns:campaign_rows": "/campaigns/{send}/rows/",
    "campaigns:templates": "/templates/",
    "campaigns:template": "/templates/{template}/",
    "campaigns:template_rows": "/templates/{template}/rows/",
    "campaigns:record": "/hub/records/{record}/",
    "campaigns:messages": "/messages/",
    "campaigns:message": "/messages/{message}/",
    "campaigns:quota": "/quota/",
    "campaigns:connections": "/connections/",
    "campaigns:account": "/connections/{account}/",
    "datahub:home": "/hub/",
    "datahub:records": "/hub/tables/{table}/",
    "datahub:errors": "/hub/errors/",
    "datahub:sources": "/hub/sources/",
    "datahub:source": "/hub/sources/{source}/",
    "datahub:script": "/hub/script/",
}
MANAGE = {
    "campaigns:caps": "/quota/caps/",
    "campaigns:step_params": "/campaigns/{send}/steps/send-1/params/",
    "campaigns:connect": "/connections/add/",
    "campaigns:account_edit": "/connections/{account}/edit/",
    "campaigns:oauth_callback": "/connections/oauth/callback",
    "campaigns:sms": "/connections/sms/",
    "datahub:fields": "/hub/tables/{table}/fields/",
}
CHANGE = {
    "campaigns:caps": "/quota/caps/",
    "campaigns:use": "/library/cham-soc-sau-lieu-trinh/use/",
    "campaigns:campaign": "/campaigns/{send}/",
    "campaigns:activate": "/campaigns/{send}/activate/",
    "campaigns:pause": "/campaigns/{send}/pause/",
    "campaigns:add_reminder": "/campaigns/{send}/reminders/",
    "campaigns:remove_step": "/campaigns/{send}/steps/send-1/remove/",
    "campaigns:connect": "/connections/add/",
    "campaigns:sms": "/connections/sms/",
    "campaigns:account_edit": "/connections/{account}/edit/",
    "campaigns:wording": "/templates/{template}/wording/",
    "campaigns:trial": "/templates/{template}/trial/",
    "campaigns:reports": "/connections/{account}/reports/",
    "campaigns:take_back": "/connections/{account}/reports/1/undo/",
    "campaigns:confirm_phone": "/connections/{account}/people/1/confirm/",
    "campaigns:sync": "/connections/{account}/sync/",
    "campaigns:unblock": "/connections/{account}/unblock/",
    "campaigns:judge": "/messages/{message}/judge/",
    "datahub:fields": "/hub/tables/{table}/fields/",
    "datahub:set_status": "/hub/records/{record}/status/",
    "datahub:reveal_secret": "/hub/sources/{source}/secret/",
}


@pytest.fixture(autouse=True)
def vietnamese():
    """Django leaves the last request's language behind in this thread; the next test must not find it."""
    with translation.override("vi"):
        yield


@pytest.fixture
def story(clinic):
    """A clinic whose first message has gone out."""
    record = clinic.visit()
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    return {
        "send": clinic.send.pk,
        "record": record.pk,
        "message": clinic.message().pk,
        "table": record.dataset_id,
        "source": clinic.source.pk,
        "account": clinic.account.pk,
        "template": clinic.template.pk,
    }


def answers(person, pages, story, how="get", **extra):
    """Page → its last answer to this person, for every page of the list."""
    browser = as_(person)
    return {name: getattr(browser, how)(page.format(**story), follow=True, **extra) for name, page in pages.items()}


def codes(found):
    return {name: response.status_code for name, response in found.items()}


def all_of(pages, code):
    return dict.fromkeys(pages, code)


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
        for space in ("campaigns", "datahub")
        for name in get_resolver().namespace_dict[space][1].reverse_dict
        if isinstance(name, str)
    }
    assert named == set(READ) | set(MANAGE) | set(CHANGE)
