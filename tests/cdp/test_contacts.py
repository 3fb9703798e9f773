"""Whole names and phones are shown to those whose business they are, and one at a time to who asks and is written down."""

from __future__ import annotations

import re
import unicodedata

import pytest

from accounts.models import AuditEntry, Membership
from accounts.roles import Role
from campaigns.models import Reaction, Suppression
from cdp import contacts
from datahub.models import Consent, Customer
from tests import factories
from tests.accounts.browser import HTMX, as_, text
from tests.campaigns.conftest import *  # noqa: F403  # the clinic's fixtures
from tests.campaigns.every_page import MANAGE, READ
from tests.campaigns.story import PHONE, vn

NAMES = ("Nguyễn Thị Hoa", "Lê Văn Tám", "Bùi Thị Hương")
NUMBERS = ("912345678", "987111222", "909090909")
FREE = "Gọi chị Nguyễn Thị Hoa 0912 345 678, hoa@gmail.com"


def member(role):
    return Membership(role=role)


OWNER, STAFF, VIEWER = (member(role) for role in (Role.OWNER, Role.STAFF, Role.VIEWER))


@pytest.mark.parametrize(
    ("who", "phone", "name", "free"),
    [
        (OWNER, "0912 345 678", "Nguyễn Thị Hoa", FREE),
        (STAFF, "09•• ••• 678", "Nguyễn Thị Hoa", "Gọi chị Nguyễn Thị Hoa •••, •••"),
        (VIEWER, "09•• ••• 678", "Ng. T. H.", "•••"),
        (None, "09•• ••• 678", "Ng. T. H.", "•••"),
    ],
)
def test_each_sees_what_is_their_business(who, phone, name, free):
    assert contacts.phone(PHONE, who) == phone
    assert contacts.person("Nguyễn Thị Hoa", who) == name
    assert contacts.typed(FREE, who) == free


@pytest.mark.parametrize(
    ("name", "shown"), [("Hoa", "H."), (" ", " "), ("Trần Bình", "Tr. B."), ("Đỗ Thị Phượng", "Đ. T. P."), ("", "")]
)
def test_a_short_name_is_enough_to_recognise_somebody_by(name, shown):
    assert contacts.person(name, VIEWER) == shown


def test_a_refusal_keeps_its_example_and_hides_what_it_quotes():
    told = "“Bùi Thị Hương”: có chữ, chỉ gõ chữ số, cần 10 số, ví dụ 0912345678; Mã “KH 0987111222”: sai"
    assert contacts.refusal(told, VIEWER) == "“•••”: có chữ, chỉ gõ chữ số, cần 10 số, ví dụ 0912345678; Mã “•••”: sai"
    assert contacts.refusal(told, STAFF) == told.replace("KH 0987111222", "KH •••")


@pytest.fixture
def people(clinic, owner):
    """Three people, each named on as many pages as can be: visits, messages, refused rows, lists, answers, words."""
    source = clinic.source
    factories.make_record(source, now=vn(20, 15), row_id="r1", Họ_và_tên="Nguyễn Thị Hoà", Số_điện_thoại="0987111222")
    record = factories.make_record(source, now=vn(20, 16), row_id="r1")
    factories.make_record(
        source, now=vn(20, 16), row_id="r2", Mã_khách_hàng="KH2", Họ_và_tên="Lê Văn Tám", Số_điện_thoại="0909090909"
    )
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    message = record.messages.get()
    type(message).objects.update(text="Chào chị Nguyễn Thị Hoa, gọi 0912 345 678")
    Reaction.objects.create(
        account=clinic.account, message=message, kind="rated", rate=4, note="Tôi là Nguyễn Thị Hoa", at=vn(21, 12)
    )
    source.sheet_rows.create(
        workspace=clinic.workspace, row_id="w", row_number=9, fingerprint="x", accepted=False, seen_at=vn(21),
        status="Số điện thoại “0987 111 222 Bùi Thị Hương”: có chữ",
        errors=[{"column": "Số điện thoại", "code": "x", "message": "“0987 111 222 Bùi Thị Hương”: có chữ", "suggestion": None}],
        values={"Họ và tên": "Bùi Thị Hương", "Số điện thoại": "0987 111 222 Bùi Thị Hương"},
    )  # fmt: skip
    Suppression.objects.create(
        workspace=clinic.workspace, phone=PHONE, reason_code="asked", note="Nguyễn Thị Hoa gọi", created_at=vn(21)
    )
    customer = record.customer
    Consent.objects.create(
        workspace=clinic.workspace,
        customer=customer,
        purpose="care",
        granted=True,
        proof="Nguyễn Thị Hoa ký",
        by=owner,
        at=vn(21),
    )
    return {
        "customer": customer.pk, "mark": 1, "label": 1, "merge": 1, "send": clinic.send.pk, "record": record.pk,
        "message": message.pk, "table": record.dataset_id, "source": source.pk, "account": clinic.account.pk,
        "template": clinic.template.pk,
    }  # fmt: skip


