"""A copy of the sheet against the Data Hub: what is stored, what the page and the command say."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from datahub.checkups import KEPT, latest, take
from datahub.doctor.snapshot import SnapRow, Snapshot
from datahub.models import Checkup, ScriptPulse, SheetLink, SheetRow, Source
from tests import factories
from tests.accounts.browser import as_, text

HEADERS = (*factories.VISIT, "Gửi webhook", "Trạng thái gửi Webhook", "_cdp_id")


def row(number: int, row_id: str, *, status: str = "Đã gửi", **changes: str) -> SnapRow:
    return SnapRow(number, row_id, (*factories.visit(**changes).values(), "Đã gửi", status, row_id))


def sheet(*rows: SnapRow) -> Snapshot:
    return Snapshot(HEADERS, rows)


def visits(source: Source, *row_ids: str) -> list[SnapRow]:
    """Rows that were sent and answered, each another customer's."""
    rows = []
    for number, row_id in enumerate(row_ids, start=2):
        factories.make_record(source, row_id=row_id, Mã_khách_hàng=row_id)
        rows.append(row(number, row_id, Mã_khách_hàng=row_id))
    return rows


def codes(checkup: Checkup) -> list[str]:
    return [finding["code"] for finding in checkup.findings]


def test_a_sheet_and_a_hub_that_agree(source: Source, now: datetime) -> None:
    checkup = take(source=source, snapshot=sheet(*visits(source, "a", "b")), now=now)
    assert (checkup.findings, checkup.rows, tuple(checkup.headers)) == ([], 2, HEADERS)


def test_rows_of_one_side_only(source: Source, now: datetime) -> None:
    a, _, c = visits(source, "a", "b", "c")
    SheetRow.objects.filter(row_id="b").update(row_number=17)
    lost = row(9, "nobody-knows", Mã_khách_hàng="KH9")
    checkup = take(source=source, snapshot=sheet(a, c, lost), now=now)
    found = {finding["code"]: finding["rows"] for finding in checkup.findings if finding["code"] != "rows.gaps"}
    assert found == {"rows.never_sent": [9], "rows.only_in_hub": [17]}


def test_a_row_in_another_tab_is_not_lost(source: Source, now: datetime) -> None:
    a, _ = visits(source, "a", "b")
    assert codes(take(source=source, snapshot=sheet(a), now=now, elsewhere={"b"})) == []


def test_another_sources_rows_are_nobody_elses(source: Source, now: datetime) -> None:
    visits(factories.make_source(source.dataset), "x")
    assert codes(take(source=source, snapshot=sheet(row(2, "x")), now=now)) == ["rows.never_sent"]


def test_the_newest_are_kept(source: Source, now: datetime) -> None:
    other = take(source=factories.make_source(source.dataset), snapshot=sheet(), now=now)
    for day in range(KEPT + 3):
        take(source=source, snapshot=sheet(), now=now + timedelta(days=day))
    kept = Checkup.objects.filter(source=source).order_by("at")
    assert kept.count() == KEPT
    assert kept[0].at == now + timedelta(days=3)
    assert Checkup.objects.filter(pk=other.pk).exists()


def test_it_asks_no_more_of_many_rows(source: Source, now: datetime, django_assert_num_queries) -> None:
    few, many = visits(source, "a", "b"), visits(source, *(f"r{n}" for n in range(40)))
    asked = []
    for rows in (few, many):
        with django_assert_num_queries(10, exact=False) as told:
            take(source=source, snapshot=sheet(*rows), now=now)
        asked.append(len(told))
    assert asked[0] == asked[1]


def test_no_cell_of_a_patient_is_kept(source: Source, now: datetime) -> None:
    rows = [row(2, "a", status="", Số_điện_thoại="0912345678.0"), row(3, "b", Ngày_khám="12/25/2026")]
    stored = json.dumps(take(source=source, snapshot=sheet(*rows), now=now).findings, ensure_ascii=False)
    assert "phone.as_number" in stored
    assert not any(cell in stored for cell in ("Nguyễn Thị Hoa", "0912345678.0", "KH001"))


# --- what is shown ----------------------------------------------------------------


def page(source: Source, person: object) -> str:
    return text(as_(person).get(f"/hub/sources/{source.pk}/"))


def test_a_sheet_never_looked_at_says_how(source: Source, viewer: object) -> None:
    assert "Chưa kiểm tra lần nào" in page(source, viewer)


def test_the_page_names_the_fault_its_rows_and_the_repair(source: Source, viewer: object, now: datetime) -> None:
    take(source=source, snapshot=sheet(*visits(source, "a"), row(3, "b", status="", Mã_khách_hàng="b")), now=now)
    shown = page(source, viewer)
    assert "1 dòng đã đặt “Gửi webhook” nhưng chưa được gửi đi." in shown
    assert "Gửi lại các dòng đang chờ" in shown
    assert "Dòng 3" in shown


