"""What needs a person, a line each, for the first page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from campaigns.standing.facts import reports_of_all
from campaigns.standing.words import BRAKES, quota_name
from campaigns.words import grouped
from integrations.base import Brake
from integrations.models import OfficialAccount
from integrations.vietnam import local

Line = tuple[str, str, tuple[object, ...]]
"""A sentence, and the view that it leads to with its arguments."""


def attention(accounts: Sequence[OfficialAccount], unconfirmed: int, rows_in_error: int, now: datetime) -> list[Line]:
    """Accounts that Zalo refuses, punished or is about to, then messages in doubt and rows to mend."""
    reports = reports_of_all(local(now).date()) if any(account.brake for account in accounts) else {}
    lines = [line for account in accounts for line in _of(account, reports.get(account.pk, 0), now)]
    if unconfirmed:
        lines.append((_("{n} tin chưa rõ kết quả.").format(n=unconfirmed), "campaigns:messages", ()))
    if rows_in_error:
        lines.append((_("{n} dòng trong Google Sheet cần sửa.").format(n=rows_in_error), "datahub:errors", ()))
    return lines


def _of(account: OfficialAccount, reports: int, now: datetime) -> Iterator[Line]:
    here = ("campaigns:account", (account.pk,))
    if account.blocked_reason:
        text = _("Zalo đang từ chối tài khoản {name}, tin của OA này đang chờ.")
        yield (text.format(name=account.name), "campaigns:connections", ())
    elif account.grant_refused_at:
        text = _("Quyền gửi tin của {name} sắp hết hạn, cần kết nối lại.")
        yield (text.format(name=account.name), "campaigns:connections", ())
    if account.brake:
        text = _("{name} có {n} báo xấu hôm nay nên đang hãm: {brake}.")
        brake = str(BRAKES[Brake(account.brake)])
        yield (text.format(name=account.name, n=grouped(reports), brake=brake.lower()), *here)
    if _is_punished(account, now):
        text = _("{name} bị phạt ngày {day}, hạn mức còn {quota} tin một ngày.")
        facts = {"day": f"{account.penalised_on:%d/%m}", "quota": quota_name(account.daily_quota).lower()}
        yield (text.format(name=account.name, **facts), *here)


def _is_punished(account: OfficialAccount, now: datetime) -> bool:
    """Whether a penalty is so fresh that the account may not climb again yet."""
    if account.penalised_on is None:
        return False
    today = local(now).date()
    return today < account.penalised_on + timedelta(days=account.rules_on(today).standing.wait_days)
