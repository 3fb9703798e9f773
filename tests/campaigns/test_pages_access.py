"""Every page × every person: the owner, reception, a viewer, a stranger, nobody."""

from __future__ import annotations

import pytest
from django.urls import get_resolver

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
    "campaigns:record": "/hub/records/{record}/",
    "campaigns:messages": "/messages/",
    "campaigns:message": "/messages/{message}/",
    "campaigns:quota": "/quota/",
    "campaigns:connections": "/connections/",
    "datahub:home": "/hub/",
    "datahub:records": "/hub/tables/{table}/",
    "datahub:errors": "/hub/errors/",
    "datahub:sources": "/hub/sources/",
    "datahub:source": "/hub/sources/{source}/",
    "datahub:script": "/hub/script/",
}
MANAGE = {
    "campaigns:step_params": "/campaigns/{send}/steps/send-1/params/",
    "campaigns:connect": "/connections/add/",
    "datahub:fields": "/hub/tables/{table}/fields/",
}
CHANGE = {
    "campaigns:use": "/library/cham-soc-sau-lieu-trinh/use/",
    "campaigns:campaign": "/campaigns/{send}/",
    "campaigns:activate": "/campaigns/{send}/activate/",
    "campaigns:pause": "/campaigns/{send}/pause/",
    "campaigns:add_reminder": "/campaigns/{send}/reminders/",
    "campaigns:remove_step": "/campaigns/{send}/steps/send-1/remove/",
    "campaigns:connect": "/connections/add/",
    "campaigns:sync": "/connections/{account}/sync/",
    "campaigns:unblock": "/connections/{account}/unblock/",
    "datahub:fields": "/hub/tables/{table}/fields/",
    "datahub:set_status": "/hub/records/{record}/status/",
    "datahub:reveal_secret": "/hub/sources/{source}/secret/",
}


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
    }


def pages(kind):
    return pytest.mark.parametrize("page", list(kind.values()), ids=list(kind))


@pages(READ | MANAGE)
def test_the_owner_opens_every_page(page, story, owner):
    response = as_(owner).get(page.format(**story), follow=True)
    assert response.status_code == 200


@pages(READ)
def test_a_viewer_and_reception_read_every_page_and_are_offered_no_change_to_campaigns(page, story, viewer, colleague):
    for person in (viewer, colleague):
        response = as_(person).get(page.format(**story), follow=True)
        assert response.status_code == 200
        assert "Kích hoạt</button>" not in response.content.decode()
        assert "Tạm dừng</button>" not in response.content.decode()


@pages(MANAGE)
def test_what_is_for_admins_is_closed_to_a_viewer(page, story, viewer):
    assert as_(viewer).get(page.format(**story)).status_code == 403


@pages(CHANGE)
def test_a_viewer_changes_nothing(page, story, viewer):
    assert as_(viewer).post(page.format(**story)).status_code == 403


@pages(READ | MANAGE)
def test_a_stranger_sees_nothing_of_this_clinic(page, story, stranger):
    response = as_(stranger).get(page.format(**story), follow=True)
    if "{" in page:
        assert response.status_code == 404
    assert "Nguyễn Thị Hoa" not in text(response)
    assert "Nha khoa Hoa Sen" not in text(response)


@pytest.mark.parametrize("page", [page for page in CHANGE.values() if "{" in page])
def test_a_stranger_changes_nothing_of_this_clinic(page, story, stranger):
    assert as_(stranger).post(page.format(**story)).status_code == 404


@pages(READ | MANAGE)
def test_nobody_is_sent_to_the_log_in_page(page, story):
    response = as_(None).get(page.format(**story))
    assert (response.status_code, response.url.split("?")[0]) == (302, "/login/")


@pytest.mark.parametrize("page", ["/", "/quota/", "/library/", "/messages/", "/messages/{message}/"])
def test_htmx_gets_a_fragment(page, story, owner):
    assert "<html" not in as_(owner).get(page.format(**story), **HTMX).content.decode()


@pytest.mark.parametrize("language", ["vi", "en"])
@pages(READ | MANAGE)
def test_every_page_is_whole_in_both_languages(page, language, story, owner):
    client = as_(owner)
    client.post("/i18n/setlang/", {"language": language})
    body = client.get(page.format(**story), follow=True).content.decode()
    assert "None" not in body.replace("Filter: None", "").replace(">None<", "")
    assert "{{" not in body
    assert "{%" not in body


def test_no_page_is_forgotten_here():
    named = {
        f"{space}:{pattern.name}"
        for space, (_, resolver) in get_resolver().namespace_dict.items()
        if space in ("campaigns", "datahub")
        for pattern in resolver.url_patterns
    }
    assert named == set(READ) | set(MANAGE) | set(CHANGE)
