"""Zalo's doorway under strange calls: it answers each with a status and a sentence, never with a 500."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts import secrets
from campaigns import receipts
from campaigns.models import Message
from campaigns.states import MessageState as S
from campaigns.webhooks import MAX_BODY
from integrations.models import InboundEvent, OfficialAccount
from integrations.zalo.events import signature
from tests import factories
from tests.campaigns.story import Clinic, make_account, vn
from tests.campaigns.test_receipts import SECRET, delivered, post


@pytest.fixture
def sent(clinic: Clinic) -> Message:
    """A message that Zalo took at 11:00."""
    clinic.visit()
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    return clinic.message()


def knock(raw: bytes, path: str = "app-1", **headers: str) -> Any:
    """A call with a signature that is nobody's."""
    client = Client(raise_request_exception=False)
    signed = {"X-ZEvent-Signature": "mac=1", **headers}
    return client.post(f"/hooks/zalo/{path}", raw, content_type="application/json", headers=signed)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b'{"event_name":' + b"[" * 100_000, 400),
        (b'{"event_name": "follow", "n": 1e999}', 400),
        (b" " * (MAX_BODY + 1), 413),
        (b" " * 2_200_000, 413),
    ],
)
def test_a_strange_body_is_refused_with_a_sentence(clinic: Clinic, raw: bytes, status: int) -> None:
    response = knock(raw)
    assert response.status_code == status
    assert response.json()["message"]


def test_a_length_that_is_no_number_is_refused(clinic: Clinic) -> None:
    assert knock(b"{}", **{"Content-Length": "abc"}).status_code == 400


@pytest.mark.parametrize("path", ["%00", "app-1%00", "a" * 500, "%F0%9F%92%99"])
def test_a_strange_app_is_unknown(clinic: Clinic, path: str) -> None:
    assert knock(b"{}", path).status_code == 404


@pytest.mark.parametrize(
    "strange",
    [{"text": "a\x00b"}, {"te\x00xt": 1}, {"text": "\ud800"}, {"event_name": "n" * 300}],
)
def test_a_signed_event_with_strange_text_is_kept(clinic: Clinic, strange: dict[str, Any]) -> None:
    body = {"app_id": "app-1", "event_name": "follow", "oa_id": clinic.account.oa_id, "timestamp": "1", **strange}
    assert post(body).status_code == 200
    clinic.tick()
    assert not InboundEvent.objects.filter(applied_at=None).exists()


def test_a_timestamp_that_cannot_be_signed_is_refused(clinic: Clinic) -> None:
    raw = f'{{"event_name": "follow", "oa_id": "{clinic.account.oa_id}", "timestamp": "\\ud800"}}'
    assert knock(raw.encode()).status_code == 401


def test_a_receipt_from_the_end_of_time_holds_up_nobody(clinic: Clinic, sent: Message) -> None:
    impossible = delivered(clinic, sent)
    impossible["message"] |= {"delivery_time": "9" * 20, "msg_id": "other"}
    assert post(impossible).status_code == 200
    assert post(delivered(clinic, sent)).status_code == 200
    clinic.tick()
    assert clinic.message().state == S.DELIVERED
    assert not InboundEvent.objects.filter(applied_at=None).exists()


def test_what_a_patient_writes_names_the_account_as_its_recipient(clinic: Clinic) -> None:
    body = {
        "app_id": "app-1",
        "event_name": "user_send_text",
        "sender": {"id": "user-1"},
        "recipient": {"id": clinic.account.oa_id},
        "message": {"text": "dừng", "msg_id": "1"},
        "timestamp": "1",
    }
    assert post(body).status_code == 200
    assert InboundEvent.objects.get().account == clinic.account
    assert post({**body, "recipient": {"id": "oa-lạ"}}).status_code == 404


def test_the_account_named_first_must_have_signed(clinic: Clinic) -> None:
    mine = make_account(factories.make_workspace("B"), oa_id="oa-b", oa_secret_key="khóa-b")
    body = {"event_name": "user_send_text", "sender": {"id": clinic.account.oa_id}, "recipient": {"id": mine.oa_id}}
    assert post(body, secret="khóa-b").status_code == 401


