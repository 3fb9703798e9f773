"""The phones that Zalo users typed: only said, until somebody of the clinic confirms that they are theirs."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import record_audit
from accounts.models import User
from integrations.models import OfficialAccount, ZaloUser

# Of those who wait, the newest are shown: whoever types a phone over and over must not fill the page.
SHOWN = 20


def unconfirmed(account: OfficialAccount) -> list[ZaloUser]:
    """The users of the account whose phone nobody confirmed yet, the newest word first, SHOWN at most."""
    said = ZaloUser.objects.filter(account=account, phone_confirmed_at=None).exclude(phone="")
    return list(said.order_by("-phone_at", "-id")[:SHOWN])


@transaction.atomic
def confirm_phone(*, account: OfficialAccount, user: int, phone: str, actor: User, now: datetime) -> bool:
    """Somebody of the clinic says that `phone` is this user's: from now on a patient with it may be written to there.

    False, with nothing written, when the user has said another phone by now, or it was confirmed already. `user` is the
    row's id, by which the audit trail names them: it shows no phone.
    """
    said = ZaloUser.objects.filter(account=account, pk=user, phone=phone, phone_confirmed_at=None)
    if not phone or not said.update(phone_confirmed_at=now):
        return False
    record_audit(
        workspace=account.workspace, actor=actor, action="account.phone", subject=account.oa_id, now=now, user=user
    )
    return True
