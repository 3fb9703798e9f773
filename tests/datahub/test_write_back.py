"""What happened later reaches the column “Kết quả gửi tin”, and nightly the whole sheet is compared with the hub."""

from __future__ import annotations

from datetime import timedelta

import pytest

from datahub.models import Checkup, OutcomeCell, Record, SheetLink
from datahub.rounds import run_hub
from datahub.tasks import hub
from tests.campaigns.story import vn
from tests.datahub.linked_story import NAMES, ROW_ID, STATUS, make_rows, typed
from tests.sandbox.google_story import DATABASES, script

pytestmark = pytest.mark.django_db(databases=DATABASES)
OUTCOME = "Kết quả gửi tin"
WRITE = "POST values:batchUpdate"


@pytest.fixture
def told(linked):
    """Two rows in the hub, and a column for what happens to them."""
    linked.put([*NAMES, OUTCOME], [[*row, ""] for row in make_rows(typed(1), typed(2))])
    linked.pull()
    return linked


def say(linked, text, place=0):
    row_id = linked.column(ROW_ID)[place]
    OutcomeCell.objects.update_or_create(
        source=linked.source,
        row_id=row_id,
        defaults={
            "workspace": linked.source.workspace,
            "text": text,
            "changed_at": linked.clock.now(),
            "told_at": None,
        },
    )


def test_an_outcome_is_written_beside_its_row_and_marked_told(told):
    say(told, "Đã gửi 11:00 22/11", place=1)
    told.pull()
    assert told.column(OUTCOME) == ["", "Đã gửi 11:00 22/11"]
    assert OutcomeCell.objects.get().told_at == told.clock.now()


def test_verdicts_and_outcomes_travel_in_one_write(told):
    say(told, "Đã gửi 11:00 22/11")
    told.type(2, Trạng_thái_gửi_Webhook="ai đó gõ đè")
    told.wire.calls.clear()
    told.pull()
    assert told.wire.calls.count(WRITE) == 1
    assert (told.column(STATUS), told.column(OUTCOME)) == (["Đã gửi"] * 2, ["Đã gửi 11:00 22/11", ""])


def test_an_outcome_follows_its_row_and_is_mended_where_a_sort_misplaced_it(told):
    say(told, "Đã gửi cho KH001")
    told.wire.before(WRITE, lambda: told.reorder(1, 0))
    told.pull()
    told.pull()
    assert dict(zip(told.column("Mã khách hàng"), told.column(OUTCOME), strict=True))["KH001"] == "Đã gửi cho KH001"


def test_a_text_that_changed_while_it_was_written_is_still_untold(told):
    say(told, "Dự kiến 11:00")
    told.wire.before(WRITE, lambda: say(told, "Đã gửi 11:00"))
    told.pull()
    assert OutcomeCell.objects.get().told_at is None
    told.pull()
    assert (told.column(OUTCOME)[0], OutcomeCell.objects.get().told_at) == ("Đã gửi 11:00", told.clock.now())


def test_a_write_that_failed_is_told_again(told):
    say(told, "Đã gửi 11:00")
    script(kind="http_503", call="write")
    told.pull()
    assert OutcomeCell.objects.get().told_at is None
    told.pull()
    assert told.column(OUTCOME)[0] == "Đã gửi 11:00"


def test_without_the_column_nothing_is_written_and_nothing_lost(linked):
    linked.put(NAMES, make_rows(typed(1)))
    linked.pull()
    say(linked, "Đã gửi 11:00")
    linked.wire.calls.clear()
    linked.pull()
    assert WRITE not in linked.wire.calls
    columns, rows = linked.grid()
    linked.put([*columns, OUTCOME], rows)
    linked.pull()
    assert linked.column(OUTCOME) == ["Đã gửi 11:00"]


def test_a_text_that_looks_like_a_formula_stays_text(told):
    say(told, '=IMPORTXML("http://ke.xau")')
    told.pull()
    assert told.column(OUTCOME)[0] == '=IMPORTXML("http://ke.xau")'


def test_many_outcomes_are_marked_in_chunks(told, django_assert_max_num_queries):
    rows = make_rows(*(typed(number) for number in range(1, 451)))
    told.put([*NAMES, OUTCOME], [[*row, ""] for row in rows])
    told.pull()
    for place, row_id in enumerate(told.column(ROW_ID)):
        OutcomeCell.objects.create(
            source=told.source, workspace=told.source.workspace, row_id=row_id, text=f"t{place}", changed_at=vn(21)
        )
    with django_assert_max_num_queries(45):
        told.pull()
    assert not OutcomeCell.objects.filter(told_at=None).exists()
    assert told.column(OUTCOME)[449] == "t449"


def test_the_first_read_is_examined_and_then_once_a_night(linked):
    linked.put(NAMES, make_rows(typed(1)))
    linked.pull()
    assert Checkup.objects.count() == 1
    linked.pull()
    assert Checkup.objects.count() == 1
    linked.clock.moment = vn(22, 2)
    linked.pull()
    linked.pull()
    assert Checkup.objects.count() == 2
    assert Checkup.objects.latest("at").rows == 1


def test_the_checkup_names_rows_that_stand_on_one_side_only(linked):
    linked.put(NAMES, make_rows(typed(1), typed(2)))
    linked.pull()
    columns, rows = linked.grid()
    never = make_rows(typed(3, status="Đã gửi"))[0]
    linked.put(columns, [rows[0], [*never, "ma-la-chua-gui"]])
    Record.objects.filter(row_id=linked.column(ROW_ID)[0]).update(row_id="cho-khac")
    linked.clock.moment = vn(22, 2)
    linked.pull()
    codes = {finding["code"] for finding in Checkup.objects.latest("at").findings}
    assert "rows.only_in_hub" in codes


def test_a_sheet_that_cannot_be_worked_with_is_examined_all_the_same(linked):
    linked.put([name for name in NAMES if name != STATUS], [])
    linked.pull()
    assert Checkup.objects.count() == 1
    assert linked.link.state == SheetLink.State.WAITING


def test_a_checkup_that_breaks_does_not_stop_the_turn(linked, monkeypatch):
    def breaks(**_):
        raise RuntimeError("oh")

    monkeypatch.setattr("datahub.checkups.take", breaks)
    linked.put(NAMES, make_rows(typed(1)))
    linked.pull()
    assert (linked.column(STATUS), linked.link.state) == (["Đã gửi"], SheetLink.State.WORKING)


def test_the_bell_looks_after_the_links(linked):
    linked.put(NAMES, make_rows(typed(1)))
    SheetLink.objects.update(next_pull_at=linked.clock.now() - timedelta(days=30))
    hub()
    assert linked.column(STATUS) == ["Đã gửi"]


def test_a_duty_that_fails_is_counted_and_stops_no_other(linked, monkeypatch):
    def fails(**_):
        raise RuntimeError("oh")

    monkeypatch.setattr("datahub.rounds.pull_due", fails)
    assert run_hub(clock=linked.clock)["broken"] == 1
