"""What another clinic's owner, or a program, names in a form's fields: it does not exist here, and nothing is done."""

from __future__ import annotations

import pytest

from accounts.models import ApiToken, AuditEntry
from accounts.roles import Role
from datahub.models import Customer, FileImport, Label, Merge, Record, Segment, SheetLink, Source
from tests import factories
from tests.accounts.browser import as_, text
from tests.campaigns.story import vn

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(workspace, source):
    """Our clinic's visit."""
    return factories.make_record(source)


@pytest.fixture
def theirs(db):
    """Another clinic's visit of a patient of theirs."""
    there = factories.make_workspace("Phòng khám kia")
    source = factories.make_source(factories.make_dataset(there))
    return factories.make_record(source, Mã_khách_hàng="KHKIA", Họ_và_tên="Khách Kia", Số_điện_thoại="0933333333")


@pytest.fixture
def browser(owner):
    return as_(owner)


def test_a_code_of_another_clinic_is_not_merged(browser, mine, theirs):
    shown = browser.post(f"/hub/customers/{mine.customer_id}/merge/", {"code": "KHKIA"}, follow=True)
    assert "Không có khách nào mang mã này" in text(shown)
    assert not Merge.objects.exists()


def test_a_label_of_another_clinic_is_neither_shown_nor_taken(browser, mine, theirs):
    label = Label.objects.create(workspace=theirs.workspace, name="Nợ")
    theirs.customer.labels.add(label)
    assert browser.post(f"/hub/customers/{mine.customer_id}/labels/{label.pk}/remove/").status_code == 404
    assert browser.post(f"/hub/customers/{theirs.customer_id}/labels/{label.pk}/remove/").status_code == 404
    assert "Khách Kia" not in text(browser.get("/hub/customers/", {"label": label.pk}))
    assert theirs.customer.labels.count() == 1


def test_a_segment_of_another_clinic_narrows_and_exports_nothing_of_theirs(browser, mine, theirs):
    given = {"workspace": theirs.workspace, "dataset": theirs.dataset, "created_at": vn(21)}
    segment = Segment.objects.create(name="Kia", tree={"all": []}, **given)
    shown = browser.get(f"/hub/tables/{mine.dataset_id}/", {"segment": segment.pk})
    assert "Khách Kia" not in text(shown)
    for what in ("remove", "restore"):
        assert browser.post(f"/hub/segments/{segment.pk}/{what}/").status_code == 404


@pytest.mark.parametrize("page", ["/hub/sources/new/", "/hub/sources/json/", "/hub/sources/link/"])
def test_a_table_of_another_clinic_gets_no_source(browser, mine, theirs, page):
    before = Source.objects.count()
    pk = theirs.dataset_id
    sent = {"dataset": pk, "name": "Lấn", "kind": "script", "preset": "", "target": f"dataset-{pk}", "account": ""}
    browser.post(page, sent)
    assert Source.objects.count() == before


def test_a_source_and_a_key_of_another_clinic_are_not_linked(browser, mine, theirs):
    theirs_link = SheetLink.objects.create(
        source=theirs.source, service_account="{}", client_email="kia@x.com", spreadsheet_id="1", next_pull_at=vn(21)
    )
    page = browser.get("/hub/sources/link/", {"source": theirs.source_id})
    assert "kia@x.com" not in text(page)
    sent = {"target": f"source-{mine.source_id}", "account": "kia@x.com", "key": ""}
    browser.post("/hub/sources/link/", sent)
    assert list(SheetLink.objects.all()) == [theirs_link]


