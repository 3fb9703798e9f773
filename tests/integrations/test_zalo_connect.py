"""Bringing an account's templates in step with Zalo's list, however long it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from django.conf import settings

from accounts.models import Workspace
from integrations.models import MessageTemplate, OfficialAccount
from integrations.zalo.connect import ZaloDidNotAnswer, sync_templates
from tests.campaigns.story import HandClock, make_account, vn

LIST = f"{settings.ZALO_BUSINESS_BASE}/template/all"
DETAIL = f"{settings.ZALO_BUSINESS_BASE}/template/info/v2"


@pytest.fixture
def clock() -> HandClock:
    return HandClock(vn(21, 11))


@pytest.fixture
def account(workspace: Workspace, clock: HandClock) -> OfficialAccount:
    """Connected, with twenty hours left on its token."""
    return make_account(workspace, access_token="token-1", token_expires_at=clock.now() + timedelta(hours=20))


def asked(request: Any) -> dict[str, str]:
    """The parameters of a call."""
    return {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}


def zalo_lists(ids: list[int], *, metadata: bool = True) -> list[dict[str, str]]:
    """Zalo with these templates; the returned list fills with the parameters of each page that is asked for."""
    pages: list[dict[str, str]] = []

    def listed(request: Any) -> tuple[int, dict[str, str], str]:
        params = asked(request)
        pages.append(params)
        offset, limit = int(params["offset"]), int(params["limit"])
        if limit > 100:
            return 200, {}, '{"error": -132, "message": "Parameter invalid"}'
        rows = ", ".join(f'{{"templateId": {each}}}' for each in ids[offset : offset + limit])
        told = f', "metadata": {{"total": {len(ids)}}}' if metadata else ""
        return 200, {}, f'{{"error": 0, "message": "Success", "data": [{rows}]{told}}}'

    def detail(request: Any) -> tuple[int, dict[str, str], str]:
        number = asked(request)["template_id"]
        data = f'{{"templateId": {number}, "templateName": "Mẫu {number}", "status": "ENABLE", "templateTag": "OTP"}}'
        return 200, {}, f'{{"error": 0, "message": "Success", "data": {data}}}'

    responses.add_callback(responses.GET, LIST, listed)
    responses.add_callback(responses.GET, DETAIL, detail)
    return pages


@responses.activate
@pytest.mark.parametrize("metadata", [True, False])
def test_every_page_of_the_list_is_read(account: OfficialAccount, clock: HandClock, metadata: bool) -> None:
    pages = zalo_lists(list(range(250)), metadata=metadata)
    assert sync_templates(account=account, clock=clock) == 250
    assert [page["offset"] for page in pages] == ["0", "100", "200"]
    assert MessageTemplate.objects.filter(account=account).count() == 250


@responses.activate
def test_a_whole_last_page_asks_for_no_more(account: OfficialAccount, clock: HandClock) -> None:
    pages = zalo_lists(list(range(100)))
    assert sync_templates(account=account, clock=clock) == 100
    assert len(pages) == 1


@responses.activate
def test_a_list_that_moves_while_it_is_read_is_counted_once(account: OfficialAccount, clock: HandClock) -> None:
    zalo_lists([*range(100), *range(50, 150)])
    assert sync_templates(account=account, clock=clock) == 150


@responses.activate
def test_a_list_shorter_than_its_total_ends(account: OfficialAccount, clock: HandClock) -> None:
    responses.get(LIST, json={"error": 0, "data": [], "metadata": {"total": 7}})
    assert sync_templates(account=account, clock=clock) == 0


@responses.activate
def test_zalos_refusal_is_told_and_nothing_is_kept(account: OfficialAccount, clock: HandClock) -> None:
    responses.get(LIST, json={"error": -124, "message": "Access token invalid"})
    with pytest.raises(ZaloDidNotAnswer, match="Access token invalid"):
        sync_templates(account=account, clock=clock)
    assert not MessageTemplate.objects.exists()