def test_a_healthy_sheet_says_so(source: Source, viewer: object, now: datetime) -> None:
    Source.objects.filter(pk=source.pk).update(last_seen_at=None)
    take(source=source, snapshot=sheet(), now=now)
    assert "Không thấy lỗi nào" in page(source, viewer)


def test_a_file_has_no_doctor(source: Source, now: datetime) -> None:
    source.kind = Source.Kind.FILE
    assert latest(source, now) is None


def test_a_silent_script_is_told_though_no_checkup_can_come(source: Source, now: datetime) -> None:
    ScriptPulse.objects.create(source=source, at=now - timedelta(hours=3), version="99", waiting=4)
    report = latest(source, now)
    assert report is not None
    assert [finding.code for finding in report.connection] == ["script.silent"]
    assert "3 giờ" in report.connection[0].sentence


def test_a_refused_link_is_told_in_its_own_words(source: Source, now: datetime) -> None:
    Source.objects.filter(pk=source.pk).update(kind=Source.Kind.SHEETS)
    source.refresh_from_db()
    SheetLink.objects.create(
        source=source,
        service_account="{}",
        client_email="a@b",
        spreadsheet_id="1",
        next_pull_at=now,
        state="refused",
        problem="Bảng tính chưa chia sẻ cho a@b.",
    )
    report = latest(source, now)
    assert report is not None
    assert report.connection[0].sentence == "Không đọc được bảng tính: Bảng tính chưa chia sẻ cho a@b."


def linked(source: Source, now: datetime) -> None:
    SheetLink.objects.create(
        source=source, service_account="{}", client_email="a@b", spreadsheet_id="1", worksheet="Khách", next_pull_at=now
    )


@pytest.mark.parametrize(("was_read", "said"), [(True, "kiểm tra xong"), (False, "Chưa đọc được bảng tính")])
def test_a_linked_sheet_is_checked_when_asked(
    source: Source, owner: object, now: datetime, monkeypatch: pytest.MonkeyPatch, was_read: bool, said: str
) -> None:
    linked(source, now)
    asked: list[Source] = []

    def checkup_now(*, source: Source, clock: object) -> bool:
        asked.append(source)
        return was_read

    monkeypatch.setattr("datahub.views.checkups.checkup_now", checkup_now)
    browser = as_(owner)
    assert "Kiểm tra ngay" in text(browser.get(f"/hub/sources/{source.pk}/"))
    assert said in text(browser.post(f"/hub/sources/{source.pk}/checkup/", follow=True))
    assert asked == [source]


def test_only_a_linked_sheet_of_ones_own_can_be_asked(
    source: Source, owner: object, stranger: object, colleague: object, now: datetime
) -> None:
    assert as_(owner).post(f"/hub/sources/{source.pk}/checkup/").status_code == 404
    linked(source, now)
    assert as_(stranger).post(f"/hub/sources/{source.pk}/checkup/").status_code == 404
    assert as_(colleague).post(f"/hub/sources/{source.pk}/checkup/").status_code == 403
    assert "Kiểm tra ngay" not in page(source, colleague)


# --- manage.py doctor ------------------------------------------------------------------


def doctor(*arguments: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("doctor", *arguments, stdout=out)
    except SystemExit as ended:
        return out.getvalue(), int(str(ended.code))
    return out.getvalue(), 0


def test_the_command_cannot_tell_of_a_sheet_that_never_came(source: Source) -> None:
    said, code = doctor()
    assert (code, "checkup: never" in said) == (2, True)


def test_the_command_is_content_with_a_healthy_sheet(source: Source, now: datetime) -> None:
    take(source=source, snapshot=sheet(), now=now)
    said, code = doctor()
    assert (code, "nothing found" in said) == (0, True)


def test_the_command_names_what_was_found(source: Source, now: datetime) -> None:
    take(source=source, snapshot=sheet(row(2, "nobody-knows")), now=now)
    said, code = doctor("--workspace", str(source.workspace_id))
    assert (code, "BAD rows.never_sent [2]: 1 dòng ghi “Đã gửi”" in said) == (1, True)


def test_the_command_speaks_json(source: Source, now: datetime) -> None:
    take(source=source, snapshot=sheet(row(2, "nobody-knows")), now=now)
    said, code = doctor("--source", str(source.pk), "--json")
    [told] = json.loads(said)
    assert (code, told["source"], [finding["code"] for finding in told["findings"]]) == (
        1,
        source.pk,
        ["rows.never_sent"],
    )


def test_the_command_knows_no_such_sheet(db: None) -> None:
    with pytest.raises(CommandError) as refused:
        doctor("--source", "77")
    assert refused.value.returncode == 2
