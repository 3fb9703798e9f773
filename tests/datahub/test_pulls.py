"""A linked sheet's turns: gspread over HTTP against the sandbox's Google."""

from __future__ import annotations

import pytest

from datahub.models import LinkedRow, Record, RecordEvent, SheetLink, SheetRow
from datahub.sources import close_source, open_source
from integrations.google_sheets.answers import SOURCE_CLOSED
from tests.datahub.linked_story import AGAIN, FIRST, NAMES, ROW_ID, SEND, STATUS, make_rows, typed
from tests.sandbox.google_story import DATABASES, script

pytestmark = pytest.mark.django_db(databases=DATABASES)
EDITED = "Đã sửa, chưa gửi lại – đặt Gửi webhook = "


def test_a_row_that_asks_is_taken_in_and_told_so(linked):
    linked.put(NAMES, make_rows(typed(1), typed(2, request="")))
    linked.pull()
    assert linked.phones() == ["84912300001"]
    assert linked.column(STATUS) == ["Đã gửi", ""]
    first, second = linked.column(ROW_ID)
    assert first
    assert not second
    assert linked.link.state == SheetLink.State.WORKING


def test_a_wrong_row_is_told_why_and_stops_no_other(linked):
    linked.put(NAMES, make_rows(typed(1, Số_điện_thoại="09123"), typed(2)))
    linked.pull()
    wrong, right = linked.column(STATUS)
    assert wrong.startswith("Số điện thoại “09123”")
    assert right == "Đã gửi"
    assert linked.phones() == ["84912300002"]


def test_a_lost_zero_is_read_as_the_script_would(linked):
    linked.put(NAMES, make_rows(typed(1, Số_điện_thoại="912345678")))
    linked.pull()
    assert linked.phones() == ["84912345678"]


def test_nothing_new_is_two_reads_and_no_write(linked):
    linked.put(NAMES, make_rows(typed(1)))
    linked.pull()
    linked.wire.calls.clear()
    linked.pull()
    assert linked.wire.calls == ["GET book", "GET values:batchGet"]


def test_all_verdicts_are_written_by_one_call(linked):
    linked.put(NAMES, make_rows(*(typed(number) for number in range(1, 1201))))
    linked.pull()
    writes = [call for call in linked.wire.calls if call == "POST values:batchUpdate"]
    assert len(writes) == 2  # the ids, the verdicts
    assert linked.column(STATUS) == ["Đã gửi"] * 1200
    assert Record.objects.count() == 1200
    assert linked.source.batches.count() == 3


def test_a_pull_asks_the_database_no_more_for_more_rows(linked, django_assert_max_num_queries):
    linked.put(NAMES, make_rows(*(typed(number) for number in range(1, 301))))
    with django_assert_max_num_queries(70):
        linked.pull()


def test_rows_keep_their_ids_wherever_they_are_sorted_to(linked):
    linked.put(NAMES, make_rows(typed(1), typed(2), typed(3)))
    linked.pull()
    linked.reorder(2, 0, 1)
    linked.pull()
    assert Record.objects.count() == 3
    assert RecordEvent.objects.count() == 3
    assert linked.column(STATUS) == ["Đã gửi"] * 3


def test_columns_may_move_and_be_renamed_to_an_alias(linked):
    linked.put(NAMES, make_rows(typed(1)))
    linked.pull()
    columns, rows = linked.grid()
    order = list(reversed(range(len(columns))))
    linked.put([columns[at] for at in order], [[row[at] for at in order] for row in rows])
    linked.pull()
    linked.type(2, Số_điện_thoại="0987654321", Gửi_webhook=AGAIN)
    linked.pull()
    assert linked.phones() == ["84987654321"]
    assert linked.column(STATUS) == ["Đã gửi"]


def test_a_new_column_is_no_correction_of_every_row(linked):
    linked.put(NAMES, make_rows(typed(1)))
    linked.pull()
    columns, rows = linked.grid()
    linked.put([*columns, "Ghi chú"], [[*row, "khách quen"] for row in rows])
    linked.pull()
    linked.pull()
    assert linked.column(STATUS) == ["Đã gửi"]


@pytest.mark.parametrize("name", ["Số điện thoại", SEND, STATUS])
def test_a_missing_column_is_named_and_nothing_is_taken(linked, name):
    columns = [f"{name} cũ" if each == name else each for each in NAMES]
    linked.put(columns, make_rows(typed(1)))
    link = linked.pull()
    assert (link.state, name in link.problem) == (SheetLink.State.WAITING, True)
    assert not Record.objects.exists()
    linked.put(NAMES, make_rows(typed(1)))
    assert linked.pull().problem == ""
    assert Record.objects.count() == 1


def test_a_correction_waits_until_it_is_asked_for(linked):
    linked.put(NAMES, make_rows(typed(1)))
    linked.pull()
    linked.type(2, Số_điện_thoại="0987654321")
    linked.pull()
    assert linked.column(STATUS) == [EDITED + AGAIN]
    assert linked.phones() == ["84912300001"]
    linked.type(2, Gửi_webhook=AGAIN)
    linked.pull()
    assert (linked.phones(), linked.column(STATUS)) == (["84987654321"], ["Đã gửi"])


