"""What people answered to templates, as the business host tells it (zalo-api §3): ratings and presses of buttons."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet

from sandbox.models import Account, Click, Rating
from sandbox.zalo import layouts
from sandbox.zalo.answers import epoch_ms, failed, succeeded

MOST_AT_ONCE = 100


def ratings(account: Account, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """/rating/get: rows with a total, oldest first; `from_time` and `to_time` are epochs in milliseconds, both included."""
    given = _given(Rating.objects.select_related("message"), account, asked, now)
    if isinstance(given, int):
        return failed(given)
    found, span = given
    rows = [
        {
            "rating_type": "csat",
            "option": "five_emotions",
            "note": rating.note,
            "rate": rating.rate,
            "submitDate": epoch_ms(rating.at),
            "msgId": rating.message.msg_id,
            "feedbacks": rating.feedbacks,
            "trackingId": rating.message.tracking_id,
            "oaId": account.oa_id,
        }
        for rating in found[span]
    ]
    return succeeded({"total": found.count(), "data": rows})


def clicks(account: Account, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """/response/get: the same for answer buttons, as bare rows."""
    given = _given(Click.objects.select_related("message"), account, asked, now)
    if isinstance(given, int):
        return failed(given)
    found, span = given
    rows = [
        {
            "data": click.data,
            "submitDate": epoch_ms(click.at),
            "msgId": click.message.msg_id,
            "oaId": account.oa_id,
            "trackingId": click.message.tracking_id,
        }
        for click in found[span]
    ]
    return succeeded(rows)


def _given(
    found: QuerySet[Any], account: Account, asked: Mapping[str, Any], now: datetime
) -> tuple[QuerySet[Any], slice] | int:
    """The answers asked for that were given by `now`, and which of them; or Zalo's code if the question is wrong."""
    since, until = (layouts.whole_number(asked.get(name)) for name in ("from_time", "to_time"))
    if since is None or until is None or since > until:
        return -132
    template_id = str(asked.get("template_id", ""))
    if not account.templates.filter(template_id=template_id).exists():
        return -109
    offset = layouts.whole_number(asked.get("offset", 0))
    limit = layouts.whole_number(asked.get("limit", MOST_AT_ONCE))
    if offset is None or limit is None or not 1 <= limit <= MOST_AT_ONCE:
        return -132
    times = {"at__gte": _moment(since), "at__lte": min(_moment(until), now)}
    of_template = found.filter(message__account=account, message__template__template_id=template_id, **times)
    return of_template.order_by("at"), slice(offset, offset + limit)


def _moment(milliseconds: int) -> datetime:
    latest_ms = 4_102_444_800_000  # the year 2100: what lies beyond is no time that anybody means
    return datetime.fromtimestamp(min(milliseconds, latest_ms) / 1000, UTC)
