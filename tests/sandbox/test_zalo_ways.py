"""Two more ways to a phone: by its hash, and by the user id behind it."""

import hashlib
from datetime import timedelta

import pytest

from sandbox.models import Account, Message, Template
from sandbox.zalo import receipts, services
from tests.sandbox.zalo_story import (
    BILL,
    CARE,
    HOA,
    NOON,
    OA,
    PROMO,
    make_user,
    post_json,
    seed_delivered,
    send,
    set_clock,
)

pytestmark = [pytest.mark.django_db(databases=["default", "sandbox"]), pytest.mark.usefixtures("noon")]
FULL = {"customer_name": "Hoa", "customer_id": "KH001"}


@pytest.fixture
def hoa(token):
    return make_user(oa_id=OA, phone=HOA, follows=True, last_interaction_at=NOON - timedelta(days=1))


def sha256(phone):
    return hashlib.sha256(phone.encode()).hexdigest()


def send_hashed(client, token, digest, template_id=CARE):
    body = {"hash_phone": digest, "template_id": template_id, "template_data": FULL, "tracking_id": "t1"}
    return post_json(client, "zalo/business/message/template/hashphone", body, access_token=token).json()


def send_by_uid(client, token, user_id, template_id=CARE, data=FULL):
    body = {"user_id": user_id, "template_id": template_id, "template_data": data}
    return post_json(client, "zalo/openapi/v3.0/oa/message/template", body, access_token=token).json()


def test_a_hashed_send_answers_like_any_other(client, token):
    answer = send_hashed(client, token, sha256(HOA))
    assert set(answer["data"]) == {"msg_id", "sent_time", "sending_mode", "quota"}
    message = Message.objects.get()
    assert (message.channel, message.phone, message.phone_hash) == ("hash", "", sha256(HOA))


@pytest.mark.parametrize("digest", ["", HOA, sha256(HOA).upper(), sha256(HOA)[:-1]])
def test_what_is_no_hash_is_no_phone(client, token, digest):
    assert send_hashed(client, token, digest)["error"] == -108


def test_a_known_phone_is_found_behind_its_hash(client, token):
    services.set_recipient(phone=HOA, blocked=True)
    assert send_hashed(client, token, sha256(HOA))["error"] == -141


def test_four_promotions_a_month_count_together_however_they_were_addressed(client, token):
    seed_delivered(oa_id=OA, template_id=CARE, phones_at=[(HOA, NOON - timedelta(days=9))])
    for n in range(4):
        sent = send(client, token, PROMO) if n % 2 else send_hashed(client, token, sha256(HOA), PROMO)
        assert sent["error"] == 0
    assert send_hashed(client, token, sha256(HOA), PROMO)["error"] == -1471
    assert send(client, token, PROMO)["error"] == -1471


def test_the_inbox_shows_a_hashed_message_once_the_phone_is_looked_at(client, token):
    send_hashed(client, token, sha256(HOA))
    assert client.get("/sandbox/zalo/inbox/").status_code == 200
    assert "Chào Hoa, mã KH001." in client.get(f"/sandbox/zalo/inbox/{HOA}/").content.decode()
    assert len(client.get("/sandbox/zalo/inbox.json", {"phone": HOA}).json()) == 1


def test_a_send_by_uid_answers_in_the_other_hosts_shape(client, token, hoa):
    answer = send_by_uid(client, token, hoa)
    assert answer["data"].pop("message_id") == Message.objects.get().msg_id
    assert answer == {
        "error": 0,
        "message": "Success",
        "data": {
            "user_id": hoa,
            "sent_time": "1795237200000",
            "quota": {"quota_type": "purchase_quota", "remain": 19_999},
        },
    }
    message = Message.objects.get()
    assert (message.channel, message.user_id, message.phone, message.tracking_id) == ("uid", hoa, HOA, "")


