"""What openapi.zalo.me tells about people, the account and its chat quotas (zalo-api §6)."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from sandbox import vietnam
from sandbox.models import Account, User
from sandbox.zalo import chat, consult, counters, events, quota
from sandbox.zalo.answers import epoch_ms, failed, field_invalid, succeeded

MOST_OFFSET, MOST_AT_ONCE = 9_951, 50
_BACK_DAYS = {"TODAY": (0, 0), "YESTERDAY": (1, 1), "L7D": (6, 0), "L30D": (29, 0)}


def detail(account: Account, data: str) -> dict[str, Any]:
    """GET /v3.0/oa/user/detail?data={"user_id": "…"}."""
    asked = _json(data)
    user = account.users.filter(user_id=str(asked.get("user_id", ""))).first() if asked is not None else None
    if user is None:
        return field_invalid("user_id" if asked is not None else "data")
    seen = user.last_interaction_at
    return succeeded(
        {
            "user_id": user.user_id,
            "user_id_by_app": events.id_by_app(user.user_id),
            "user_external_id": "",
            "display_name": user.name or "Người dùng Zalo",
            "user_alias": user.name,
            "is_sensitive": False,
            "user_last_interaction_date": f"{vietnam.local(seen):%d/%m/%Y}" if seen else "",
            "user_is_follower": user.is_follower,
            "avatar": "",
            "avatars": {"120": "", "240": ""},
            "tags_and_notes_info": {"notes": [], "tag_names": []},
            "shared_info": {"name": user.name, "phone": user.phone} if user.name and user.phone else {},
        }
    )


def page(account: Account, data: str, now: datetime) -> dict[str, Any]:
    """GET /v3.0/oa/user/getlist?data={"offset": 0, "count": 50, …}, in the order in which they became known."""
    asked = _json(data)
    if asked is None:
        return field_invalid("data")
    offset, count = asked.get("offset", 0), asked.get("count", MOST_AT_ONCE)
    for name, value, most in (("offset", offset, MOST_OFFSET), ("count", count, MOST_AT_ONCE)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            return field_invalid(name)
        if value > most:
            return failed(-210)
    found = _chosen(account, asked, now)
    if found is None:
        return field_invalid("last_interaction_period")
    ids = list(found.order_by("id").values_list("user_id", flat=True)[offset : offset + count])
    users = [{"user_id": each} for each in ids]
    return succeeded({"total": found.count(), "count": len(users), "offset": offset, "users": users})


def _chosen(account: Account, asked: Mapping[str, Any], now: datetime) -> QuerySet[User] | None:
    """None if the period is none of Zalo's. No one is tagged here, so a tag finds nobody."""
    found = account.users.none() if asked.get("tag_name") else account.users.all()
    if "is_follower" in asked:
        found = found.filter(is_follower=str(asked["is_follower"]).lower() == "true")
    period = asked.get("last_interaction_period")
    if not period:
        return found
    span = _BACK_DAYS.get(str(period))
    if span is None:
        return None
    today = vietnam.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    since, until = (today - timedelta(days=back) for back in span)
    return found.filter(last_interaction_at__gte=since, last_interaction_at__lt=until + timedelta(days=1))


def chat_quota(account: Account, body: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """POST /v3.0/oa/quota/message: of one user, or (with quota_owner) of the account."""
    if "user_id" not in body:
        return succeeded(_assets(account, now))
    user = account.users.filter(user_id=str(body["user_id"])).first()
    if user is None:
        return field_invalid("user_id")
    seen = user.last_interaction_at
    month = _promotion(account, user, now)
    return succeeded(
        {
            "last_interaction": epoch_ms(seen) if seen else None,
            "cs_reply": _replies(account, user, now),
            "promotion": {
                "daily_remain": month["remain"],
                "daily_total": month["total"],
                "monthly_remain": month["remain"],
                "monthly_total": month["total"],
            },
        }
    )


def _replies(account: Account, user: User, now: datetime) -> dict[str, int | None]:
    """Free replies left: none outside the window, nulls where they have no end."""
    total = chat.RULES[account.policy].free_replies
    if total is None:
        return {"remain": None, "total": None}
    is_open = user.last_interaction_at is not None and now - user.last_interaction_at <= chat.FREE_FOR
    return {"remain": max(0, total - user.free_replies_used) if is_open else 0, "total": total}


def promotion_quota(account: Account, body: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """POST /v2.0/oa/quota/message, the older one; Zalo's own sample posts no body and is told of no one."""
    user = account.users.filter(user_id=str(body.get("user_id", ""))).first()
    if body.get("user_id") and user is None:
        return field_invalid("user_id")
    return succeeded({"type": str(body.get("type", "promotion")), **_promotion(account, user, now)})


def _promotion(account: Account, user: User | None, now: datetime) -> dict[str, int]:
    """Messages of tag 3 to this person in this month."""
    total = account.promo_user_month_cap
    if user is None:
        return {"remain": total, "total": total}
    key = quota.user_counter(account.oa_id, user.phone or user.user_id, vietnam.month_key(now))
    return {"remain": max(0, total - counters.used([key])[key]), "total": total}


def _assets(account: Account, now: datetime) -> list[dict[str, Any]]:
    total = chat.PACKAGES.get(account.package, 0)
    key = consult.package_counter(account.oa_id, now)
    asset = {
        "asset_id": f"cs-{account.oa_id}",
        "product_type": "cs",
        "quota_type": chat.SUB_QUOTA,
        "valid_through": "31/12/2099",
        "total": total,
        "remain": max(0, total - counters.used([key])[key]),
    }
    return [asset]


def about_account(account: Account) -> dict[str, Any]:
    """GET /v2.0/oa/getoa: a good health check."""
    return succeeded(
        {
            "oa_id": account.oa_id,
            "oaid": account.oa_id,
            "name": account.name,
            "description": "",
            "is_verified": account.standing_error != -135,
            "oa_type": 2,
            "cate_name": "Sức khỏe",
            "num_follower": account.users.filter(is_follower=True).count(),
            "avatar": "",
            "cover": "",
            "package_name": account.package,
            "package_valid_through_date": "31/12/2099",
            "package_auto_renew_date": "",
            "linked_ZCA": "" if account.standing_error == -136 else "ZBS-SANDBOX",
        }
    )


def _json(data: str) -> dict[str, Any] | None:
    try:
        value = json.loads(data)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
