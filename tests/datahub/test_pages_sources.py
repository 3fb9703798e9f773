"""The pages of sources: choosing a way, installing the script, and seeing that it is alive."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import AuditEntry
from datahub.models import ScriptPulse, Source
from datahub.sources import close_source, create_source, open_source
from integrations import clock
from integrations.google_sheets import package
from tests.accounts.browser import as_, text
from tests.factories import make_dataset

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(owner):
    return as_(owner)


@pytest.fixture
def page(source):
    """The address of the source's page."""
    return f"/hub/sources/{source.pk}/"


def beat(source, *, minutes=1, **changes):
    """The script was last heard so long ago."""
    facts = {"sheet_name": "Khách hàng", "calls_left": 18_500, "problems": [], "headers": []}
    story = {"at": clock.wall() - timedelta(minutes=minutes), "version": package.version(), "waiting": 1_203}
    return ScriptPulse.objects.create(source=source, **story | {"facts": facts} | changes)


def test_a_source_tells_how_to_connect_the_sheet(browser, page, source):
    shown = text(browser.get(page))
    assert f"http://testserver/hooks/sheets/{source.key}" in shown
    assert "CDP → Cài đặt kết nối" in shown
    assert "Chưa nhận lần nào" in shown
    assert "Chưa cài mã" in shown


def test_the_script_on_the_page_and_its_download_hold_the_address_and_no_secret(browser, viewer, page, source):
    filled = f'const FILLED = {{ url: "http://testserver/hooks/sheets/{source.key}", secret: "" }};'
    shown = browser.get(page)
    assert filled in text(shown)
    assert source.secret not in shown.content.decode()
    download = as_(viewer).get(f"{page}script/")
    assert download.content.decode() == package.filled(url=f"http://testserver/hooks/sheets/{source.key}")
    assert filled in download.content.decode()
    assert source.secret not in download.content.decode()
    assert "Code.gs" in download["Content-Disposition"]
    for handler in ("function onSheetEdit", "function pulse_", "function checkup_", "function setup"):
        assert handler in download.content.decode()


def test_the_filled_in_script_is_a_reveal(browser, viewer, page, source):
    assert browser.get(f"{page}script/filled/").status_code == 405
    assert as_(viewer).post(f"{page}script/filled/").status_code == 403
    download = browser.post(f"{page}script/filled/")
    assert f'secret: "{source.secret}"' in download.content.decode()
    assert "no-store" in download["Cache-Control"]
    entry = AuditEntry.objects.get(action="source.reveal_secret")
    assert (entry.subject, entry.facts) == (str(source.pk), {"where": "script"})


def test_the_revealed_secret_comes_as_one_paste_too(browser, page, source):
    revealed = browser.post(f"{page}secret/").content.decode()
    assert f"http://testserver/hooks/sheets/{source.key} {source.secret}" in revealed


def test_another_clinics_source_does_not_exist(stranger, page):
    other = as_(stranger)
    answers = [
        other.get(page),
        other.get(f"{page}script/"),
        other.post(f"{page}script/filled/"),
        other.post(f"{page}secret/"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert not AuditEntry.objects.filter(action="source.reveal_secret").exists()


def test_a_sheet_that_is_alive_says_how_it_is(browser, page, source):
    beat(source, facts={"sheet_name": "Khách hàng", "calls_left": 18_500, "problems": ["Thiếu cột “Gửi webhook”"]})
    shown = text(browser.get(page))
    for said in ("Đang chạy", "1.203", "18.500", "Thiếu cột “Gửi webhook”", package.version(), "mới nhất"):
        assert said in shown
    assert "Im lặng" not in shown


@pytest.mark.parametrize(("minutes", "is_silent"), [(14, False), (16, True)])
def test_after_a_quarter_of_an_hour_silence_is_said_with_what_to_do(browser, page, source, minutes, is_silent):
    beat(source, minutes=minutes)
    shown = text(browser.get(page))
    assert ("Im lặng" in shown) is is_silent
    assert ("Không nghe thấy bảng tính từ" in shown) is is_silent
    assert ("Bảng tính im lặng từ" in text(browser.get("/hub/sources/"))) is is_silent


def test_an_older_script_is_told_of(browser, page, source):
    beat(source, version="0.1")
    assert f"đã có bản {package.version()}" in text(browser.get(page))


def test_a_new_sheet_is_one_form_away(browser, source, owner):
    made = browser.post("/hub/sources/new/", {"name": "Chi nhánh Thủ Đức", "dataset": source.dataset_id})
    new = Source.objects.get(name="Chi nhánh Thủ Đức")
    assert made.url == f"/hub/sources/{new.pk}/"
    assert (new.kind, new.dataset_id, new.is_open) == ("script", source.dataset_id, True)
    assert new.secret != source.secret
    entry = AuditEntry.objects.get(action="source.create")
    assert (entry.actor, entry.subject) == (owner, str(new.pk))
    assert "cài mã vào bảng tính" in text(browser.get(made.url))


def test_the_choice_leads_to_every_way_that_exists(browser, source):
    page = browser.get("/hub/sources/new/").content.decode()
    for way in ('href="/hub/sources/link/"', 'href="/hub/imports/"'):
        assert way in page


def test_nobody_without_the_ability_adds_a_source(colleague, stranger, source):
    assert as_(colleague).get("/hub/sources/new/").status_code == 403
    theirs = as_(stranger).post("/hub/sources/new/", {"name": "x", "dataset": source.dataset_id})
    assert theirs.status_code == 200  # the table is none of theirs: the form says so
    assert Source.objects.count() == 1


def test_the_sources_of_one_table_open_and_close_together(source, workspace):
    other = create_source(dataset=source.dataset, name="Chi nhánh 2")
    elsewhere = create_source(dataset=make_dataset(workspace), name="Bảng khác")

    def are_open():
        return [Source.objects.get(pk=each.pk).is_open for each in (source, other, elsewhere)]

    assert are_open() == [True, True, False]
    close_source(source=source)
    assert are_open() == [False, False, False]
    open_source(source=other)
    assert are_open() == [True, True, False]


def test_the_list_asks_as_often_for_many_sources_as_for_few(browser, source, django_assert_max_num_queries):
    def count():
        with django_assert_max_num_queries(30) as captured:
            browser.get("/hub/sources/")
            return len(captured)

    beat(source)
    few = count()
    for number in range(5):
        beat(create_source(dataset=source.dataset, name=f"Nguồn {number}"))
    assert count() == few


def test_the_package_is_whole():
    files = {path.name for path in package.FOLDER.glob("*.gs")}
    assert set(package.FILES) == files
    assert package.version().count(".") == 2
