"""Connecting, looking after and disconnecting a shared sheet, by hand."""

from __future__ import annotations

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import AuditEntry
from datahub.models import LinkedRow, SheetLink, Source
from sandbox.google import books
from sandbox.models import GoogleAccount, GoogleBook
from tests.datahub.linked_story import NAMES, make_rows, typed
from tests.sandbox.google_story import BOOK, DATABASES, EMAIL, TAB, key_text, make_sheet

pytestmark = pytest.mark.django_db(databases=DATABASES)
ADDRESS = f"https://docs.google.com/spreadsheets/d/{BOOK}/edit#gid=0"


@pytest.fixture
def unlinked(linked):
    """The sheet is there and shared; our side knows nothing of it."""
    linked.link.delete()
    Source.objects.update(kind=Source.Kind.SCRIPT)
    linked.key = key_text(GoogleAccount.objects.get())
    return linked


@pytest.fixture
def admin(client, owner):
    client.force_login(owner)
    return client


def link_url(linked, name="link"):
    return reverse(f"datahub:{name}", args=[linked.link.source_id])


def create(admin, unlinked, **data):
    source = unlinked.link.source_id
    return admin.post(reverse("datahub:link_new"), {"target": f"source-{source}", "key": unlinked.key, **data})


def attach(admin, linked, address=ADDRESS):
    return admin.post(link_url(linked, "link_attach"), {"address": address})


def test_the_account_comes_first_so_that_one_knows_with_whom_to_share(admin, unlinked):
    page = admin.get(create(admin, unlinked).url).content.decode()
    link = SheetLink.objects.get()
    assert (link.client_email, link.worksheet, link.source.kind) == (EMAIL, "", "sheets")
    assert EMAIL in page
    assert "PRIVATE KEY" not in page


def test_the_key_is_stored_encrypted_and_never_shown_again(admin, unlinked):
    create(admin, unlinked)
    with connection.cursor() as cursor:
        cursor.execute("SELECT service_account FROM datahub_sheetlink")
        assert "PRIVATE KEY" not in cursor.fetchone()[0]
    assert "PRIVATE KEY" in SheetLink.objects.get().service_account
    wrong = create(admin, unlinked, target="", key=unlinked.key)
    assert "PRIVATE KEY" not in wrong.content.decode()


def test_a_file_that_is_no_key_is_said_and_nothing_is_stored(admin, unlinked):
    page = create(admin, unlinked, key='{"installed": {}}').content.decode()
    assert "không phải tệp khóa" in page
    assert not SheetLink.objects.exists()
    assert "Hãy dán tệp khóa" in create(admin, unlinked, key="").content.decode()


def test_a_new_source_can_be_made_for_a_table(admin, unlinked):
    dataset = Source.objects.get().dataset
    create(admin, unlinked, target=f"dataset-{dataset.pk}")
    made = SheetLink.objects.get().source
    assert (made.dataset, made.kind, made.is_open, Source.objects.count()) == (dataset, "sheets", True, 2)


def test_a_second_sheet_goes_under_the_same_account_without_pasting(admin, linked):
    dataset = linked.source.dataset
    assert EMAIL in admin.get(reverse("datahub:link_new")).content.decode()
    admin.post(reverse("datahub:link_new"), {"target": f"dataset-{dataset.pk}", "account": EMAIL, "key": ""})
    assert SheetLink.objects.filter(client_email=EMAIL).count() == 2


def test_the_address_is_tried_at_google_and_the_tab_is_found(admin, unlinked):
    create(admin, unlinked)
    assert attach(admin, unlinked).status_code == 302
    link = SheetLink.objects.get()
    assert (link.spreadsheet_id, link.worksheet, link.gid, link.state) == (BOOK, TAB, 0, "working")
    unlinked.link = link
    unlinked.put(NAMES, make_rows(typed(1)))
    unlinked.pull(days=2)
    assert unlinked.phones() == ["84912300001"]


def test_a_sheet_that_is_not_shared_is_said_with_the_address_to_share_with(admin, unlinked):
    create(admin, unlinked)
    books.share(book=GoogleBook.objects.get(), email=EMAIL, role="")
    page = attach(admin, unlinked).content.decode()
    assert f"thêm {EMAIL}" in page
    assert SheetLink.objects.get().spreadsheet_id == ""


def test_an_address_of_something_else(admin, unlinked):
    create(admin, unlinked)
    assert "không phải của một Google Sheet" in attach(admin, unlinked, "https://example.vn/abc").content.decode()
    assert "Không tìm thấy bảng tính" in attach(admin, unlinked, ADDRESS.replace("1Ab", "9Zz")).content.decode()


def test_two_tabs_that_could_be_meant_are_asked_about(admin, unlinked):
    books.create_book(
        spreadsheet_id=BOOK,
        title="Phòng khám",
        sheets={
            TAB: unlinked.sheet,
            "Khách cũ": make_sheet(NAMES, [], slug="s2"),
            "Giá": make_sheet(["A"], [], slug="s3"),
        },
    )
    create(admin, unlinked)
    page = attach(admin, unlinked, BOOK).content.decode()
    assert "Khách cũ" in page
    assert "thiếu cột: Mã khách hàng" in page
    assert SheetLink.objects.get().worksheet == ""
    admin.post(link_url(unlinked, "link_tab"), {"gid": "1001"})
    assert (SheetLink.objects.get().worksheet, SheetLink.objects.get().gid) == ("Khách cũ", 1001)
    admin.post(link_url(unlinked, "link_tab"), {"gid": "77"})
    assert SheetLink.objects.get().gid == 1001


