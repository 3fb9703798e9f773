"""The sample clinic is connected on both sides, and a second run changes nothing."""

from __future__ import annotations

import pytest

from campaigns.definition import SendStep
from campaigns.models import Campaign
from campaigns.ways import closed_to_all
from cdp import demo
from integrations.base import ChannelName
from integrations.models import MessageTemplate, OfficialAccount, SmsAccount
from integrations.registry import channel
from sandbox.models import Account, SmsBrand
from tests.campaigns.story import HandClock, vn

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


@pytest.fixture
def seeded() -> None:
    for day in (20, 21):
        demo.seed(public_url="http://testserver", ready=True, now=vn(day, 9))


def test_its_account_at_the_sandbox_moves_on_its_ladder_from_the_first_day_on(seeded: None) -> None:
    account = Account.objects.get()
    assert account.standing_is_live
    assert account.judged_on == vn(20).date()


def test_all_four_ways_may_be_tried_in_it(seeded: None) -> None:
    send = next(
        step for campaign in Campaign.objects.all() for step in campaign.definition.steps if step.kind == "send"
    )
    assert isinstance(send, SendStep)
    all_ways = send.model_copy(update={"channels": tuple(ChannelName), "chat_text": "Chào bạn", "sms_text": "Chao ban"})
    template = MessageTemplate.objects.get(name="Hỏi thăm sau khám")
    assert closed_to_all(all_ways, template, SmsAccount.objects.get()) == {}


def test_its_sms_account_is_the_brand_that_the_vendor_knows(seeded: None) -> None:
    keys = channel(ChannelName.SMS).open(OfficialAccount.objects.get(), HandClock(vn(21, 9)))
    brand = SmsBrand.objects.get()
    assert (keys.api_key, keys.secret_key, keys.brandname) == (brand.api_key, brand.secret_key, brand.brandname)
