"""Watching an account: our own counts take away at once, give nothing before Zalo says so, and hold sends back in time."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.models import AuditEntry, User
from campaigns import progress
from campaigns.health import measure_accounts
from campaigns.models import Message, ReportCount, StandingDay
from campaigns.standing import watch
from campaigns.states import MessageState as S
from integrations.base import Brake
from integrations.models import MessageTemplate, OfficialAccount, QuotaChange
from integrations.zalo.quota_changes import change_quota
from tests.campaigns.arrivals import delivered
from tests.campaigns.story import Clinic, due, make_account, make_template, vn

NOV_21 = date(2026, 11, 21)


@pytest.fixture
def account(clinic: Clinic) -> OfficialAccount:
    """20,000 a day under the rules of 2026: 401 reports are the penalty. It is 11:00 on 21 November."""
    due(clinic)
    return clinic.account


def report(
    clinic: Clinic, count: int, *, template: MessageTemplate | None = None, actor: User | None = None
) -> int | None:
    """A person tells of so many reports, now."""
    return watch.enter_reports(
        account=clinic.account, template=template, count=count, actor=actor, now=clinic.clock.now()
    )


def changes_of(account: OfficialAccount) -> list[tuple[int | None, int | None, str]]:
    """What the quota went through, oldest first."""
    return list(account.quota_changes.order_by("id").values_list("before", "after", "cause"))


# --- the hourly check ---------------------------------------------------------


@pytest.mark.parametrize(("reports", "quota"), [(400, 20_000), (401, 10_000)])
def test_more_than_two_percent_takes_a_step_at_the_next_hourly_check(clinic, account, reports: int, quota: int) -> None:
    report(clinic, reports)
    watch.hourly(account, clinic.clock)
    account.refresh_from_db()
    assert account.daily_quota == quota
    assert changes_of(account) == ([(20_000, 10_000, "penalty")] if quota == 10_000 else [])


def test_a_day_has_one_penalty_and_the_next_day_another(clinic: Clinic, account: OfficialAccount) -> None:
    report(clinic, 5_000)
    for hour in (12, 13, 23):
        clinic.clock.moment = vn(21, hour)
        watch.hourly(account, clinic.clock)
    assert account.daily_quota == 10_000
    clinic.clock.moment = vn(22, 9)
    watch.hourly(account, clinic.clock)
    assert account.daily_quota == 10_000, "yesterday's reports are not today's"
    report(clinic, 201)
    watch.hourly(account, clinic.clock)
    assert account.daily_quota == 1_000


def test_zalos_own_penalty_is_not_taken_a_second_time(clinic: Clinic, account: OfficialAccount) -> None:
    report(clinic, 401)
    change_quota(account, after=10_000, cause=QuotaChange.Cause.TOLD, at=vn(21, 11, 1))
    clinic.clock.moment = vn(21, 12)
    watch.hourly(account, clinic.clock)
    assert changes_of(account) == [(20_000, 10_000, "told")]


def test_a_lowering_that_the_reports_do_not_explain_leaves_the_penalty_to_come(clinic: Clinic, account) -> None:
    change_quota(account, after=10_000, cause=QuotaChange.Cause.TOLD, at=vn(21, 0, 1))
    report(clinic, 201)
    watch.hourly(account, clinic.clock)
    assert changes_of(account) == [(20_000, 10_000, "told"), (10_000, 1_000, "penalty")]


def test_zalos_word_wins_over_our_prediction(clinic: Clinic, account: OfficialAccount) -> None:
    report(clinic, 401)
    watch.hourly(account, clinic.clock)
    change_quota(account, after=20_000, cause=QuotaChange.Cause.TOLD, at=vn(21, 12))
    clinic.clock.moment = vn(21, 13)
    watch.hourly(account, clinic.clock)
    assert account.daily_quota == 20_000


# --- the brake ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("reports", "brake"),
    [(100, Brake.NONE), (101, Brake.SLOW), (201, Brake.HOLD_PROMOTION), (301, Brake.ONLY_TRANSACTION)],
)
def test_the_brake_follows_the_moment_reports_are_entered(clinic, account, owner, reports: int, brake: Brake) -> None:
    assert report(clinic, reports, actor=owner) == reports
    account.refresh_from_db()
    assert account.brake == brake
    trail = AuditEntry.objects.filter(action="account.brake")
    names = {"before": "none", "after": brake.name.lower(), "reports": reports}
    assert [entry.facts for entry in trail] == ([names] if brake else [])


def test_a_correction_loosens_the_brake(clinic: Clinic, account: OfficialAccount, owner: User) -> None:
    report(clinic, 301, actor=owner)
    assert report(clinic, -300, actor=owner) == 1
    account.refresh_from_db()
    assert account.brake == Brake.NONE
    assert AuditEntry.objects.filter(action="account.reports", actor=owner).count() == 2


def test_no_more_can_be_taken_back_than_was_told(clinic: Clinic, account: OfficialAccount) -> None:
    report(clinic, 5)
    assert report(clinic, -6) is None
    assert ReportCount.objects.get().count == 5


def test_reports_of_another_accounts_template_are_refused(clinic: Clinic, account: OfficialAccount) -> None:
    foreign = make_template(make_account(clinic.workspace, oa_id="oa-hai"))
    with pytest.raises(ValueError, match="another account"):
        report(clinic, 1, template=foreign)


def test_midnight_lifts_the_brake(clinic: Clinic, account: OfficialAccount) -> None:
    report(clinic, 301, template=clinic.template)
    clinic.clock.moment = vn(21, 23, 59)
    watch.hourly(account, clinic.clock)
    assert account.brake == Brake.ONLY_TRANSACTION
    clinic.clock.moment = vn(22)
    watch.hourly(account, clinic.clock)
    clinic.template.refresh_from_db()
    assert (account.brake, clinic.template.brake) == (Brake.NONE, Brake.NONE)


def test_one_bad_template_is_held_before_the_whole_account(clinic: Clinic, account: OfficialAccount) -> None:
    innocent = make_template(account, template_id="7002")
    report(clinic, 101, template=clinic.template)
    for template in (innocent, clinic.template):
        template.refresh_from_db()
    account.refresh_from_db()
    assert (account.brake, clinic.template.brake, innocent.brake) == (Brake.SLOW, Brake.HOLD_PROMOTION, Brake.NONE)


def test_a_template_that_zalo_calls_poor_is_braked_without_any_count(clinic: Clinic, account: OfficialAccount) -> None:
    offer = make_template(account, template_id="7003", tag=3, quality="LOW")
    MessageTemplate.objects.filter(pk=clinic.template.pk).update(quality="LOW")
    watch.hourly(account, clinic.clock)
    for template in (offer, clinic.template):
        template.refresh_from_db()
    assert (account.brake, offer.brake, clinic.template.brake) == (Brake.NONE, Brake.HOLD_PROMOTION, Brake.SLOW)


@pytest.mark.parametrize(
    ("tag", "reports", "state"),
    [(3, 200, S.SENT), (3, 201, S.SCHEDULED), (2, 201, S.SENT), (2, 301, S.SCHEDULED), (1, 20_000, S.SENT)],
)
def test_a_burst_of_reports_holds_promotion_then_care_and_never_transactions(
    clinic: Clinic, account: OfficialAccount, tag: int, reports: int, state: S
) -> None:
    progress.advance(now=clinic.clock.now(), limit=10)
    delivered(clinic, vn(1), 1)  # what makes the patient one who may get promotion
    waiting = Message.objects.filter(state=S.SCHEDULED)
    waiting.update(tag=tag)
    message = waiting.get()
    report(clinic, reports)
    clinic.tick()
    message.refresh_from_db()
    assert message.state == state
    if state == S.SCHEDULED:
        assert (message.reason_code, message.due_at >= vn(22)) == ("brake_held", True)


# --- the nightly judgement ----------------------------------------------------


@pytest.fixture
def old(clinic: Clinic, account: OfficialAccount) -> OfficialAccount:
    """An account of 10 a day (no step of the ladder) that has sent for a month; `clinic` made one message."""
    clinic.tick()
    OfficialAccount.objects.filter(pk=account.pk).update(daily_quota=10, first_sent_on=date(2026, 10, 20))
    account.refresh_from_db()
    return account


def night(clinic: Clinic, account: OfficialAccount, day: int, *, quality: str) -> StandingDay:
    """The first minute of a November day, with Zalo's 7-day quality as it told it."""
    clinic.clock.moment = vn(day, 0, 1)
    OfficialAccount.objects.filter(pk=account.pk).update(quality_7d=quality)
    watch.nightly(account, clinic.clock)
    return StandingDay.objects.get(account=account, day=date(2026, 11, day - 1))