def test_only_the_accounts_that_may_be_meant_are_decrypted(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        make_account(clinic.workspace, oa_id=f"other-{number}")
    read: list[object] = []

    def count(*asked: object) -> str:
        read.append(asked)
        return SECRET

    monkeypatch.setattr(secrets.SecretField, "from_db_value", count)
    body = {"app_id": "app-1", "event_name": "follow", "oa_id": clinic.account.oa_id, "timestamp": "1"}
    assert post(body).status_code == 200
    assert len(read) == 1


def test_another_clinic_cannot_use_up_the_key_of_our_receipt(clinic: Clinic, sent: Message) -> None:
    make_account(factories.make_workspace("B"), oa_id="oa-b", app_id="app-b", oa_secret_key="khóa-b")
    poison = delivered(clinic, sent, sender={"id": "oa-b"})
    assert post(poison, secret="khóa-b", app_id="app-b").status_code == 200
    assert post(delivered(clinic, sent)).status_code == 200
    clinic.tick()
    assert clinic.message().state == S.DELIVERED
    assert InboundEvent.objects.count() == 2


def test_a_forged_call_is_noted_for_the_account_and_changes_nothing_else(clinic: Clinic, sent: Message) -> None:
    before: dict[str, Any] = dict(OfficialAccount.objects.values().get())
    for _ in range(3):
        assert post(delivered(clinic, sent), secret="sai").status_code == 401
    after: dict[str, Any] = dict(OfficialAccount.objects.values().get())
    assert {name for name in after if after[name] != before[name]} == {"forged_minutes", "forged_at"}
    assert after["forged_minutes"] == 1
    assert not InboundEvent.objects.exists()
    assert clinic.message().state == S.SENT


def test_a_flood_of_forged_calls_writes_once_a_minute(clinic: Clinic) -> None:
    for second in (0, 1, 59, 60, 119, 121):
        receipts.note_forged(clinic.account, vn(21, 9) + timedelta(seconds=second))
    clinic.account.refresh_from_db()
    assert (clinic.account.forged_minutes, clinic.account.forged_at) == (3, vn(21, 9, 2) + timedelta(seconds=1))


def test_an_event_that_names_nobody_is_the_only_accounts(clinic: Clinic) -> None:
    body = {"app_id": "app-1", "event_name": "change_oa_template_tags", "tags": ["OTP"], "timestamp": "1795233660000"}
    assert post(body).status_code == 200
    assert InboundEvent.objects.get().account == clinic.account
    make_account(clinic.workspace, oa_id="oa-hai")
    assert post(body | {"timestamp": "1795233660001"}).status_code == 404


@pytest.mark.parametrize(("accepted", "status"), [(False, 401), (True, 200)])
def test_a_signature_with_the_accounts_id_is_taken_where_the_setting_says_so(
    clinic: Clinic, sent: Message, settings: Any, caplog: pytest.LogCaptureFixture, accepted: bool, status: int
) -> None:
    settings.ZALO_WEBHOOK_ACCEPTS_OA_ID = accepted
    caplog.set_level("WARNING", "campaigns.webhooks")
    raw = json.dumps(delivered(clinic, sent)).encode()
    timestamp = json.loads(raw)["timestamp"]
    header = signature(app_id=clinic.account.oa_id, raw=raw, timestamp=timestamp, secret=SECRET)
    assert knock(raw, **{"X-ZEvent-Signature": header}).status_code == status
    assert ("signs its events with its own id" in caplog.text) is accepted
    assert post(delivered(clinic, sent)).status_code == 200


def test_a_retry_of_two_hours_later_is_not_too_old(clinic: Clinic, sent: Message) -> None:
    old = delivered(clinic, sent, timestamp=str(int((vn(21, 11, 1)).timestamp() * 1000)))
    for retry in ("1", "5"):
        raw = json.dumps(old).encode()
        header = signature(app_id="app-1", raw=raw, timestamp=old["timestamp"], secret=SECRET)
        assert knock(raw, **{"X-ZEvent-Signature": header, "num_retry": retry}).status_code == 200
    assert InboundEvent.objects.count() == 1
