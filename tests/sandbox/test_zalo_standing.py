"""Accounts that move by themselves: when, by what, and what the webhook is told."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connections
from django.test.utils import CaptureQueriesContext

from sandbox import clock
from sandbox.models import Account, Counter, Outbox, Template
from sandbox.zalo import counters, services, standing, tallies
from tests.sandbox.zalo_story import CARE, NOON, OA, PROMO, make_account

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
TODAY = date(2026, 11, 21)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def live(**columns):
    make_account(**({"first_sent_on": TODAY - 100 * DAY} | columns))
    services.make_live(oa_id=OA, now=NOON)


def put(what, per_day, *, back=7, day=TODAY):
    """So many a day on each of the `back` days before `day`."""
    for n in range(1, back + 1):
        counters.put(f"{OA}:{what}:{day - n * DAY}", per_day)


def account():
    return Account.objects.get(oa_id=OA)


def told(name="change_oa_daily_quota"):
    return list(Outbox.objects.filter(name=name).order_by("id").values_list("body", flat=True))


def ms(moment):
    return str(int(moment.timestamp() * 1000))


def test_reports_past_two_percent_cost_a_step_within_the_hour():
    live()
    counters.put(f"{OA}:reports:{TODAY}", 400)
    assert standing.advance(NOON) == 0
    counters.put(f"{OA}:reports:{TODAY}", 401)
    assert standing.advance(NOON + HOUR) == 1
    assert account().daily_quota == 10_000
    [event] = told()
    assert event == {
        "oaId": OA,
        "quota": {"prev_value": 20_000, "new_value": 10_000},
        "event_name": "change_oa_daily_quota",
        "app_id": account().app_id,
        "timestamp": ms(NOON + HOUR),
    }


def test_the_penalty_strikes_once_a_day():
    live()
    counters.put(f"{OA}:reports:{TODAY}", 5_000)
    assert [standing.advance(NOON + n * HOUR) for n in range(4)] == [1, 0, 0, 0]
    assert (account().daily_quota, account().penalised_on) == (10_000, TODAY)


def test_the_day_is_vietnams():
    live()
    counters.put(f"{OA}:reports:{TODAY}", 401)
    late = datetime(2026, 11, 21, 17, tzinfo=UTC)  # 00:00 on the 22nd
    assert standing.advance(late - timedelta(seconds=1)) == 1
    assert standing.advance(late) == 0


def test_a_good_week_is_rewarded_at_midnight():
    live()
    put("day", 6_000, day=TODAY + DAY)  # 42,000 of the 40,000 that it takes
    assert standing.advance(NOON) == 0
    midnight = datetime(2026, 11, 21, 17, tzinfo=UTC)
    assert standing.advance(midnight + HOUR) == 1
    assert (account().daily_quota, account().quality_7d) == (50_000, "HIGH")
    assert told()[0]["timestamp"] == ms(midnight)


def test_what_never_arrived_earns_nothing():
    live()
    put("day", 6_000, day=TODAY + DAY)
    counters.put(f"{OA}:missing:{TODAY}", 3_000)
    assert standing.advance(NOON + DAY) == 0


def test_what_arrived_a_day_later_counts_on_that_day():
    oa = OA
    sent, midnight = datetime(2026, 11, 21, 16, 59, tzinfo=UTC), datetime(2026, 11, 21, 17, tzinfo=UTC)
    make_account()
    counters.put(f"{oa}:day:{TODAY}", 3)
    for arrives_at in (sent, midnight, None):
        tallies.note_arrival(oa, tag=1, sent_at=sent, arrives_at=arrives_at)
    tally = tallies.read(oa, since=TODAY, until=TODAY + DAY)
    assert [tally.delivered([TODAY]), tally.delivered([TODAY + DAY])] == [1, 1]


def test_an_account_is_first_judged_eight_days_after_its_first_send():
    live(first_sent_on=None)
    put("day", 90_000, back=8, day=TODAY + 8 * DAY)  # every day from today on
    moves = [standing.advance(NOON + n * DAY) for n in range(10)]
    assert moves == [0] * 8 + [1, 0]
    assert account().first_sent_on == TODAY


def test_a_jump_over_days_judges_each_of_them():
    live()
    put("day", 200_000, back=30, day=TODAY + 30 * DAY)
    assert standing.advance(NOON + 15 * DAY) == 1
    day_one, day_eight = (datetime(2026, 11, 21, 17, tzinfo=UTC) + n * DAY for n in (0, 7))
    assert [(each["quota"]["new_value"], each["timestamp"]) for each in told()] == [
        (50_000, ms(day_one)),
        (None, ms(day_eight)),
    ]
    assert account().quota_changed_on == TODAY + 8 * DAY


def test_a_jump_and_many_rounds_end_alike():
    live()
    put("day", 30_000, back=20, day=TODAY + 20 * DAY)
    for day, reports in ((3, 999), (4, 400), (9, 5_000), (10, 21)):
        counters.put(f"{OA}:reports:{TODAY + day * DAY}", reports)
    before = account()
    fields = ["daily_quota", "quota_changed_on", "penalised_on", "judged_on", "quality_now", "quality_7d"]
    standing.advance(NOON + 19 * DAY)
    jumped, moves = [getattr(account(), each) for each in fields], [each["quota"] for each in told()]
    before.save()
    Outbox.objects.all().delete()
    for hour in range(0, 19 * 24 + 1, 4):
        standing.advance(NOON + hour * HOUR)
    assert [getattr(account(), each) for each in fields] == jumped
    assert [each["quota"] for each in told()] == moves
    assert len(moves) > 2


def test_yesterdays_penalty_is_not_forgotten_by_a_late_round():
    live()
    standing.advance(NOON)
    counters.put(f"{OA}:reports:{TODAY}", 500)
    assert standing.advance(NOON + DAY) == 1
    assert account().penalised_on == TODAY


def test_a_clock_put_back_changes_nothing():
    live()
    standing.advance(NOON + 3 * DAY)
    before = Account.objects.values().get()
    assert standing.advance(NOON) == 0
    assert Account.objects.values().get() == before


def test_an_account_that_is_not_live_stands_still():
    make_account(first_sent_on=TODAY - 100 * DAY)
    counters.put(f"{OA}:reports:{TODAY}", 9_999)
    assert standing.advance(NOON) == 0
    assert account().quality_now == "HIGH"


def test_quality_is_told_of_two_days_and_of_the_seven_before_today():
    live()
    put("day", 1_000)
    counters.put(f"{OA}:reports:{TODAY - DAY}", 8)
    standing.advance(NOON)
    assert (account().quality_now, account().quality_7d) == ("MEDIUM", "MEDIUM")
    counters.put(f"{OA}:reports:{TODAY}", 9)
    standing.advance(NOON + HOUR)
    assert (account().quality_now, account().quality_7d) == ("LOW", "MEDIUM")


@pytest.mark.parametrize(
    ("columns", "tags"),
    [
        ({"policy": "2024", "daily_quota": 10_000}, {"prev_value": ["TRANSACTION", "CUSTOMER_CARE"]}),
        ({"policy": "2026", "daily_quota": 10_000}, None),
        ({"policy": "2024", "daily_quota": 10_000, "allowed_tags": [1]}, None),
    ],
)
def test_tag_3_opens_with_the_step_to_20000_under_the_2024_rules(columns, tags):
    live(**columns, promo_bonus_month="")
    put("day", 5_000)
    standing.advance(NOON)
    standing.advance(NOON + DAY)
    assert account().daily_quota == 20_000
    events = told("change_oa_template_tags")
    assert [each["tags"]["prev_value"] for each in events] == ([tags["prev_value"]] if tags else [])
    assert account().promo_bonus_month == ("2026-11" if tags else "")


def test_a_poor_template_is_put_out_of_use_and_both_events_say_so():
    live()
    counters.put(f"{OA}:day:{TODAY}", 1_000)
    for template_id, reports in ((CARE, 11), (PROMO, 2)):
        counters.put(f"template:{template_id}:day:{TODAY}", 500 if template_id == CARE else 1_000)
        counters.put(f"template:{template_id}:reports:{TODAY}", reports)
    counters.put(f"{OA}:reports:{TODAY}", 13)
    standing.advance(NOON)
    standing.advance(NOON + HOUR)
    assert [(each["template_id"], each["quality"]) for each in told("change_template_quality")] == [
        (CARE, "LOW"),
        (PROMO, "MEDIUM"),
    ]
    [status] = told("change_template_status")
    assert (status["template_id"], status["status"]) == (CARE, {"prev_status": "ENABLE", "new_status": "DISABLE"})
    poor = Template.objects.get(template_id=CARE)
    assert (poor.status, poor.reason) == (Template.Status.DISABLE, standing.POOR_TEMPLATE)
    assert Template.objects.get(template_id=PROMO).status == Template.Status.ENABLE


def test_a_template_recovers_when_the_reports_are_a_week_old():
    live()
    counters.put(f"{OA}:reports:{TODAY}", 2)
    counters.put(f"template:{PROMO}:day:{TODAY}", 1_000)
    counters.put(f"template:{PROMO}:reports:{TODAY}", 2)
    standing.advance(NOON)
    counters.put(f"template:{PROMO}:day:{TODAY + 7 * DAY}", 10)
    standing.advance(NOON + 7 * DAY)
    assert [each["quality"] for each in told("change_template_quality")] == ["MEDIUM", "HIGH"]


def test_a_quota_of_its_own_is_told(client):
    make_account()
    services.set_template_quota(template_id=CARE, daily_quota=300, now=NOON)
    services.set_template_quota(template_id=CARE, daily_quota=300, now=NOON)
    [event] = told("change_template_quota")
    assert (event["template_id"], event["quota"]) == (CARE, {"prev_value": None, "new_value": 300})


def test_the_round_is_made_once_an_hour(monkeypatch):
    live()
    rounds: list[datetime] = []
    monkeypatch.setattr(standing, "advance", rounds.append)
    for minutes in (0, 1, 59, 60, 61, 600):
        standing.run_hourly(NOON + timedelta(minutes=minutes))
    assert rounds == [NOON, NOON + HOUR, NOON + 10 * HOUR]


def test_the_command_makes_the_round(monkeypatch):
    live(webhook_url="")
    counters.put(f"{OA}:reports:{TODAY}", 401)
    monkeypatch.setattr(clock, "now", lambda: NOON)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    call_command("sandbox", "--once")
    assert account().daily_quota == 10_000


def test_a_round_that_was_faster_wins(monkeypatch):
    live()
    counters.put(f"{OA}:reports:{TODAY}", 401)
    read = tallies.read

    def meanwhile(*args, **kwargs):
        Account.objects.update(daily_quota=1_000)
        return read(*args, **kwargs)

    monkeypatch.setattr(tallies, "read", meanwhile)
    assert standing.advance(NOON) == 0
    assert account().daily_quota == 1_000
    assert told() == []


def test_a_quiet_hour_costs_three_queries_and_writes_nothing():
    live()
    put("day", 5_000)
    standing.advance(NOON)
    with CaptureQueriesContext(connections["sandbox"]) as queries:
        standing.advance(NOON + HOUR)
    asked = [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(asked) == 3
    assert all(sql.startswith("SELECT") for sql in asked)


def test_a_hundred_days_amid_a_year_of_counts_read_numbers_and_no_message():
    live()
    Counter.objects.bulk_create(Counter(key=f"{OA}:day:{TODAY + n * DAY}", used=n * 97 % 9_000) for n in range(366))
    Counter.objects.bulk_create(Counter(key=f"{OA}:reports:{TODAY + n * DAY}", used=n % 11) for n in range(366))
    with CaptureQueriesContext(connections["sandbox"]) as queries:
        for day in range(100):
            standing.advance(NOON + day * DAY)
    assert not any("sandbox_message" in query["sql"] for query in queries)
    assert len(queries) < 100 * 12
    assert account().judged_on == TODAY + 99 * DAY
