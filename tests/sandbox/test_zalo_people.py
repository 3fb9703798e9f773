"""What people do by themselves, from the page and by script, and what the webhook is told of it."""

import json
from datetime import timedelta

import pytest

from sandbox.models import Account, Click, Counter, Message, Outbox, Rating, Recipient, Template, User
from sandbox.zalo import accepting, behaviour, checks, events, receipts, services
from tests.sandbox.zalo_story import APP, CARE, HOA, LAN, NOON, OA, PROMO, make_account, make_user, post_json, set_clock

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
ARRIVED = NOON + timedelta(seconds=1)
STAR = "351009"


@pytest.fixture(autouse=True)
def story(monkeypatch):
    set_clock(monkeypatch, ARRIVED + timedelta(minutes=5))
    make_account()
    Template.objects.filter(template_id=PROMO).update(template_id=STAR, kind=5, tag=2, button={})


def accept(phone=HOA, template_id=CARE, **columns):
    """An accepted message, past the checks."""
    template = Template.objects.select_related("account").get(template_id=template_id)
    body = {"phone": phone, "template_id": template_id, "template_data": {}, "tracking_id": "t1"}
    person = Recipient.objects.filter(phone=phone).first() or Recipient(phone=phone)
    case = accepting.Case(template.account, template, person, checks.read(body), NOON)
    accepted = accepting.accept(case, template, None)
    assert isinstance(accepted, accepting.Accepted)
    Message.objects.filter(id=accepted.message.id).update(**columns)
    return Message.objects.select_related("account", "template").get(id=accepted.message.id)


def told(name=None):
    found = Outbox.objects.order_by("id")
    return [row.body for row in (found.filter(name=name) if name else found)]


def do(client, **asked):
    return post_json(client, "zalo/stage/people", {"phone": HOA} | asked)


def reports():
    return dict(Counter.objects.filter(key__contains=":reports:").values_list("key", "used"))


def ms(moment):
    return str(int(moment.timestamp() * 1000))


def test_a_person_rates_presses_and_reports_by_themselves():
    services.set_habits(phone=HOA, rates=2, clicks=True, reports=True)
    plain, stars = accept(), accept(template_id=STAR)
    accept(phone=LAN)
    [feedback] = told("user_feedback")
    rated_at = ARRIVED + behaviour.RATES_AFTER
    assert feedback == {
        "oa_id": OA,
        "message": {
            "rating_type": "csat",
            "option": "five_emotions",
            "note": "",
            "rate": 2,
            "submit_time": ms(rated_at),
            "msg_id": stars.msg_id,
            "feedbacks": [],
            "tracking_id": "t1",
        },
        "event_name": "user_feedback",
        "app_id": APP,
        "timestamp": ms(rated_at),
    }
    [click] = told("user_click_response_button")
    assert (click["oa_id"], click["msg_id"]) == (OA, plain.msg_id)
    assert click["message"] == {
        "submit_time": ms(ARRIVED + behaviour.CLICKS_AFTER),
        "button_type": "2",
        "data": "LIÊN HỆ NGAY",
        "tracking_id": "t1",
    }
    assert Message.objects.exclude(reported_at=None).count() == 2
    assert reports() == {
        f"{OA}:reports:2026-11-21": 2,
        f"template:{CARE}:reports:2026-11-21": 1,
        f"template:{STAR}:reports:2026-11-21": 1,
    }


def test_what_never_arrives_moves_nobody():
    services.set_habits(phone=HOA, rates=5, clicks=True, reports=True)
    services.set_recipient(phone=HOA, reachable=False)
    accept()
    assert (told(), reports()) == ([], {})


@pytest.mark.parametrize(
    ("later", "counts"),
    [(timedelta(hours=48), True), (timedelta(hours=48, seconds=1), False), (-ARRIVED.resolution, None)],
)
def test_a_report_counts_within_48_hours_of_the_receipt(later, counts):
    message = accept()
    assert behaviour.report(message, at=ARRIVED + later) is (counts is not None)
    assert bool(reports()) is bool(counts)


def test_a_message_is_reported_rated_and_answered_once():
    message = accept(template_id=STAR)
    assert [behaviour.report(message, at=ARRIVED) for _ in range(2)] == [True, False]
    assert [behaviour.rate(message, stars, at=ARRIVED) for stars in (5, 1)] == [True, False]
    assert set(reports().values()) == {1}
    assert Rating.objects.get().rate == 5


def test_only_what_asks_for_stars_gets_them_and_only_a_button_is_pressed():
    assert behaviour.rate(accept(), 5, at=ARRIVED) is False
    assert behaviour.press(accept(template_id=STAR), at=ARRIVED) is False
    assert told() == []


