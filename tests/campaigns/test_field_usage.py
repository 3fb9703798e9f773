"""Where campaigns name the columns of a table, and what may not be done to a column because of it."""

import pytest

from campaigns.definition import DelayStep
from campaigns.dependants import field_uses
from campaigns.field_usage import Mention, Place, mentions
from campaigns.steps import Visit, anchor
from datahub.editor.field_rules import stamp
from datahub.tables import spec_of
from tests.accounts.browser import form, text
from tests.factories import NOW, make_field

DEFINITION = {
    "trigger": {"kind": "record_changed", "field": "status", "to": "Hủy"},
    "filter": {
        "all": [{"any": [{"field": "doctor", "op": "in", "values": ["A", "B"]}]}, {"field": "x", "op": "filled"}]
    },
    "steps": [
        {"kind": "delay", "key": "d1", "minutes": 5, "anchor": "enrolled"},
        {"kind": "delay", "key": "d2", "minutes": 5, "anchor": "next_visit_date"},
        {
            "kind": "send",
            "key": "s",
            "params": {"ten": {"field": "customer_name"}, "oa": {"field": "", "value": "Hoa"}},
        },
    ],
}


def test_every_place_that_names_a_column_is_found_however_deep():
    assert list(mentions(DEFINITION)) == [
        Mention("status", Place.TRIGGER, values=("Hủy",)),
        Mention("doctor", Place.FILTER, values=("A", "B")),
        Mention("x", Place.FILTER),
        Mention("next_visit_date", Place.DELAY),
        Mention("customer_name", Place.PARAM, detail="ten"),
    ]
    assert list(mentions({})) == []


@pytest.mark.django_db
def test_the_reference_campaign_names_the_columns_it_lives_on(clinic, django_assert_num_queries):
    with django_assert_num_queries(1):
        uses = field_uses(clinic.send.dataset)
    of_status = [use for use in uses if use.key == "status"]
    assert [(use.name, use.values, use.is_live) for use in of_status] == [(clinic.send.name, ("Đã hoàn thành",), True)]
    assert {use.key for use in uses} >= {"customer_name", "customer_id", "shop_name"}
    assert "tham số shop_name trong tin của chiến dịch" in [str(use.what) for use in uses if use.key == "shop_name"]


@pytest.mark.django_db
def test_a_column_that_a_running_campaign_uses_is_not_archived(clinic, browser):
    dataset = clinic.send.dataset
    address = f"/hub/tables/{dataset.pk}/fields/shop_name/archive/"
    shown = browser.get(address)
    assert "Chưa cất được" in text(shown)
    assert clinic.send.name in text(shown)
    browser.post(address, {"seen": stamp(spec_of(dataset.fields.get(key="shop_name")))})
    assert dataset.fields.get(key="shop_name").archived_at is None
    clinic.send.state = "paused"
    clinic.send.save()
    assert browser.post(address, form(browser.get(address), id="change")).status_code == 302
    assert dataset.fields.get(key="shop_name").archived_at is not None


@pytest.mark.django_db
def test_who_waits_for_the_former_done_value_is_named(clinic, browser):
    address = f"/hub/tables/{clinic.send.dataset_id}/done/"
    shown = browser.post(address, {"seen": "Đã hoàn thành", "done_value": "Đặt lịch"})
    assert "Những nơi này vẫn chờ “Đã hoàn thành”" in text(shown)
    assert clinic.send.name in text(shown)


@pytest.mark.django_db
def test_a_choice_that_a_campaign_waits_for_is_not_taken_away_unseen(clinic, browser):
    dataset = clinic.send.dataset
    field = make_field(dataset, "Mức đau", type="choice", choices=("Nhẹ", "Nặng"))
    clinic.set_definition(clinic.send, filter={"field": field.key, "op": "eq", "value": "Nặng"})
    address = f"/hub/tables/{dataset.pk}/fields/{field.key}/"
    sent = form(browser.get(address), id="change")
    shown = browser.post(address, sent | {"choices": "Nhẹ"})
    assert f"điều kiện lọc của chiến dịch {clinic.send.name} (Nặng)" in text(shown)
    field.refresh_from_db()
    assert field.choices == ["Nhẹ", "Nặng"]


def test_a_delay_counts_from_no_text_that_is_no_date():
    def since(value):
        visit = Visit(anchor_at=NOW, completed_at=None, values={"next_visit_date": value})
        return anchor(DelayStep(key="d", minutes=5, anchor="next_visit_date"), visit)

    assert since("mai") is None
    assert since("") is None
    assert since("2026-12-01").isoformat() == "2026-12-01T09:00:00+07:00"
