"""PURE. What an event of Zalo's webhook tells us, in our own words. docs/zalo.md says what each leads to."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from integrations.base import Met, QuotaTold, Reacted, Receipt, TagsTold, TemplateTold, Told
from integrations.zalo.tags import tags_of
from integrations.zalo.values import json_object, moment, number, quality

Body = dict[str, Any]

_ID_LIMIT = 80
_USER_ID_LIMIT = 40
_STATUS_LIMIT = 20
_REASON_LIMIT = 400
_STATUSES = {"1": "ENABLE", "2": "PENDING_REVIEW", "3": "REJECT", "4": "DISABLE", "5": "DELETE"}
_PHONE = re.compile(r"(?:\+?84|0)?([35789]\d{8})")


def told(event_name: str, body: Body) -> Told | None:
    """What the event says, or None: for one that means nothing to us, and for one that is not as Zalo writes it."""
    read = _reader(event_name)
    return read(body) if read else None


def is_ours(event_name: str) -> bool:
    """Whether events of this name mean something to us, so that one that says nothing was not understood."""
    return _reader(event_name) is not None


def _reader(event_name: str) -> Callable[[Body], Told | None] | None:
    # A message to the account or to a group of it, whatever is in it: text, image, sticker, location and those to come.
    return _interacted if event_name.startswith("user_send_") else _READERS.get(event_name)


# --- about a message ----------------------------------------------------------


def _received(body: Body) -> Receipt | None:
    """By phone it says when the phone had it; by user id there is only the event's own time."""
    message = json_object(body.get("message"))
    at = moment(message.get("delivery_time") or body.get("timestamp"))
    msg_id, tracking_id = _id(message.get("msg_id")), _id(message.get("tracking_id"))
    return Receipt("delivered", at, msg_id, tracking_id) if at else None


def _rated(body: Body) -> Reacted | None:
    message = json_object(body.get("message"))
    at, rate = moment(message.get("submit_time") or body.get("timestamp")), number(message.get("rate"))
    if at is None or rate is None or not 1 <= rate <= 5:
        return None
    note, feedbacks = str(message.get("note") or ""), message.get("feedbacks")
    choices = tuple(str(each) for each in feedbacks) if isinstance(feedbacks, list) else ()
    return Reacted("rated", at, *_ids(body, message), rate=rate, note=note, choices=choices)


def _clicked(body: Body) -> Reacted | None:
    message = json_object(body.get("message"))
    at, pressed = moment(message.get("submit_time") or body.get("timestamp")), message.get("data")
    if at is None or not pressed:
        return None
    return Reacted("clicked", at, *_ids(body, message), choices=(str(pressed),))


def _ids(body: Body, message: Body) -> tuple[str, str]:
    """An answer button's event has its message id beside the message, the others in it."""
    return _id(message.get("msg_id") or body.get("msg_id")), _id(message.get("tracking_id"))


# --- about a person -----------------------------------------------------------


def _followed(body: Body) -> Met | None:
    return _met(body, json_object(body.get("follower")).get("id"), is_follower=True)


def _left(body: Body) -> Met | None:
    return _met(body, json_object(body.get("follower")).get("id"), is_follower=False)


def _interacted(body: Body) -> Met | None:
    return _met(body, json_object(body.get("sender")).get("id"), interacted=True)


def _clicked_chat(body: Body) -> Met | None:
    return _met(body, body.get("user_id") or json_object(body.get("sender")).get("id"), interacted=True)


def _called(body: Body) -> Met | None:
    person = body.get("user_id") or json_object(body.get("sender")).get("id")
    return _met(body, person, interacted=True, phone=_phone(body.get("phone")))


def _submitted(body: Body) -> Met | None:
    phone = _phone(json_object(body.get("info")).get("phone"))
    return _met(body, json_object(body.get("sender")).get("id"), interacted=True, phone=phone)


def _allowed(body: Body) -> Met | None:
    return _met(body, json_object(body.get("data")).get("user_id"), interacted=True)


def _met(
    body: Body, user_id: object, *, is_follower: bool | None = None, interacted: bool = False, phone: str = ""
) -> Met | None:
    at, name = moment(body.get("timestamp")), str(user_id or "")
    if at is None or not name or len(name) > _USER_ID_LIMIT:
        return None
    return Met(name, at, is_follower=is_follower, interacted=interacted, phone=phone)


# --- about the account and its templates ----------------------------------------


def _quota(body: Body) -> QuotaTold | None:
    at, after = moment(body.get("timestamp")), _new(body.get("quota"))
    if str(after).upper() == "UNLIMITED":
        return QuotaTold(at, None) if at else None
    quota = number(after)
    return QuotaTold(at, quota) if at and quota is not None else None


def _tags(body: Body) -> TagsTold | None:
    """Zalo names this event and shows no sample of it: any list of tags is taken whose names are all today's."""
    at = moment(body.get("timestamp"))
    for field in ("tags", "template_tags", "template_tag", "tag", "data"):
        listed = _new(body.get(field))
        names = listed.split(",") if isinstance(listed, str) else listed
        if at and (tags := tags_of(names)):
            return TagsTold(at, tags)
    return None


def _template_status(body: Body) -> TemplateTold | None:
    status = str(_new(body.get("status")) or "").upper()
    reason = str(body.get("reason") or "")[:_REASON_LIMIT]
    if not status or len(status) > _STATUS_LIMIT:
        return None
    return _template(body, status=_STATUSES.get(status, status), reason=reason)


def _template_quality(body: Body) -> TemplateTold | None:
    graded = quality(_new(body.get("quality")))
    return _template(body, quality=graded) if graded else None


def _template_quota(body: Body) -> TemplateTold | None:
    """No sample of this one either."""
    for field in ("quota", "template_quota", "daily_quota", "templateDailyQuota"):
        quota = number(_new(body.get(field)))
        if quota is not None:
            return _template(body, daily_quota=quota)
    return None


def _template(body: Body, **news: Any) -> TemplateTold | None:
    at, template_id = moment(body.get("timestamp")), _id(body.get("template_id") or body.get("templateId"))
    return TemplateTold(at, template_id, **news) if at and template_id else None


def _new(value: object) -> Any:
    """What a value is now, where Zalo tells it together with what it was: prev_value and new_value, or the like."""
    if not isinstance(value, dict):
        return value
    return next((value[name] for name in sorted(value) if name.startswith("new")), None)


# --- the parts ------------------------------------------------------------------


def _id(value: object) -> str:
    return str(value or "")[:_ID_LIMIT]


def _phone(value: object) -> str:
    """84 and nine digits, or nothing: what is no Vietnamese mobile links nobody to a phone."""
    found = _PHONE.fullmatch(re.sub(r"[\s.\-]", "", str(value or "")))
    return f"84{found[1]}" if found else ""


_READERS: dict[str, Callable[[Body], Told | None]] = {
    "user_received_message": _received,
    "user_feedback": _rated,
    "user_click_response_button": _clicked,
    "follow": _followed,
    "unfollow": _left,
    "user_reacted_message": _interacted,
    "user_click_chatnow": _clicked_chat,
    "user_call_oa": _called,
    "user_submit_info": _submitted,
    "widget_interaction_accepted": _allowed,
    "change_oa_daily_quota": _quota,
    "change_oa_template_tags": _tags,
    "change_template_status": _template_status,
    "change_template_quality": _template_quality,
    "change_template_quota": _template_quota,
}
