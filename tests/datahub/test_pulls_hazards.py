"""What the world does to linked sheets besides answering: clocks, giant texts, data beside the header, keys of other kinds."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection

from datahub.linked import pace
from datahub.linked.pulls import LONGEST_WAIT, checkup_now, claim
from datahub.models import CallPace, Checkup, Record, SheetLink
from integrations.google_sheets.key_file import read_key
from tests import factories
from tests.datahub.linked_story import NAMES, ROW_ID, STATUS, make_link, make_rows, typed
from tests.sandbox.google_story import DATABASES, script

pytestmark = pytest.mark.django_db(databases=DATABASES)


# --- a checkup that somebody asked for ------------------------------------------------


def test_a_checkup_is_taken_when_asked_whatever_the_hour(linked):
    linked.put(NAMES, make_rows(typed(1), typed(2, Số_điện_thoại="0912345678.0")))
    linked.pull()
    before = Checkup.objects.count()
    linked.clock.advance(minutes=1)  # by day, minutes after the last: none is due, nor is the turn
    assert checkup_now(source=linked.source, clock=linked.clock) is True
    assert Checkup.objects.count() == before + 1
    newest = Checkup.objects.order_by("-at").first()
    assert newest is not None
    assert (newest.rows, [finding["code"] for finding in newest.findings]) == (2, ["phone.as_number"])
    linked.link.refresh_from_db()
    assert linked.link.lease_until is None


def test_a_checkup_also_takes_in_what_stood_in_the_sheet(linked):
    linked.put(NAMES, make_rows(typed(1)))
    assert checkup_now(source=linked.source, clock=linked.clock) is True
    assert linked.column(STATUS) == ["Đã gửi"]


def test_a_checkup_that_could_not_read_or_was_not_made_is_not_called_done(linked, monkeypatch):
    script(kind="forbidden", call="metadata")
    assert checkup_now(source=linked.source, clock=linked.clock) is False
    assert not Checkup.objects.exists()

    def dies(**_):
        raise RuntimeError("killed")

    monkeypatch.setattr("datahub.checkups.take", dies)
    assert checkup_now(source=linked.source, clock=linked.clock) is False


def test_a_sheet_that_another_reads_is_left_to_it(linked):
    assert claim(linked.link.pk, linked.clock)
    assert checkup_now(source=linked.source, clock=linked.clock) is False


# --- one link and its neighbours ------------------------------------------------------------


def neighbour(linked, **columns):
    """Another link to the same spreadsheet, whose turn comes before."""
    source = factories.make_source(linked.source.dataset)
    earlier = {"next_pull_at": linked.clock.now() - timedelta(minutes=5)}
    return make_link(source, linked.clock, linked.link.service_account, **earlier | columns)


def test_a_link_that_cannot_even_be_loaded_stops_no_neighbour(linked):
    other = neighbour(linked)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE datahub_sheetlink SET service_account = 'garbage' WHERE id = %s", [other.pk])
    linked.put(NAMES, make_rows(typed(1)))
    linked.pull()
    assert linked.phones() == ["84912300001"]


def test_a_problem_longer_than_its_column_stops_no_neighbour(linked):
    for number in range(8):
        factories.make_field(linked.source.dataset, f"Cột bắt buộc {'rất dài ' * 7}{number}", required=True)
    linked.put(NAMES, make_rows(typed(1)))
    link = linked.pull()
    assert link.state == SheetLink.State.WAITING
    assert 0 < len(link.problem) <= 400


def test_an_hour_is_the_longest_wait_whatever_google_names(linked, monkeypatch):
    monkeypatch.setattr("integrations.google_sheets.sheets_api._seconds", lambda answer: 10**15)
    script(kind="http_429", call="metadata")
    link = linked.pull()
    assert timedelta(0) < link.next_pull_at - linked.clock.now() <= LONGEST_WAIT * 1.25


def test_a_row_that_no_batch_may_carry_stops_no_other(linked):
    linked.put(
        [*NAMES, "Ghi chú"],
        [[*row, note] for row, note in zip(make_rows(typed(1), typed(2)), ["x" * 49_000, ""], strict=True)],
    )
    linked.pull()
    assert "84912300002" in linked.phones()


# --- clocks ---------------------------------------------------------------------------------------


def test_a_clock_that_was_put_right_does_not_silence_a_link(linked):
    linked.put(NAMES, make_rows(typed(1)))
    ahead = timedelta(days=30)
    wall = linked.clock.wall()
    CallPace.objects.update_or_create(
        key=f"read:{linked.link.client_email}", defaults={"minute": wall + ahead, "used": 50}
    )
    SheetLink.objects.update(lease_until=wall + ahead, next_pull_at=linked.clock.now() + ahead)
    linked.pull()
    assert linked.phones() == ["84912300001"]


def test_a_lease_and_a_minute_of_now_hold(linked):
    wall = linked.clock.wall()
    email = linked.link.client_email
    assert claim(linked.link.pk, linked.clock)
    assert claim(linked.link.pk, linked.clock) is None
    assert pace.wait_for("read", client_email=email, clock=linked.clock) == 0
    CallPace.objects.update(used=10_000)
    assert pace.wait_for("read", client_email=email, clock=linked.clock) == 60 - wall.second


# --- what stands beside the header ----------------------------------------------------------------------


def test_notes_without_a_header_are_not_written_over(linked):
    linked.put([*NAMES, "", ""], [[*row, "gọi lại", "sau 5 giờ"] for row in make_rows(typed(1), typed(2))])
    linked.pull()
    rows = linked.grid()[1]
    assert [row[len(NAMES) : len(NAMES) + 2] for row in rows] == [["gọi lại", "sau 5 giờ"]] * 2
    assert linked.column(STATUS) == ["Đã gửi"] * 2
    assert len(set(linked.column(ROW_ID))) == 2


def test_a_deleted_id_column_is_made_again_and_nothing_is_sent_twice(linked):
    linked.put(NAMES, make_rows(typed(1), typed(2), typed(3, request="")))
    linked.pull()
    ids = linked.column(ROW_ID)
    columns, rows = linked.grid()
    at = columns.index(ROW_ID)
    linked.put(columns[:at] + columns[at + 1 :], [row[:at] + row[at + 1 :] for row in rows])
    linked.pull()
    linked.pull()
    assert linked.column(ROW_ID) == ids
    assert Record.objects.count() == 2


# --- keys -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "[" * 19_000,
        "1",
        "null",
        '"x"',
        json.dumps({"type": "service_account", "client_email": ["a@b"], "private_key": "x"}),
    ],
)
def test_what_is_no_key_is_none(text):
    assert read_key(text) is None


@pytest.mark.parametrize("email", [["cdp@x.com"], "cdp@x.com\x00", "a@b" + "c" * 300, "hai dòng\n@x.com", "@"])
def test_an_address_that_nobody_can_share_with_is_no_key(linked, email):
    text = json.dumps(json.loads(linked.link.service_account) | {"client_email": email})
    assert read_key(text) is None


def test_a_key_that_cannot_sign_is_none(linked):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    for private in (ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()):
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        assert read_key(json.dumps(json.loads(linked.link.service_account) | {"private_key": pem})) is None


@pytest.mark.parametrize("hostile", ["token_uri", "universe_domain", "auth_uri", "subject", "quota_project_id"])
def test_a_key_file_chooses_no_address(linked, settings, hostile):
    from integrations.google_sheets.key_file import credentials_of

    made = credentials_of(json.dumps(json.loads(linked.link.service_account) | {hostile: "http://169.254.169.254/"}))
    assert "169.254" not in repr(vars(made))