def test_one_tab_feeds_one_source(admin, linked):
    dataset = linked.source.dataset
    admin.post(reverse("datahub:link_new"), {"target": f"dataset-{dataset.pk}", "account": EMAIL, "key": ""})
    second = SheetLink.objects.exclude(pk=linked.link.pk).get()
    page = admin.post(reverse("datahub:link_attach", args=[second.source_id]), {"address": ADDRESS}).content.decode()
    assert "đã được nối ở nguồn" in page
    second.refresh_from_db()
    assert second.worksheet == ""


def test_another_sheet_starts_afresh(admin, linked):
    linked.put(NAMES, make_rows(typed(1)))
    linked.pull()
    other = make_sheet(NAMES, [], slug="s9")
    book = books.create_book(spreadsheet_id=f"{BOOK}Z", title="Khác", sheets={"Trang A": other})
    books.share(book=book, email=EMAIL, role="writer")
    attach(admin, linked, f"{BOOK}Z")
    link = SheetLink.objects.get()
    assert (link.worksheet, link.pulled_at, LinkedRow.objects.count()) == ("Trang A", None, 0)


def test_checking_asks_google_now_and_lets_the_turn_come(admin, linked):
    SheetLink.objects.update(state="refused", next_pull_at=linked.clock.now().replace(year=2030))
    page = admin.post(link_url(linked, "link_check"))
    assert "Kết nối tốt" in page.content.decode()
    assert SheetLink.objects.get().next_pull_at.year < 2030
    books.share(book=GoogleBook.objects.get(), email=EMAIL, role="")
    assert EMAIL in admin.post(link_url(linked, "link_check"), follow=True).content.decode()


def test_another_key(admin, linked):
    other = GoogleAccount.objects.get()
    GoogleAccount.objects.filter(pk=other.pk).update(client_email="moi@phong-kham.iam.gserviceaccount.com")
    other.refresh_from_db()
    admin.post(link_url(linked, "link_key"), {"key": key_text(other)})
    assert SheetLink.objects.get().client_email == "moi@phong-kham.iam.gserviceaccount.com"
    assert "không phải tệp khóa" in admin.post(link_url(linked, "link_key"), {"key": "{}"}).content.decode()


def test_disconnecting_forgets_the_key_and_keeps_the_data(admin, linked):
    linked.put(NAMES, make_rows(typed(1)))
    linked.pull()
    assert admin.post(link_url(linked, "link_end"), follow=True).status_code == 200
    assert not SheetLink.objects.exists()
    assert Source.objects.get().kind == "script"
    assert Source.objects.get().records.count() == 1


def test_every_step_is_written_down_without_a_secret(admin, unlinked):
    create(admin, unlinked)
    attach(admin, unlinked)
    admin.post(link_url(unlinked, "link_key"), {"key": unlinked.key})
    admin.post(link_url(unlinked, "link_end"))
    entries = list(AuditEntry.objects.order_by("pk").values_list("action", "facts"))
    assert [action for action, _ in entries] == [
        "link.create",
        "link.attach",
        "link.tab",
        "link.key",
        "link.disconnect",
    ]
    assert "PRIVATE" not in str(entries)


@pytest.mark.parametrize("name", ["link", "link_attach", "link_check", "link_tab", "link_key", "link_end"])
def test_only_who_manages_connections_of_this_clinic(client, linked, colleague, stranger, name):
    call = client.get if name == "link" else client.post
    client.force_login(colleague)
    assert call(link_url(linked, name)).status_code == 403
    client.force_login(stranger)
    assert call(link_url(linked, name)).status_code == 404
    assert SheetLink.objects.exists()


def test_a_stranger_is_offered_nothing_of_this_clinic(client, linked, stranger):
    client.force_login(stranger)
    assert EMAIL not in client.get(reverse("datahub:link_new")).content.decode()


def test_a_source_without_a_link_has_no_such_page(admin, unlinked):
    assert admin.get(link_url(unlinked)).status_code == 404


def test_the_source_page_carries_the_banner(client, linked, viewer):
    SheetLink.objects.update(state="refused", problem=f"Hãy chia sẻ cho {EMAIL}.")
    client.force_login(viewer)
    page = client.get(reverse("datahub:source", args=[linked.link.source_id])).content.decode()
    assert f"Hãy chia sẻ cho {EMAIL}." in page
    assert 'data-tone="bad" role="alert"' in page


def test_the_list_of_sources_leads_to_the_link_for_who_may_change_it(admin, client, linked, viewer):
    page = admin.get(reverse("datahub:sources")).content.decode()
    assert link_url(linked) in page
    client.force_login(viewer)
    assert link_url(linked) not in client.get(reverse("datahub:sources")).content.decode()