def pages(people):
    """Every page there is, and some with what a person may ask of them."""
    every = {**READ, **MANAGE}
    known = [page.format(**people) for page in every.values() if set(re.findall(r"{(\w+)}", page)) <= set(people)]
    asked = ["/hub/customers/?q=hoa", "/messages/?q=tam", f"/hub/tables/{people['table']}/?q=hoa"]
    asked += [f"/templates/{people['template']}/?visit={people['record']}", "/templates/?shows=visit"]
    return [*known, *asked]


def shown_to(person, people):
    """What the pages say, as one text without spaces, dots and marks' forms."""
    browser = as_(person)
    for address in pages(people):
        for how in ({}, HTMX):
            body = browser.get(address, follow=True, **how).content.decode()
            yield address, unicodedata.normalize("NFC", body)


def numbers_in(body):
    return [number for number in NUMBERS if number in re.sub(r"[\s.]", "", body.replace("ví dụ 0912345678", ""))]


def test_the_receptionist_sees_names_and_no_whole_phone(people, colleague):
    bodies = list(shown_to(colleague, people))
    assert [(address, numbers_in(body)) for address, body in bodies if numbers_in(body)] == []
    assert any(NAMES[0] in body for _, body in bodies)


def test_a_viewer_sees_neither_names_nor_phones(people, viewer):
    for address, body in shown_to(viewer, people):
        assert numbers_in(body) == [], address
        assert [name for name in (*NAMES, "Nguyễn Thị Hoà") if name in body] == [], address


def test_the_owner_sees_all_of_it(people, owner):
    body = " ".join(body for _, body in shown_to(owner, people))
    assert set(numbers_in(body)) == set(NUMBERS)
    assert all(name in body for name in NAMES)


def test_the_receptionist_asks_for_one_and_it_is_written_down(people, colleague, clinic):
    browser = as_(colleague)
    for address in (
        f"/hub/tables/{people['table']}/",
        "/hub/customers/",
        "/messages/",
        f"/hub/customers/{people['customer']}/",
    ):
        assert f"/hub/customers/{people['customer']}/reveal/" in browser.get(address).content.decode(), address
    answer = browser.post(f"/hub/customers/{people['customer']}/reveal/", **HTMX)
    assert "Nguyễn Thị Hoa · 0912 345 678" in text(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    entry = AuditEntry.objects.get(action="customer.reveal")
    assert (entry.subject, entry.actor, entry.facts) == (str(people["customer"]), colleague, {})


def test_a_viewer_asks_in_vain_and_is_offered_nothing(people, viewer):
    browser = as_(viewer)
    assert browser.post(f"/hub/customers/{people['customer']}/reveal/").status_code == 403
    assert "/reveal/" not in browser.get("/hub/customers/").content.decode()
    assert not AuditEntry.objects.filter(action="customer.reveal").exists()
    assert Customer.objects.count() == 2
