"""An account in whatever standing a test wants, its page, and reports entered on it."""

from __future__ import annotations

from typing import Any

from campaigns.standing.page import AccountStanding, account_standing
from integrations.models import OfficialAccount
from tests.campaigns.story import Clinic, vn


def stand(clinic: Clinic, **changes: Any) -> OfficialAccount:
    """The clinic's account with these columns changed."""
    OfficialAccount.objects.filter(pk=clinic.account.pk).update(**changes)
    clinic.account.refresh_from_db()
    return clinic.account


def page(account: OfficialAccount) -> str:
    """Where its page is."""
    return f"/connections/{account.pk}/"


def seen(account: OfficialAccount) -> AccountStanding:
    """What the page is made from, at 11:00 on 21 November."""
    return account_standing(account, vn(21, 11))


def enter(browser: Any, account: OfficialAccount, count: object, template: object = "") -> Any:
    """A person enters reports; the page that comes of it."""
    sent = {"reports-count": count, "reports-template": template}
    return browser.post(f"{page(account)}reports/", sent, follow=True)
