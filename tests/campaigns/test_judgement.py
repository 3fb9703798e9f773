"""A person ends the doubt, once, and nothing is sent again."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import AuditEntry, User
from campaigns.models import QuotaWindow
from campaigns.states import MessageState as S
from integrations.base import Unknown
from tests.campaigns.story import PHONE, Clinic, due, vn


@pytest.fixture
def in_doubt(clinic: Clinic) -> Clinic:
    """One message whose answer was lost."""
    due(clinic)
    clinic.channel.tell(PHONE, Unknown("outcome_unknown"))
    clinic.tick()
    return clinic


@pytest.mark.parametrize(
    ("answer", "state", "reason", "places"),
    [("yes", S.DELIVERED, "judged_reached", 1), ("no", S.FAILED, "judged_unsent", 0)],
)
def test_a_person_knows(in_doubt: Clinic, owner: User, answer: str, state: S, reason: str, places: int) -> None:
    browser = Client()
    browser.force_login(owner)
    page = f"/messages/{in_doubt.message().pk}/"
    assert "Khách đã nhận" in browser.get(page).content.decode()
    for _ in range(2):
        assert browser.post(f"{page}judge/", {"reached": answer}).status_code == 302
    in_doubt.at(vn(21, 12))
    message = in_doubt.message()
    assert (message.state, message.reason_code) == (state, reason)
    assert QuotaWindow.objects.get().used == places
    assert AuditEntry.objects.filter(action="message.judge").count() == 1
    assert len(in_doubt.channel.sent) == 1
    assert "Khách đã nhận</button>" not in browser.get(page).content.decode()
