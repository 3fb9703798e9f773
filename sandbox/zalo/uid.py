"""POST /v3.0/oa/message/template: a template message to a user id (zalo-api §2.5).

It asks what a send by phone asks and takes the same quotas: since 2026 both are one kind of message. The refusals travel in the codes of
openapi.zalo.me. Which of them Zalo gives for what is published only in part: `_CODES` is the best reading of zalo-api §4.3.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.models import Account, Template, User
from sandbox.zalo import checks, door, personality, quota, sending
from sandbox.zalo.accepting import Accepted, Case, accept, facts
from sandbox.zalo.answers import epoch_ms, failed, field_invalid, succeeded
from sandbox.zalo.replies import Call, Reply

# Templates approved before this Vietnamese midnight are for phones only (zalo-api §0.4).
BY_UID_SINCE = datetime(2025, 12, 9, 17, tzinfo=UTC)
AUTHENTICATION = 2

# What the business host says with one code, this host says with another.
_CODES = {
    -115: -321,
    -118: -227,
    -119: -227,
    -110: -227,
    -114: -227,
    -120: -224,
    -133: -234,
    -135: -221,
    -1351: -248,
    -136: -320,
    -137: -321,
    -139: -244,
    -140: -244,
    -141: -244,
    -144: -211,
    -1441: -211,
    -145: -233,
    -147: -211,
    -1471: -218,
    -1472: -218,
}
_FIELDS = dict.fromkeys((-109, -117, -131, -146), "template_id") | dict.fromkeys(
    (-111, -112, -1121, -1122, -1124), "template_data"
)


def send(*, call: Call, body: Mapping[str, Any], now: datetime) -> Reply:
    """Answer at `now`. An accepted message is stored before this returns."""
    account, template = sending.account_and_template(call.access_token, str(body.get("template_id", "")), now)
    if account is None:
        return Reply(call.host.no_token())
    user = account.users.filter(user_id=str(body.get("user_id", ""))).first()
    passage = door.enter(account, call, phone=user.phone if user else "", now=now)
    if passage.refusal:
        return passage.refusal
    answer, fault = _answer(account, template, user, body, passage.fault, now)
    return Reply(answer, fault, passage.headers, passage.wait_s)


def _answer(
    account: Account, template: Template | None, user: User | None, body: Mapping[str, Any], fault: Any, now: datetime
) -> tuple[dict[str, Any], Any]:
    if user is None:
        return field_invalid("user_id"), None
    request = checks.read_uid(body, user.user_id, user.phone)
    case = Case(account, template, sending.person(user.phone), request, now)
    problem = _problem(case, user, body)
    if problem or template is None:
        return problem or field_invalid("template_id"), None
    accepted = accept(case, template, fault)
    if not isinstance(accepted, Accepted):
        return in_this_hosts_words(accepted), None
    return succeeded(_told(case, accepted)), accepted.fault


def _problem(case: Case, user: User, body: Mapping[str, Any]) -> dict[str, Any] | None:
    if case.template and case.template.account_id == case.account.id and not takes_uid(case.template):
        return failed(-249)
    if not user.is_follower and user.last_interaction_at is None:
        return failed(-213)
    if personality.PERSONALITIES[case.account.personality].strict and personality.strict_problem(body):
        return field_invalid("template_data")
    problem = checks.first_problem(facts(case))
    return in_this_hosts_words(problem) if problem else None


def takes_uid(template: Template) -> bool:
    """Whether a template may go to a user id: approved late enough, no authentication, no quick replies."""
    approved = template.created_at or template.account.created_at
    return approved >= BY_UID_SINCE and template.kind != AUTHENTICATION and not has_quick_replies(template)


def has_quick_replies(template: Template) -> bool:
    """Whether the layout has a RESPONSE component, whose buttons answer by themselves."""
    parts = [part for part in template.layout.values() if isinstance(part, dict)]
    return any("RESPONSE" in component for part in parts for component in part.get("components", []))


def in_this_hosts_words(refusal: dict[str, Any]) -> dict[str, Any]:
    """A refusal of the business host as openapi.zalo.me says it; a code that has no twin here stays what it is."""
    code = int(refusal["error"])
    if code in _FIELDS:
        return field_invalid(_FIELDS[code])
    return failed(_CODES[code]) if code in _CODES else refusal


def _told(case: Case, accepted: Accepted) -> dict[str, Any]:
    left = quota.remaining(case.account.daily_quota, accepted.used_today)
    return {
        "message_id": accepted.message.msg_id,
        "user_id": case.request.user_id,
        "sent_time": epoch_ms(case.now),
        "quota": {"quota_type": "purchase_quota"} | ({} if left is None else {"remain": left}),
    }
