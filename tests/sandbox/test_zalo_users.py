"""What the account may know of its users, of itself and of its chat quotas."""

import json
from datetime import timedelta

import pytest

from sandbox.models import Account
from tests.sandbox.zalo_story import HOA, LAN, NOON, OA, make_user, post_json

pytestmark = [pytest.mark.django_db(databases=["default", "sandbox"]), pytest.mark.usefixtures("noon")]
HOST = "/sandbox/zalo/openapi"


def get(client, token, path, data=None):
    query = {} if data is None else {"data": data if isinstance(data, str) else json.dumps(data)}
    return client.get(f"{HOST}{path}", query, headers={"access_token": token}).json()


def post(client, token, path, body):
    return post_json(client, f"zalo/openapi{path}", body, access_token=token).json()


@pytest.fixture
def hoa(token):
    seen = NOON - timedelta(hours=30)
    return make_user(oa_id=OA, phone=HOA, name="Hoa", follows=True, last_interaction_at=seen)


@pytest.fixture
def lan(hoa):
    return make_user(oa_id=OA, phone=LAN)


def test_one_user(client, token, hoa):
    data = get(client, token, "/v3.0/oa/user/detail", {"user_id": hoa})["data"]
    assert (data["display_name"], data["user_is_follower"]) == ("Hoa", True)
    assert data["user_last_interaction_date"] == "20/11/2026"
    assert data["user_id_by_app"] != hoa
    assert data["shared_info"] == {"name": "Hoa", "phone": HOA}


@pytest.mark.parametrize(("data", "named"), [({"user_id": "1"}, "user_id"), ("{", "data"), (None, "data")])
def test_a_user_that_is_not_there(client, token, data, named):
    answer = get(client, token, "/v3.0/oa/user/detail", data)
    assert answer == {"error": -201, "message": f"{named} is invalid!"}


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        ({}, ["hoa", "lan"]),
        ({"offset": 1, "count": 1}, ["lan"]),
        ({"count": 0}, []),
        ({"is_follower": True}, ["hoa"]),
        ({"is_follower": "false"}, ["lan"]),
        ({"last_interaction_period": "YESTERDAY"}, ["hoa"]),
        ({"last_interaction_period": "TODAY"}, []),
        ({"last_interaction_period": "L7D"}, ["hoa"]),
        ({"tag_name": "VIP"}, []),
    ],
)
def test_the_list_of_users(client, token, hoa, lan, asked, seen):
    data = get(client, token, "/v3.0/oa/user/getlist", asked)["data"]
    names = {hoa: "hoa", lan: "lan"}
    assert [names[user["user_id"]] for user in data["users"]] == seen
    assert data["count"] == len(seen)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"count": 51}, -210),
        ({"offset": 9952}, -210),
        ({"offset": -1}, -201),
        ({"count": "50"}, -201),
        ({"last_interaction_period": "EVER"}, -201),
    ],
)
def test_a_list_nobody_may_ask_for(client, token, asked, code):
    assert get(client, token, "/v3.0/oa/user/getlist", asked)["error"] == code


@pytest.mark.parametrize(
    ("policy", "hours", "replies"),
    [
        ("2026", 30, {"remain": None, "total": None}),
        ("2024", 30, {"remain": 8, "total": 8}),
        ("2024", 49, {"remain": 0, "total": 8}),
    ],
)
def test_the_chat_quota_of_one_user(client, token, policy, hours, replies):
    Account.objects.update(policy=policy)
    seen = NOON - timedelta(hours=hours)
    user = make_user(oa_id=OA, phone=HOA, last_interaction_at=seen)
    data = post(client, token, "/v3.0/oa/quota/message", {"user_id": user})["data"]
    assert data["cs_reply"] == replies
    assert data["last_interaction"] == str(int(seen.timestamp()) * 1000)
    assert data["promotion"]["monthly_remain"] == 4


def test_the_chat_quota_of_the_account(client, token):
    body = {"quota_owner": "OA", "product_type": "cs", "quota_type": "sub_quota"}
    [asset] = post(client, token, "/v3.0/oa/quota/message", body)["data"]
    assert (asset["quota_type"], asset["remain"], asset["total"]) == ("sub_quota", 500, 500)


@pytest.mark.parametrize("body", ["", {"type": "promotion"}])
def test_the_older_quota_takes_no_body_too(client, token, body):
    data = post(client, token, "/v2.0/oa/quota/message", body)["data"]
    assert data == {"type": "promotion", "remain": 4, "total": 4}


def test_the_account_itself(client, token, hoa, lan):
    Account.objects.update(package="Toàn diện")
    data = get(client, token, "/v2.0/oa/getoa")["data"]
    assert (data["oa_id"], data["is_verified"], data["num_follower"]) == (OA, True, 1)
    assert (data["package_name"], data["linked_ZCA"]) == ("Toàn diện", "ZBS-SANDBOX")
    Account.objects.update(standing_error=-135)
    assert get(client, token, "/v2.0/oa/getoa")["data"]["is_verified"] is False
