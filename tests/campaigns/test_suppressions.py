"""The marks on phones that are not written to: one a phone, whichever word came first."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import transaction

from campaigns import suppressions
from campaigns.models import Suppression
from integrations.base import Refused, Scope
from tests.campaigns.story import PHONE, Clinic, due, vn
from tests.campaigns.waystory import NOT_ON_ZALO

NOW, SOON, LATER = vn(21), vn(25), vn(29)
REFUSED, UNKNOWN = Suppression.Way.EVERY, Suppression.Way.ZALO


@pytest.mark.parametrize(
    ("held", "until", "new", "stays"),
    [
        (REFUSED, SOON, UNKNOWN, True),  # never weaker, though it would hold longer
        (REFUSED, None, UNKNOWN, True),
        (REFUSED, None, REFUSED, True),
        (REFUSED, vn(30), REFUSED, True),  # never shorter
        (UNKNOWN, vn(30), UNKNOWN, True),
        (REFUSED, SOON, REFUSED, False),
        (UNKNOWN, SOON, UNKNOWN, False),
        (UNKNOWN, vn(30), REFUSED, False),  # who refuses is not written to by SMS either
        (UNKNOWN, None, REFUSED, False),
        (REFUSED, NOW, UNKNOWN, False),  # over since this moment
        (UNKNOWN, NOW, REFUSED, False),
    ],
)
def test_one_mark_a_phone_and_the_stronger_one_holds(
    clinic: Clinic, held: str, until: datetime | None, new: str, stays: bool
) -> None:
    phone = {"workspace": clinic.workspace, "phone": PHONE, "created_at": vn(1)}
    Suppression.objects.create(**phone, way=held, reason_code="held", until=until)
    with transaction.atomic():
        suppressions.put([Suppression(**phone, way=new, reason_code="new", until=LATER)], NOW)
    mark = Suppression.objects.get()
    assert (mark.way, mark.reason_code, mark.until) == ((held, "held", until) if stays else (new, "new", LATER))


def test_of_a_refusal_and_an_unknown_phone_in_one_chunk_the_refusal_holds(clinic: Clinic) -> None:
    clinic.visit(Mã_khách_hàng="KH0", Số_điện_thoại="0912345678", Dịch_vụ="Lấy cao răng")
    due(clinic)
    clinic.channel.tell(PHONE, Refused("recipient_refuses", Scope.PERSON), NOT_ON_ZALO)
    clinic.tick()
    assert Suppression.objects.get().way == Suppression.Way.EVERY
