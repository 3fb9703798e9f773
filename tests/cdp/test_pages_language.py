"""The clinic's language is Vietnamese until a person chooses another."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import translation
from django.utils.translation import gettext

from cdp.language import chosen_language

speak = chosen_language(lambda request: HttpResponse(gettext("Chiến dịch")))


@pytest.mark.parametrize(
    ("cookie", "browser", "said"),
    [
        ("", "", "Chiến dịch"),
        ("", "en-US,en;q=0.9", "Chiến dịch"),
        ("vi", "en", "Chiến dịch"),
        ("en", "vi", "Campaigns"),
        ("xx", "en", "Chiến dịch"),
    ],
)
def test_it_is_vietnamese_unless_a_person_chose(cookie, browser, said):
    request = RequestFactory().get("/", HTTP_ACCEPT_LANGUAGE=browser)
    request.COOKIES["django_language"] = cookie
    response = speak(request)
    assert response.content.decode() == said
    assert response.headers["Content-Language"] == ("en" if said == "Campaigns" else "vi")


def test_it_leaves_nothing_behind_for_the_next_request():
    request = RequestFactory().get("/")
    request.COOKIES["django_language"] = "en"
    with translation.override("vi"):
        speak(request)
        assert translation.get_language() == "vi"