def test_a_step_up_is_shown_and_not_taken(clinic: Clinic, old: OfficialAccount) -> None:
    delivered(clinic, vn(15, 12), 12)
    delivered(clinic, vn(21, 12), 8)
    seen = night(clinic, old, 22, quality="HIGH")
    assert (seen.daily_quota, seen.expected_quota, seen.delivered, seen.care_delivered) == (10, 1_000, 8, 8)
    assert old.daily_quota == 10
    assert changes_of(old) == []


def test_one_message_short_of_twice_the_quota_is_no_step(clinic: Clinic, old: OfficialAccount) -> None:
    delivered(clinic, vn(15, 12), 12)
    delivered(clinic, vn(21, 12), 7)
    delivered(clinic, vn(14, 12), 50)
    delivered(clinic, vn(21, 12), 50, channel="sms")
    assert night(clinic, old, 22, quality="HIGH").expected_quota == 10


def test_a_step_down_is_taken_at_once(clinic: Clinic, old: OfficialAccount) -> None:
    OfficialAccount.objects.filter(pk=old.pk).update(daily_quota=20_000)
    assert night(clinic, old, 22, quality="LOW").expected_quota == 10_000
    assert changes_of(old) == [(20_000, 10_000, "step_down")]
    night(clinic, old, 23, quality="LOW")
    assert changes_of(old) == [(20_000, 10_000, "step_down")], "seven days of waiting"