def test_a_file_goes_into_no_table_of_another_clinic(browser, mine, theirs, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Mã khách hàng,Họ và tên\nKH1,Hoa\n")
    with path.open("rb") as file:
        browser.post("/hub/imports/", {"dataset": theirs.dataset_id, "file": file})
    assert not FileImport.objects.exists()


def test_a_token_and_a_mark_of_another_clinic(browser, mine, theirs):
    chief = factories.make_person(theirs.workspace, Role.OWNER, email="chu@kia.vn")
    token = ApiToken.objects.create(workspace=theirs.workspace, name="Kia", created_by=chief, created_at=vn(21))
    assert browser.post(f"/hub/api/tokens/{token.pk}/revoke/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_a_field_and_an_undo_of_another_clinic(browser, mine, theirs, owner):
    chief = factories.make_person(theirs.workspace, Role.OWNER, email="chu@kia.vn")
    as_(chief).post(f"/hub/tables/{theirs.dataset_id}/fields/", {"label": "Cột kia", "type": "text", "owner": "sheet"})
    entry = AuditEntry.objects.filter(workspace=theirs.workspace).latest("pk")
    browser.post(f"/hub/tables/{mine.dataset_id}/undo/{entry.pk}/")
    assert theirs.dataset.fields.filter(label="Cột kia", archived_at=None).exists()


def test_an_export_holds_nothing_of_another_clinic(browser, mine, theirs):
    for page in ("/hub/customers/export/", f"/hub/tables/{mine.dataset_id}/export/", "/messages/export/"):
        body = b"".join(browser.post(page, {"form": "csv"})).decode()
        assert "Khách Kia" not in body
        assert "KHKIA" not in body


@pytest.mark.parametrize("role", [Role.STAFF, Role.VIEWER])
def test_whole_contacts_leave_only_with_who_may_see_them(workspace, mine, role):
    person = as_(factories.make_person(workspace, role))
    for page in ("/hub/customers/export/", f"/hub/tables/{mine.dataset_id}/export/", "/messages/export/"):
        assert person.post(page, {"form": "csv"}).status_code == 403


# --- a filter that cannot be read selects nobody --------------------------------------------------


BROKEN = {"all": [{"field": "status", "op": "resembles", "value": "x"}]}
GONE = {"all": [{"field": "khong_con", "op": "ne", "value": "x"}]}


def segment_of(mine, tree, **columns):
    given = {"workspace": mine.workspace, "dataset": mine.dataset, "created_at": vn(21)}
    return Segment.objects.create(name="Hỏng", tree=tree, **given | columns)


@pytest.mark.parametrize("tree", [BROKEN, GONE, {}, [], None, {"all": "x"}, {"field": "status"}, {"any": []}])
def test_a_filter_that_cannot_be_read_selects_nobody_anywhere(browser, mine, tree):
    segment = segment_of(mine, tree if tree is not None else "null")
    table = f"/hub/tables/{mine.dataset_id}/"
    assert "Nguyễn Thị Hoa" not in text(browser.get(table, {"segment": segment.pk}))
    assert (
        "Nguyễn Thị Hoa" not in b"".join(browser.post(f"{table}export/?segment={segment.pk}", {"form": "csv"})).decode()
    )
    assert "Nguyễn Thị Hoa" not in text(browser.get(f"{table}segments/"))
    assert text(browser.get(f"/hub/segments/{segment.pk}/count/")).strip() in ("0", "")


@pytest.mark.parametrize(
    "asked", ["segment={removed}", "segment=999999", "segment=x", "status=Không có", "q=" + "x" * 300]
)
def test_what_is_no_choice_exports_nobody_rather_than_everybody(browser, mine, asked):
    removed = segment_of(mine, {"all": []}, removed_at=vn(21))
    table = f"/hub/tables/{mine.dataset_id}/export/?" + asked.format(removed=removed.pk)
    answer = browser.post(table, {"form": "csv"})
    assert answer.status_code == 302 or "Nguyễn Thị Hoa" not in b"".join(answer).decode()


@pytest.mark.parametrize("page", ["/hub/customers/export/?label=999999", "/messages/export/?campaign=999999"])
def test_other_exports_too(browser, mine, page):
    assert browser.post(page, {"form": "csv"}).status_code == 302
    assert not AuditEntry.objects.filter(action="export").exists()


def test_an_unreadable_segment_does_not_become_a_segment_of_everybody(browser, mine):
    segment = segment_of(mine, BROKEN)
    shown = browser.get(f"/hub/tables/{mine.dataset_id}/segments/new/", {"segment": segment.pk}, follow=True)
    assert "không đọc được" in text(shown).lower()


def test_a_column_that_is_put_away_keeps_what_a_filter_in_flight_asks(mine):
    """An older version of a campaign may still ask about it: its last known answer stays with the visit."""
    from datahub.editor.columns import set_archived
    from datahub.editor.field_rules import stamp
    from datahub.tables import spec_of

    field = mine.dataset.fields.get(key="doctor")
    held = mine.values["doctor"]
    set_archived(field=field, archived=True, seen=stamp(spec_of(field)), actor=None, now=vn(21))
    factories.make_records(mine.source, [factories.visit(Dịch_vụ="Khám")], row_id=mine.row_id)
    again = Record.objects.get(pk=mine.pk)
    assert (again.service, again.values.get("doctor")) == ("Khám", held)
    assert Customer.objects.count() == 1