def test_the_next_correction_names_the_word_that_the_cell_does_not_hold(linked):
    linked.put(NAMES, make_rows(typed(1, Số_điện_thoại="0912", request=AGAIN)))
    linked.pull()
    linked.type(2, Số_điện_thoại="0987654321")
    linked.pull()
    assert linked.column(STATUS) == [EDITED + FIRST]
    linked.type(2, Gửi_webhook=FIRST)
    linked.pull()
    assert (linked.phones(), linked.column(STATUS)) == (["84987654321"], ["Đã gửi"])


def test_a_word_that_is_no_request_is_said(linked):
    linked.put(NAMES, make_rows(typed(1, request="gửi đi")))
    linked.pull()
    assert linked.column(STATUS) == ["Gửi webhook chỉ nhận “Đã gửi” hoặc “Cập nhật lại”"]


def test_staffs_cells_are_never_written(linked):
    rows = make_rows(typed(1, request="  đã gửi "), typed(2, request=AGAIN, Số_điện_thoại="x"), typed(3, request=""))
    linked.put(NAMES, rows)
    linked.pull()
    kept = len(NAMES) - 1  # all but the status
    assert [row[:kept] for row in linked.grid()[1]] == [row[:kept] for row in rows]


def test_a_copied_row_is_not_sent_for_its_original(linked):
    linked.put(NAMES, make_rows(typed(1)))
    linked.pull()
    columns, rows = linked.grid()
    linked.put(columns, [rows[0], list(rows[0])])
    linked.pull()
    assert linked.column(STATUS) == ["Đã gửi", "Dòng sao chép, chưa gửi – sửa xong đặt Gửi webhook = Cập nhật lại"]
    ids = linked.column(ROW_ID)
    assert ids[0] == rows[0][columns.index(ROW_ID)] != ids[1]
    linked.type(3, Mã_khách_hàng="KH777", Số_điện_thoại="0933333333", Gửi_webhook=AGAIN)
    linked.pull()
    assert linked.phones() == ["84912300001", "84933333333"]
    assert linked.column(STATUS) == ["Đã gửi", "Đã gửi"]


def test_at_the_first_look_rows_sent_long_ago_stay_as_they_are(linked):
    linked.put(NAMES, make_rows(typed(1, status="Đã gửi"), typed(2)))
    linked.pull()
    assert linked.phones() == ["84912300002"]
    assert linked.column(STATUS) == ["Đã gửi", "Đã gửi"]


def test_later_a_row_is_sent_whatever_its_status_cell_claims(linked):
    linked.pull()
    linked.put([*NAMES, ROW_ID], [[*row, ""] for row in make_rows(typed(1, status="Đã gửi"))])
    linked.pull()
    assert linked.phones() == ["84912300001"]


def test_a_closed_source_says_so_and_takes_the_rows_when_it_opens(linked):
    close_source(source=linked.source)
    linked.put(NAMES, make_rows(typed(1)))
    linked.pull()
    assert linked.column(STATUS) == [SOURCE_CLOSED.status]
    assert not SheetRow.objects.exists()
    open_source(source=linked.source)
    linked.pull()
    assert linked.column(STATUS) == ["Đã gửi"]
    assert Record.objects.count() == 1


def test_a_row_that_is_emptied_gives_its_id_up(linked):
    linked.put(NAMES, make_rows(typed(1)))
    linked.pull()
    columns, rows = linked.grid()
    kept = {columns.index(ROW_ID), columns.index(STATUS)}
    linked.put(columns, [[text if at in kept else "" for at, text in enumerate(rows[0])]])
    linked.pull()
    assert (linked.column(ROW_ID), linked.column(STATUS)) == ([""], [""])


def test_a_crash_between_taking_in_and_writing_back_is_mended(linked, monkeypatch):
    linked.put(NAMES, make_rows(typed(1)))

    def dies(**_):
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr("datahub.linked.turn.write_back", dies)
        assert "lỗi" in linked.pull().problem
    assert (Record.objects.count(), linked.column(STATUS)) == (1, [""])
    linked.pull()
    assert linked.column(STATUS) == ["Đã gửi"]
    assert RecordEvent.objects.count() == 1


def test_a_crash_before_the_answer_was_remembered_is_mended(linked):
    linked.put(NAMES, make_rows(typed(1)))
    linked.pull()
    LinkedRow.objects.all().delete()  # as if it had died right after the batch was stored
    linked.type(2, Trạng_thái_gửi_Webhook="")
    linked.pull()
    assert linked.column(STATUS) == ["Đã gửi"]
    assert RecordEvent.objects.count() == 1


@pytest.mark.parametrize("call", ["metadata", "read", "write", "change", "token"])
@pytest.mark.parametrize("kind", ["http_429", "http_503", "reset", "lost_answer", "truncated_json"])
def test_trouble_at_any_call_costs_time_and_no_row(linked, kind, call):
    linked.put(NAMES, make_rows(typed(1), typed(2)))
    script(kind=kind, call=call)
    linked.pull()
    linked.pull(minutes=10)
    linked.pull(minutes=10)
    assert linked.column(STATUS) == ["Đã gửi", "Đã gửi"]
    assert len(set(linked.column(ROW_ID))) == 2
    assert RecordEvent.objects.count() == Record.objects.count() == 2
    assert (linked.link.state, linked.link.problem, linked.link.failures) == (SheetLink.State.WORKING, "", 0)
