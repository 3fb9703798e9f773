"""Quotas: how many, counted when, told how."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db.utils import ConnectionHandler

from sandbox.models import Account, Counter, Message, Template
from sandbox.zalo import counters, services
from tests.sandbox.zalo_story import (
    CARE,
    HOA,
    LAN,
    NOON,
    OA,
    PROMO,
    ask,
    make_account,
    post_json,
    seed_delivered,
    send,
    set_clock,
    set_delivered,
)

pytestmark = [pytest.mark.django_db(databases=["default", "sandbox"]), pytest.mark.usefixtures("noon")]
MIDNIGHT = datetime(2026, 11, 21, 17, tzinfo=UTC)  # 00:00 on the 22nd in Vietnam


def served(*phones):
    seed_delivered(oa_id=OA, template_id=CARE, phones_at=[(phone, NOON - timedelta(days=90)) for phone in phones])


def codes(client, token, count, template_id=CARE, phone=HOA):
    return [send(client, token, template_id, phone)["error"] for _ in range(count)]


def test_the_day_is_whole_again_at_midnight_in_vietnam(client, token, monkeypatch):
    Account.objects.update(daily_quota=2)
    assert codes(client, token, 3) == [0, 0, -144]
    set_clock(monkeypatch, MIDNIGHT - timedelta(seconds=1))
    assert codes(client, token, 1) == [-144]
    set_clock(monkeypatch, MIDNIGHT)
    assert codes(client, token, 3) == [0, 0, -144]


def test_an_account_without_limit(client, token):
    Account.objects.update(daily_quota=None)
    assert send(client, token)["data"]["quota"] == {"dailyQuota": None, "remainingQuota": None}
    assert ask(client, token, "message/quota")["data"]["remainingQuota"] is None


def test_a_quota_of_nothing(client, token):
    Account.objects.update(daily_quota=0)
    assert codes(client, token, 1) == [-144]


def test_promotion_takes_a_quarter_of_the_day_under_the_2024_rules(client, token):
    Account.objects.update(policy="2024", daily_quota=20_000, promo_user_month_cap=9)
    served(HOA)
    counters.put(f"{OA}:day3:2026-11-21", 4_999)
    assert codes(client, token, 2, PROMO) == [0, -144]
    assert codes(client, token, 1, CARE) == [0]


def test_four_promotions_a_user_a_month(client, token, monkeypatch):
    served(HOA, LAN)
    assert codes(client, token, 5, PROMO) == [0, 0, 0, 0, -1471]
    assert codes(client, token, 1, PROMO, LAN) == [0]
    assert codes(client, token, 1, CARE) == [0]
    set_clock(monkeypatch, datetime(2026, 12, 1, 1, tzinfo=UTC))
    Account.objects.update(promo_month_quota=10, access_expires_at=datetime(2027, 1, 1, tzinfo=UTC))
    assert codes(client, token, 1, PROMO) == [0]


def test_a_refusal_takes_nothing(client, token):
    Account.objects.update(promo_month_quota=0)
    served(HOA)
    before = sorted(Counter.objects.values_list("key", "used"))
    assert codes(client, token, 1, PROMO) == [-1441]
    assert sorted(Counter.objects.values_list("key", "used")) == before


def test_promotion_month_is_a_sixth_of_two_months_and_more_at_first(client, token):
    set_delivered(oa_id=OA, month="2026-09", count=15_000)
    set_delivered(oa_id=OA, month="2026-10", count=45_000)
    set_delivered(oa_id=OA, month="2026-08", count=600)
    quota = ask(client, token, "message/quota")["data"]
    assert quota["monthlyPromotionQuota"] == 20_000
    Account.objects.update(promo_bonus_month="2026-09")
    quota = ask(client, token, "message/quota")["data"]
    assert (quota["monthlyPromotionQuota"], quota["estimatedNextMonthPromotionQuota"]) == (10_000, 7_500)


def test_promotion_month_runs_out(client, token):
    Account.objects.update(promo_month_quota=1)
    served(HOA, LAN)
    assert codes(client, token, 1, PROMO) + codes(client, token, 1, PROMO, LAN) == [0, -1441]


def test_mode_3_goes_past_the_promotion_month_if_the_account_may(client, token):
    Account.objects.update(promo_month_quota=0)
    served(HOA)
    assert send(client, token, PROMO, sending_mode="3")["error"] == -161
    Account.objects.update(beyond_quota=True)
    assert send(client, token, PROMO, sending_mode="3")["data"]["sending_mode"] == "3"


def test_only_what_arrived_of_tags_1_and_2_counts_for_the_next_months(client, token):
    served(HOA)  # in August
    services.set_recipient(phone=LAN, reachable=False)
    codes(client, token, 5)
    codes(client, token, 1, CARE, LAN)
    codes(client, token, 2, PROMO)
    set_delivered(oa_id=OA, month="2026-10", count=7)
    assert ask(client, token, "message/quota")["data"]["estimatedNextMonthPromotionQuota"] == 2  # (5 + 7) / 6


def test_a_template_has_a_day_of_its_own(client, token):
    Template.objects.filter(template_id=CARE).update(daily_quota=1)
    assert codes(client, token, 2) == [0, -147]


def test_the_balance_is_spent_and_then_refused(client, token):
    Account.objects.update(balance_vnd=399)
    assert codes(client, token, 2) == [0, -115]
    assert Account.objects.get().balance_vnd == 199
    assert Counter.objects.get(key=f"{OA}:day:2026-11-21").used == 1


def test_quota_answers_with_numbers(client, token):
    codes(client, token, 1)
    assert ask(client, token, "message/quota") == {
        "error": 0,
        "message": "Success",
        "data": {
            "dailyQuota": 20_000,
            "remainingQuota": 19_999,
            "dailyQuotaPromotion": None,
            "remainingQuotaPromotion": None,
            "monthlyPromotionQuota": 10_000,
            "remainingMonthlyPromotionQuota": 10_000,
            "estimatedNextMonthPromotionQuota": 0,
        },
    }


def test_seeding_the_past_twice_changes_nothing():
    make_account()
    past = [(HOA, NOON - timedelta(days=day)) for day in (1, 2)]
    assert seed_delivered(oa_id=OA, template_id=CARE, phones_at=past) == 2
    assert seed_delivered(oa_id=OA, template_id=CARE, phones_at=past) == 0
    assert Message.objects.count() == 2
    assert Counter.objects.get(key=f"{OA}:day:2026-11-20").used == 1


@pytest.fixture
def file_database(tmp_path, monkeypatch, settings):
    """A database file of its own, because the suite's database in memory has no waiting for a lock."""
    config = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": tmp_path / "race.sqlite3",
        "OPTIONS": settings.SQLITE_OPTIONS,
    }
    handler = ConnectionHandler({"default": {}, "sandbox": config})
    with handler["sandbox"].schema_editor() as editor:
        editor.create_model(Counter)
    monkeypatch.setattr(counters, "connections", handler)
    yield handler
    handler.close_all()


def test_many_at_once_never_pass_the_limit(file_database):
    def take_twenty(_):
        try:
            return [counters.take("race", 100) for _ in range(20)]
        finally:
            file_database.close_all()

    with ThreadPoolExecutor(8) as pool:
        taken = [used for answers in pool.map(take_twenty, range(8)) for used in answers]
    assert sorted(used for used in taken if used) == list(range(1, 101))


def test_faults_and_quota_share_no_counter(client, token):
    post_json(client, "zalo/faults", {"kind": "error", "code": -144})
    assert codes(client, token, 1) == [-144]
    assert not Counter.objects.exists()