def test_a_send_by_uid_costs_its_own_price_and_the_same_quota(client, token, hoa):
    Account.objects.update(balance_vnd=140, daily_quota=2)
    assert send_by_uid(client, token, hoa)["error"] == 0  # 140 VND, by phone 200
    assert send_by_uid(client, token, hoa)["error"] == -321
    Account.objects.update(balance_vnd=None)
    assert send(client, token)["error"] == 0
    assert send_by_uid(client, token, hoa) == {"error": -211, "message": "Out of quota"}


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ({"created_at": NOON - timedelta(days=400)}, -249),
        ({"kind": 2}, -249),
        ({"layout": {"body": {"components": [{"RESPONSE": {}}]}}}, -249),
        ({"layout": {"body": {"components": [{"TITLE": {}}]}}}, 0),
        ({"status": Template.Status.DISABLE}, -201),
        ({"status": Template.Status.PENDING_REVIEW}, -201),
    ],
)
def test_templates_by_uid(client, token, hoa, template, code):
    Template.objects.update(**template)
    assert send_by_uid(client, token, hoa)["error"] == code


def test_a_template_is_for_phones_only_until_the_night_before_2025_12_10_in_vietnam(client, token, hoa):
    midnight = NOON.replace(year=2025, month=12, day=9, hour=17)
    Template.objects.update(created_at=midnight)
    assert send_by_uid(client, token, hoa)["error"] == 0
    Template.objects.update(created_at=midnight - timedelta(seconds=1))
    assert send_by_uid(client, token, hoa)["error"] == -249


@pytest.mark.parametrize(
    ("person", "code"), [({"blocked": True}, -244), ({"on_zalo": False}, -227), ({"refusal": -139}, -244)]
)
def test_people_by_uid(client, token, hoa, person, code):
    services.set_recipient(phone=HOA, **person)
    assert send_by_uid(client, token, hoa)["error"] == code


@pytest.mark.parametrize(
    ("account", "code"),
    [({"standing_error": -136}, -320), ({"standing_error": -1351}, -248), ({"allowed_tags": [1]}, -233)],
)
def test_accounts_by_uid(client, token, hoa, account, code):
    Account.objects.update(**account)
    assert send_by_uid(client, token, hoa)["error"] == code


@pytest.mark.parametrize(("hours", "template_id", "code"), [(10, PROMO, -234), (10, BILL, 0), (9, PROMO, 0)])
def test_no_promotion_by_uid_at_night(client, token, hoa, monkeypatch, hours, template_id, code):
    seed_delivered(oa_id=OA, template_id=CARE, phones_at=[(HOA, NOON - timedelta(days=9))])
    set_clock(monkeypatch, NOON + timedelta(hours=hours))
    assert send_by_uid(client, token, hoa, template_id)["error"] == code


def test_who_never_followed_nor_wrote_and_who_is_unknown(client, token):
    stranger = make_user(oa_id=OA, phone=HOA)
    assert send_by_uid(client, token, stranger)["error"] == -213
    assert send_by_uid(client, token, "1") == {"error": -201, "message": "user_id is invalid!"}
    assert send_by_uid(client, "guess", "1") == {"error": -216, "message": "Access token is invalid"}


@pytest.mark.parametrize("data", [{}, {"customer_name": "Hoa"}, {"customer_name": "a" * 31, "customer_id": "1"}])
def test_data_that_does_not_fit(client, token, hoa, data):
    assert send_by_uid(client, token, hoa, data=data) == {"error": -201, "message": "template_data is invalid!"}


@pytest.mark.parametrize("kind", ["transaction", "promotion"])
def test_the_messages_of_before_march_2026_are_gone(client, token, kind):
    answer = post_json(client, f"zalo/openapi/v3.0/oa/message/{kind}", {}, access_token=token).json()
    assert answer["error"] == -240


def test_receipts_name_the_person_as_the_sender_did(client, token, hoa, monkeypatch):
    send(client, token)
    send_hashed(client, token, sha256(HOA))
    send_by_uid(client, token, hoa)
    named = [receipts._recipient(message) for message in Message.objects.order_by("id")]
    assert named == [HOA, sha256(HOA), hoa]
