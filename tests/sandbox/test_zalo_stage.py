"""The stage: an account set as a test or a trainer wants it."""

import pytest

from sandbox.models import Account, Outbox
from tests.sandbox.zalo_story import OA, PROMO, ask, post_json, send

pytestmark = [pytest.mark.django_db(databases=["default", "sandbox"]), pytest.mark.usefixtures("noon")]
STAGE = "/sandbox/zalo/stage/accounts"


def put(client, **traits):
    return post_json(client, "zalo/stage/accounts", {"oa_id": OA} | traits)


TRAITS = [
    ("policy", "2024"),
    ("daily_quota", 500),
    ("daily_quota", None),
    ("quality_now", "LOW"),
    ("quality_7d", "MEDIUM"),
    ("personality", "flaky"),
    ("calls_per_minute", 60),
    ("balance_vnd", 10_000),
    ("allowed_tags", [1, 2]),
    ("standing_error", -1351),
    ("standing_is_live", True),
    ("wants_proof", True),
    ("package", "Toàn diện"),
    ("quota_changed_on", "2026-11-20"),
    ("receipt_delay_s", 30.0),
    ("console_challenge", "abc"),
    ("admin_phones", ["84912345678"]),
]


@pytest.mark.parametrize(("name", "value"), TRAITS)
def test_a_trait_is_set_and_shown(client, token, name, value):
    assert put(client, **{name: value}).json()["are"][0][name] == value
    assert client.get(STAGE).json()["are"][0][name] == value


def test_the_page_says_what_each_trait_takes(client, token):
    fields = client.get(STAGE).json()["fields"]
    assert fields["personality"] == "one of steady, fast, slow, flaky, strict"
    assert set(fields) >= {name for name, _ in TRAITS}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"colour": "red"}, "colour is unknown"),
        ({"policy": "2030"}, "policy must be one of 2024, 2026"),
        ({"daily_quota": "500"}, "daily_quota must be a whole number"),
        ({"daily_quota": True}, "daily_quota must be"),
        ({"allowed_tags": [4]}, "allowed_tags must be"),
        ({"wants_proof": "yes"}, "wants_proof must be true or false"),
        ({"quota_changed_on": "yesterday"}, "quota_changed_on must be"),
        ({"standing_error": 5}, "standing_error must be"),
        ({"admin_phones": "84"}, "admin_phones must be"),
        ({"oa_id": "9"}, "oa_id 9 is unknown"),
    ],
)
def test_a_trait_that_makes_no_sense_changes_nothing(client, token, wrong, sentence):
    answer = put(client, balance_vnd=7, **wrong)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(sentence)
    assert Account.objects.get().balance_vnd is None


def test_a_new_quota_and_its_tags_are_told_to_the_webhook(client, token):
    put(client, policy="2024", daily_quota=2_000)
    told = {row.name: row.body for row in Outbox.objects.all()}
    assert told["change_oa_daily_quota"]["quota"] == {"prev_value": 20_000, "new_value": 2_000}
    tags = {"prev_value": ["TRANSACTION", "CUSTOMER_CARE", "PROMOTION"], "new_value": ["TRANSACTION", "CUSTOMER_CARE"]}
    assert told["change_oa_template_tags"]["tags"] == tags
    assert send(client, token, PROMO)["error"] == -145


def test_what_stays_as_it_is_is_not_told(client, token):
    put(client, daily_quota=20_000, allowed_tags=[1, 2, 3])
    assert not Outbox.objects.exists()


def test_a_new_callback_ends_the_grant(client, token):
    put(client, redirect_uri="https://us.test/back")
    assert ask(client, token, "quality")["error"] == -124


def test_an_account_made_live_is_judged_from_today_on(client, token):
    put(client, standing_is_live=True)
    assert str(Account.objects.get().judged_on) == "2026-11-21"
