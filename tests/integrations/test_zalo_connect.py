"""Bringing an account's templates in step with Zalo's list, however long it is."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from django.conf import settings
from django.db import connection

from accounts.models import Workspace
from integrations.http import Outcome
from integrations.models import MessageTemplate, OfficialAccount
from integrations.vietnam import VIETNAM
from integrations.zalo import api
from integrations.zalo.api import ZaloDidNotAnswer
from integrations.zalo.template_sync import Synced, sync_templates
from tests.campaigns.story import HandClock, make_account, make_template, vn

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
    assert sync_templates(account=account, clock=clock) == Synced(read=250)
    assert [page["offset"] for page in pages] == ["0", "100", "200"]
    assert MessageTemplate.objects.filter(account=account).count() == 250


@responses.activate
def test_a_whole_last_page_asks_for_no_more(account: OfficialAccount, clock: HandClock) -> None:
    pages = zalo_lists(list(range(100)))
    assert sync_templates(account=account, clock=clock) == Synced(read=100)
    assert len(pages) == 1


@responses.activate
def test_a_list_that_moves_while_it_is_read_is_counted_once(account: OfficialAccount, clock: HandClock) -> None:
    zalo_lists([*range(100), *range(50, 150)])
    assert sync_templates(account=account, clock=clock) == Synced(read=150)


@responses.activate
def test_a_list_shorter_than_its_total_ends(account: OfficialAccount, clock: HandClock) -> None:
    responses.get(LIST, json={"error": 0, "data": [], "metadata": {"total": 7}})
    assert sync_templates(account=account, clock=clock) == Synced(read=0)


@responses.activate
def test_zalos_refusal_is_told_and_nothing_is_kept(account: OfficialAccount, clock: HandClock) -> None:
    responses.get(LIST, json={"error": -124, "message": "Access token invalid"})
    with pytest.raises(ZaloDidNotAnswer, match="Access token invalid"):
        sync_templates(account=account, clock=clock)
    assert not MessageTemplate.objects.exists()


BASE = settings.ZALO_BUSINESS_BASE
WHOLE = {
    "templateId": 7001,
    "templateName": "Hỏi thăm",
    "status": "ENABLE",
    "reason": "",
    "listParams": [{"name": "otp", "require": True, "type": "STRING", "maxLength": "30", "minLength": 0}],
    "listButtons": [{"type": "2", "title": "GỌI", "content": "19001234"}],
    "timeout": "15000",
    "previewUrl": "https://account.zalo.cloud/p/7001",
    "templateQuality": "HIGH",
    "templateTag": "CUSTOMER_CARE",
    "price_sdt": "800.0",
    "price_uid": "560",
    "applyTemplateQuota": True,
    "templateDailyQuota": "100",
    "templateRemainingQuota": 40,
}


def zalo_has(*details: dict[str, Any], listed: list[int] | None = None, sample: Any = None) -> None:
    """Zalo with these templates in its books, and these ids in its list."""
    ids = [detail["templateId"] for detail in details] if listed is None else listed
    rows = [{"templateId": each, "createdTime": 1765386000000} for each in ids]
    responses.get(LIST, json={"error": 0, "data": rows, "metadata": {"total": len(rows)}})
    known = {str(detail["templateId"]): detail for detail in details}

    def detail(request: Any) -> tuple[int, dict[str, str], str]:
        found = known.get(asked(request)["template_id"])
        body = {"error": 0, "data": found} if found else {"error": -109, "message": "Template ID invalid"}
        return 200, {}, json.dumps(body)

    responses.add_callback(responses.GET, DETAIL, detail)
    responses.get(
        f"{BASE}/template/sample-data", json={"error": 0, "data": {"otp": "1234"} if sample is None else sample}
    )


@responses.activate
def test_everything_zalo_tells_of_a_template_is_kept(account: OfficialAccount, clock: HandClock) -> None:
    zalo_has(WHOLE)
    sync_templates(account=account, clock=clock)
    found = MessageTemplate.objects.get()
    assert (found.price_vnd, found.price_uid_vnd, found.timeout_ms, found.tag) == (800, 560, 15_000, 2)
    assert (found.daily_quota, found.remaining_quota, found.preview_url) == (100, 40, WHOLE["previewUrl"])
    assert found.buttons == [{"type": 2, "title": "GỌI", "content": "19001234"}]
    assert found.params[0]["maxLength"] == 30
    assert found.sample == {"otp": "1234"}
    # 1765386000000 ms is 00:00 on 11 December 2025 in Vietnam: a day after UID opened.
    assert found.registered_at == datetime(2025, 12, 11, tzinfo=VIETNAM)
    assert found.goes_by_uid


@responses.activate
def test_what_a_person_typed_and_what_an_unapproved_template_hides_stay(
    account: OfficialAccount, clock: HandClock
) -> None:
    make_template(
        account, template_id="7001", title="Chào", body="<otp>", sample={"otp": "9"}, params=[{"name": "otp"}]
    )
    zalo_has({**WHOLE, "status": "REJECT", "reason": "Sai loại nội dung", "listParams": []})
    sync_templates(account=account, clock=clock)
    found = MessageTemplate.objects.get()
    assert (found.title, found.body, found.params) == ("Chào", "<otp>", [{"name": "otp"}])
    assert (found.status, found.reason, found.sample) == ("REJECT", "Sai loại nội dung", {"otp": "9"})


@responses.activate
def test_a_template_that_zalo_lost_is_marked_and_one_that_only_left_the_list_is_not(
    account: OfficialAccount, clock: HandClock
) -> None:
    make_template(account, template_id="7001")
    make_template(account, template_id="7002", title="Chào")
    zalo_has(WHOLE, listed=[])
    assert sync_templates(account=account, clock=clock) == Synced(read=1, deleted=1)
    states = dict(MessageTemplate.objects.values_list("template_id", "status"))
    assert states == {"7001": "ENABLE", "7002": "DELETE"}
    assert MessageTemplate.objects.get(template_id="7002").title == "Chào"
    assert sync_templates(account=account, clock=clock) == Synced(read=1)


@responses.activate
@pytest.mark.parametrize("wrong", [{"listParams": [3]}, {"templateName": None, "status": None, "listParams": "x"}])
def test_one_bad_template_does_not_stop_the_others(
    account: OfficialAccount, clock: HandClock, wrong: dict[str, Any]
) -> None:
    make_template(account, template_id="7002", name="Cũ")
    zalo_has(WHOLE, {**WHOLE, **wrong, "templateId": 7002}, listed=[7001, 7002, 7003])
    assert sync_templates(account=account, clock=clock) == Synced(read=1, failed=2)
    assert MessageTemplate.objects.get(template_id="7002").name == "Cũ"


@responses.activate
def test_nothing_is_open_while_zalo_is_asked(
    account: OfficialAccount, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    zalo_has(WHOLE)
    before, depths = len(connection.savepoint_ids), []
    real = api.read

    def watched(*args: Any, **kwargs: Any) -> Outcome:
        depths.append(len(connection.savepoint_ids))
        return real(*args, **kwargs)

    monkeypatch.setattr(api, "read", watched)
    sync_templates(account=account, clock=clock)
    assert set(depths) == {before}
