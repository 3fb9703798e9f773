"""openapi.zalo.me: messages to user ids, the people behind them, and who the account is."""

from typing import Any

from django.http import HttpRequest

from sandbox import clock, wire
from sandbox.models import Account
from sandbox.zalo import consult, people, uid
from sandbox.zalo.answers import failed
from sandbox.zalo.replies import OPENAPI
from sandbox.zalo.views.business import sends
from sandbox.zalo.views.guard import answers

send_template = sends(uid.send, OPENAPI)
send_consultation = sends(consult.send, OPENAPI)


@answers(OPENAPI, "POST")
def stopped(request: HttpRequest, account: Account) -> dict[str, Any]:
    """POST /v3.0/oa/message/transaction and /promotion, stopped on 2026-03-01. (Which code Zalo gives is not known.)"""
    return failed(-240)


@answers(OPENAPI, "POST")
def chat_quota(request: HttpRequest, account: Account) -> dict[str, Any]:
    """POST /v3.0/oa/quota/message."""
    return people.chat_quota(account, wire.body_object(request), clock.now())


@answers(OPENAPI, "POST")
def promotion_quota(request: HttpRequest, account: Account) -> dict[str, Any]:
    """POST /v2.0/oa/quota/message; its body may be missing."""
    asked = wire.body_object(request) if request.body else {}
    return people.promotion_quota(account, asked, clock.now())


@answers(OPENAPI)
def user_detail(request: HttpRequest, account: Account) -> dict[str, Any]:
    """GET /v3.0/oa/user/detail?data={"user_id": "…"}."""
    return people.detail(account, request.GET.get("data", ""))


@answers(OPENAPI)
def user_list(request: HttpRequest, account: Account) -> dict[str, Any]:
    """GET /v3.0/oa/user/getlist?data={"offset": 0, "count": 50}."""
    return people.page(account, request.GET.get("data", ""), clock.now())


@answers(OPENAPI)
def getoa(request: HttpRequest, account: Account) -> dict[str, Any]:
    """GET /v2.0/oa/getoa."""
    return people.about_account(account)