def test_following_and_leaving(client):
    assert [do(client, does=deed).json()["done"] for deed in ("follow", "follow", "unfollow", "unfollow")] == [
        True,
        False,
        True,
        False,
    ]
    user = User.objects.get()
    assert (user.phone, user.is_follower, len(user.user_id)) == (HOA, False, 19)
    assert [each["event_name"] for each in told()] == ["follow", "unfollow"]
    assert (told()[0]["oa_id"], told()[0]["follower"]) == (OA, {"id": user.user_id})


def test_writing_opens_the_window_anew(client):
    make_user(oa_id=OA, phone=HOA, last_interaction_at=NOON - timedelta(days=9))
    User.objects.update(free_replies_used=8)
    assert do(client, does="write", text=" Cho em hỏi giờ khám ").json() == {"done": True}
    user = User.objects.get()
    assert (user.last_interaction_at, user.free_replies_used) == (ARRIVED + timedelta(minutes=5), 0)
    [event] = told("user_send_text")
    assert (event["sender"], event["recipient"]) == ({"id": user.user_id}, {"id": OA})
    assert event["message"]["text"] == "Cho em hỏi giờ khám"
    assert len(event["message"]["msg_id"]) == 20


def test_giving_the_phone(client):
    do(client, does="share_phone", name="Nguyễn Thị Hoa")
    [event] = told("user_submit_info")
    assert event["info"] == {"name": "Nguyễn Thị Hoa", "phone": HOA}
    assert (User.objects.get().name, User.objects.get().phone) == ("Nguyễn Thị Hoa", HOA)


def test_blocking_tells_nobody(client):
    do(client, does="block")
    assert Recipient.objects.get(phone=HOA).blocked
    do(client, does="unblock")
    assert not Recipient.objects.get(phone=HOA).blocked
    assert told() == []


def test_deeds_on_the_newest_message_or_on_the_one_named(client):
    first, second = accept(), accept(template_id=STAR)
    assert do(client, does="rate", stars=4, note="Tốt").json() == {"done": True}
    assert Rating.objects.get().message_id == second.id
    assert do(client, does="press", msg_id=first.msg_id).json() == {"done": True}
    assert Click.objects.get().message_id == first.id
    assert do(client, does="report", msg_id=first.msg_id).json() == {"done": True}
    assert Message.objects.get(id=first.id).reported_at is not None


def test_a_deed_towards_a_named_account(client):
    services.create_account(
        oa_id="77", name="Chi nhánh 2", app_id="2", app_secret="s", oa_secret_key="k", webhook_url="", now=NOON
    )
    do(client, does="follow", oa_id="77")
    assert User.objects.get().account.oa_id == "77"
    assert make_user(oa_id=OA, phone=HOA) != make_user(oa_id="77", phone=HOA)


@pytest.mark.parametrize(
    "wrong",
    [
        {"phone": "1", "does": "follow"},
        {"does": "dance"},
        {"does": "rate", "stars": 6},
        {"does": "rate", "stars": 5},  # nothing has arrived
        {"does": "report", "msg_id": "none"},
        {"does": "write", "text": " "},
        {"does": "write", "text": "x" * 2001},
        {"does": "follow", "oa_id": "none"},
        {"rates": 6},
        {"rates": "5"},
        {"phone": "1", "clicks": True},
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(client, wrong):
    answer = do(client, **wrong)
    assert answer.status_code == 400
    assert len(answer.json()["error"]) > 10


def test_traits_by_script_leave_the_other_ones_alone(client):
    services.set_recipient(phone=HOA, blocked=True)
    assert do(client, rates=3, reports=True).json() == {"done": True}
    person = Recipient.objects.get(phone=HOA)
    assert (person.rates, person.clicks, person.reports, person.blocked) == (3, False, True, True)


def test_seeding_a_user_is_silent_and_the_same_twice():
    first = make_user(oa_id=OA, phone=HOA, name="Hoa", follows=True)
    assert make_user(oa_id=OA, phone="0912345678", name="Hoa", follows=True) == first
    assert User.objects.get().is_follower
    assert told() == []


@pytest.mark.parametrize(
    ("columns", "to", "told_of_it"),
    [
        ({}, HOA, {"delivery_time", "msg_id", "tracking_id"}),
        ({"channel": "hash", "phone_hash": "ab12", "phone": ""}, "ab12", {"delivery_time", "msg_id", "tracking_id"}),
        ({"channel": "uid", "user_id": "900"}, "900", {"msg_id"}),
        ({"channel": "cs", "user_id": "900", "template": None}, "900", {"msg_id"}),
    ],
)
def test_a_receipt_names_the_person_as_the_sender_did(columns, to, told_of_it):
    accept(**columns)
    [event] = receipts._written(Message.objects.select_related("account").get())
    payload = json.loads(event.body)
    assert (payload["recipient"], set(payload["message"])) == ({"id": to}, told_of_it)
    assert ("X-ZEvent-Server" in event.headers) is ("tracking_id" in told_of_it)
    plain = events.signature(APP, event.body, payload["timestamp"], Account.objects.get().oa_secret_key)
    assert event.headers["X-ZEvent-Signature"] == f"mac={plain}"