def test_what_zalo_told_this_morning_is_not_judged_again(clinic: Clinic, old: OfficialAccount) -> None:
    OfficialAccount.objects.filter(pk=old.pk).update(daily_quota=20_000)
    change_quota(old, after=50_000, cause=QuotaChange.Cause.TOLD, at=vn(22, 0, 0))
    night(clinic, old, 22, quality="LOW")
    assert old.daily_quota == 50_000


def test_a_night_is_written_once_and_its_counts_settle_later(clinic: Clinic, old: OfficialAccount) -> None:
    first = night(clinic, old, 22, quality="MEDIUM")
    delivered(clinic, vn(21, 23, 59), 3)
    watch.nightly(old, clinic.clock)
    assert StandingDay.objects.get(pk=first.pk).delivered == first.delivered
    night(clinic, old, 23, quality="LOW")
    later = StandingDay.objects.get(account=old, day=NOV_21)
    assert (later.delivered, later.quality_7d) == (first.delivered + 3, "MEDIUM")


def test_after_an_outage_every_day_gets_its_row(clinic: Clinic, old: OfficialAccount) -> None:
    night(clinic, old, 22, quality="MEDIUM")
    change_quota(old, after=2_000, cause=QuotaChange.Cause.TOLD, at=vn(24, 9))
    delivered(clinic, vn(25, 10), 4, tag=3)
    ReportCount.objects.create(account=old, day=date(2026, 11, 25), count=2, at=vn(25))
    night(clinic, old, 27, quality="MEDIUM")
    rows = StandingDay.objects.filter(account=old, day__gte=NOV_21).order_by("day")
    assert [row.day.day for row in rows] == [21, 22, 23, 24, 25, 26]
    assert [row.daily_quota for row in rows] == [10, 10, 10, 2_000, 2_000, 2_000]
    assert [(row.promotion_sent, row.reports, row.care_delivered) for row in rows][4] == (4, 2, 0)


def test_the_watch_asks_a_constant_number_of_questions(clinic, old, django_assert_max_num_queries) -> None:
    for number in range(5):
        make_template(old, template_id=f"80{number}")
    delivered(clinic, vn(5, 12), 30)
    clinic.clock.moment = vn(22, 0, 1)
    with django_assert_max_num_queries(20):
        watch.nightly(old, clinic.clock)
    with django_assert_max_num_queries(12):
        watch.hourly(old, clinic.clock)


# --- what is shown ------------------------------------------------------------


def test_the_gauges_tell_how_near_a_penalty_is(clinic: Clinic, account: OfficialAccount) -> None:
    make_account(clinic.workspace, oa_id="oa-hai", daily_quota=None, blocked_reason="hold")
    report(clinic, 301)
    first, second = measure_accounts(now=clinic.clock.now())
    assert (first.account, first.reports_left, first.brake, first.blocked) == (account.pk, 100, 3, False)
    assert (second.reports_left, second.blocked, second.sync_age_s, second.quota_drift) == (None, True, None, None)
