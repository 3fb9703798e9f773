"""Templates handed in over the API, reviewed at the stage, and what people answered to them."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sandbox.models import Account, Click, Message, Outbox, Rating, Template
from tests.sandbox.zalo_story import CARE, NOON, OA, ask, post_json, send, set_clock

pytestmark = [pytest.mark.django_db(databases=["default", "sandbox"]), pytest.mark.usefixtures("noon")]
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def layout(title="Cảm ơn <customer_name>", texts=("Hẹn gặp lại chị vào <day>.",), buttons=(), images=()):
    body = [{"TITLE": {"value": title}}, *({"PARAGRAPH": {"value": text}} for text in texts)]
    header = [{"IMAGES": {"items": [{"type": "IMAGE", "media_id": each} for each in images]}}] if images else []
    footer = [{"BUTTONS": {"items": list(buttons)}}] if buttons else []
    parts = {"header": header, "body": body, "footer": footer}
    return {name: {"components": components} for name, components in parts.items()}


def draft(**fields):
    return {
        "template_name": "Nhắc lịch tái khám",
        "template_type": 1,
        "tag": "2",
        "layout": layout(),
        "params": [
            {"name": "customer_name", "type": "1", "sample_value": "Hoa"},
            {"name": "day", "type": 11, "sample_value": "21/11/2026"},
        ],
        "note": "Gửi trước ngày hẹn",
        "tracking_id": "d1",
    } | fields


def create(client, token, **fields):
    return post_json(client, "zalo/business/template/create", draft(**fields), access_token=token).json()


def edit(client, token, template_id, **fields):
    body = draft(template_id=template_id, **fields)
    return post_json(client, "zalo/business/template/edit", body, access_token=token).json()


def decide(client, **asked):
    return post_json(client, "zalo/stage/templates", asked)


def test_a_new_template_is_reviewed_and_then_sent(client, token):
    data = create(client, token)["data"]
    template_id = data["template_id"]
    assert (data["status"], data["price_sdt"], data["price_uid"]) == ("PENDING_REVIEW", "200", "140")
    filled = {"customer_name": "Hoa", "day": "22/11/2026"}
    assert send(client, token, template_id, template_data=filled)["error"] == -131
    decide(client, template_id=template_id, status="ENABLE", quality="HIGH")
    assert send(client, token, template_id, template_data=filled)["error"] == 0
    listed = ask(client, token, "template/info/v2", template_id=template_id)["data"]["listParams"]
    assert [(each["name"], each["type"], each["maxLength"]) for each in listed] == [
        ("customer_name", "STRING", 30),
        ("day", "DATE", 20),
    ]


def test_only_a_rejected_template_of_this_api_may_be_edited(client, token):
    template_id = create(client, token)["data"]["template_id"]
    assert edit(client, token, template_id)["error"] == -1091
    decide(client, template_id=template_id, status="REJECT", reason="Sai chính tả")
    assert ask(client, token, "template/info/v2", template_id=template_id)["data"]["reason"] == "Sai chính tả"
    assert edit(client, token, template_id, template_name="Nhắc lịch tái khám 2")["data"]["status"] == "PENDING_REVIEW"
    Template.objects.filter(template_id=CARE).update(status=Template.Status.REJECT)
    assert edit(client, token, CARE)["error"] == -1091
    assert edit(client, token, "9")["error"] == -109


BUTTON = {"type": 2, "title": "Gọi phòng khám", "content": "02873000000"}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"template_name": "Ngắn"}, -153),
        ({"template_name": "a" * 61}, -153),
        ({"note": ""}, -153),
        ({"tracking_id": ""}, -132),
        ({"template_type": 6}, -132),
        ({"template_type": 5, "tag": "1"}, -153),
        ({"template_type": 2, "tag": "3"}, -153),
        ({"tag": "4"}, -132),
        ({"params": []}, -112),
        ({"params": [{"name": "customer_name", "type": 99, "sample_value": "x"}]}, -112),
        ({"layout": {}}, -153),
        ({"layout": layout(title="Ngắn")}, -116),
        ({"layout": layout(texts=["a" * 401])}, -116),
        ({"layout": layout(texts=["Một đoạn văn."] * 5)}, -116),
        ({"layout": layout(buttons=[BUTTON] * 3)}, -113),
        ({"layout": layout(buttons=[BUTTON | {"title": "Gọi"}])}, -113),
        ({"layout": layout(buttons=[BUTTON | {"content": ""}])}, -1131),
        ({"layout": layout(images=["m"])}, -1132),
        ({"layout": layout(images=["m"], buttons=[BUTTON])}, -132),
        ({"layout": layout(buttons=[BUTTON])}, 0),
    ],
)
def test_drafts(client, token, wrong, code):
    assert create(client, token, **wrong)["error"] == code


def test_no_promotion_template_for_whom_may_not_send_one(client, token):
    Account.objects.update(allowed_tags=[1, 2])
    assert create(client, token, tag="3")["error"] == -1201


def test_a_hundred_calls_a_day(client, token, monkeypatch):
    monkeypatch.setattr("sandbox.zalo.creating.CALLS_A_DAY", 1)
    assert [create(client, token)["error"] for _ in range(2)] == [0, -160]
    assert edit(client, token, "9")["error"] == -109
    assert edit(client, token, "9")["error"] == -160
    set_clock(monkeypatch, NOON + timedelta(hours=13))
    assert create(client, token)["error"] == 0


@pytest.mark.parametrize(
    ("content", "code"), [(PNG, 0), (b"\xff\xd8\xff" + b"0", 0), (b"GIF89a", -159), (PNG + b"0" * 512_000, -158)]
)
def test_pictures(client, token, content, code):
    form = {"file": SimpleUploadedFile("logo.png", content)}
    answer = client.post("/sandbox/zalo/business/upload/image", form, headers={"access_token": token}).json()
    assert answer["error"] == code
    if not code:
        picture = layout(images=[answer["data"]["media_id"]], buttons=[BUTTON])
        assert create(client, token, layout=picture)["data"]["price_sdt"] == "400"


def test_a_decision_is_told_to_the_webhook(client, token):
    decide(client, template_id=CARE, status="DISABLE", reason="Bị báo xấu", quality="LOW", daily_quota=10)
    told = {row.name: row.body for row in Outbox.objects.all()}
    assert told["change_template_status"]["status"] == {"prev_status": "ENABLE", "new_status": "DISABLE"}
    assert told["change_template_quality"]["quality"] == "LOW"
    assert told["change_template_quota"]["quota"] == {"prev_value": None, "new_value": 10}
    decide(client, template_id=CARE, status="DISABLE")
    assert Outbox.objects.count() == 3


@pytest.mark.parametrize(
    "wrong",
    [{"template_id": "9"}, {"template_id": CARE, "status": "GOOD"}, {"template_id": CARE, "colour": 1}, {}],
)
def test_a_decision_that_makes_no_sense(client, token, wrong):
    assert decide(client, **wrong).status_code == 400


def answered(client, token):
    send(client, token)
    message = Message.objects.get()
    Rating.objects.create(message=message, rate=4, note="Tốt", feedbacks=["Nhanh"], at=NOON)
    Click.objects.create(message=message, data="Đồng ý", at=NOON)
    return message


@pytest.mark.parametrize("path", ["rating/get", "response/get"])
def test_what_people_answered(client, token, path):
    message = answered(client, token)
    now_ms = int(NOON.timestamp() * 1000)
    asked = {"template_id": CARE, "from_time": now_ms, "to_time": now_ms, "offset": 0, "limit": 10}
    posted = post_json(client, f"zalo/business/{path}", asked, access_token=token).json()
    assert posted == ask(client, token, path, **{name: str(value) for name, value in asked.items()})
    rows = posted["data"]["data"] if path == "rating/get" else posted["data"]
    assert [(row["msgId"], row["trackingId"], row["oaId"]) for row in rows] == [(message.msg_id, "t1", OA)]
    earlier = asked | {"to_time": now_ms - 1, "from_time": 0}
    assert "Tốt" not in str(post_json(client, f"zalo/business/{path}", earlier, access_token=token).json())


@pytest.mark.parametrize(
    ("asked", "code"),
    [({}, -132), ({"from_time": 2, "to_time": 1}, -132), ({"from_time": 1, "to_time": 2, "template_id": "9"}, -109)],
)
def test_a_question_about_answers_that_makes_no_sense(client, token, asked, code):
    assert post_json(client, "zalo/business/rating/get", asked, access_token=token).json()["error"] == code
