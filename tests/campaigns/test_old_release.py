"""Going back one release needs no restore: what an old release writes fits the new tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db.migrations import AddField, CreateModel
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED, Model

from campaigns.models import Message, Suppression
from datahub.bulk import upsert_rows
from integrations.models import MessageTemplate, OfficialAccount
from tests.campaigns.guarding import delivered_before, messages
from tests.campaigns.story import Clinic, make_account, vn

OURS = ("accounts", "campaigns", "datahub", "integrations")
# What no two rows may share.
DISTINCT = ("oa_id", "template_id", "dedupe_key", "tracking_id", "phone")


def added() -> Iterator[AddField]:
    """Every column that a release added to a table which an earlier one may still write to."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for (app, _), migration in loader.disk_migrations.items():
        made = {operation.name.lower() for operation in migration.operations if isinstance(operation, CreateModel)}
        if app in OURS:
            for operation in migration.operations:
                if not isinstance(operation, AddField) or operation.model_name.lower() in made:
                    continue
                if not operation.field.many_to_many:  # that is a table of its own, unknown to an earlier release
                    yield operation


def test_every_added_column_may_be_left_out() -> None:
    columns = list(added())
    assert len(columns) > 20
    unfit = [
        f"{column.model_name}.{column.name}"
        for column in columns
        if not (column.field.null or column.field.generated) and column.field.db_default is NOT_PROVIDED
    ]
    assert unfit == []


@pytest.mark.parametrize("model", [OfficialAccount, MessageTemplate, Message, Suppression])
def test_a_row_of_the_old_release_reads_as_if_nothing_was_told(clinic: Clinic, model: type[Model]) -> None:
    """Written without the new columns it is what a new row is, and it may be saved again."""
    messages(clinic, 1)
    Suppression.objects.create(workspace=clinic.workspace, phone="84900000000", reason_code="asked", created_at=vn(21))
    new = [field for field in model._meta.concrete_fields if field.db_default is not NOT_PROVIDED]
    assert new
    told = model._default_manager.get()
    known = [field for field in model._meta.concrete_fields if field not in new]
    row: dict[str, Any] = {field.attname: field.get_prep_value(getattr(told, field.attname)) for field in known}
    row |= {"id": 7_000} | {name: "other" for name in DISTINCT if isinstance(row.get(name), str)}
    upsert_rows(model, [row])
    old = model._default_manager.get(pk=7_000)
    assert {field.name: getattr(old, field.name) for field in new} == {field.name: field.get_default() for field in new}
    old.save()


def test_accounts_that_sent_before_get_the_day_of_their_first_message(clinic: Clinic) -> None:
    """In Vietnam's days; one that knows its day keeps it, one that never sent stays without."""
    [message] = messages(clinic, 1)
    quiet = make_account(clinic.workspace, oa_id="quiet")
    known = make_account(clinic.workspace, oa_id="known", first_sent_on=date(2026, 1, 1))
    for account in (clinic.account, known):
        for moment in (vn(5, 0, 30), vn(7), vn(9)):
            delivered_before(message, account=account, sent_at=moment)
    OfficialAccount.objects.filter(pk=clinic.account.pk).update(first_sent_on=None)
    import_module("campaigns.migrations.0005_first_day_of_accounts").look_back(apps, None)
    days = dict(OfficialAccount.objects.values_list("pk", "first_sent_on"))
    assert days == {clinic.account.pk: date(2026, 11, 5), quiet.pk: None, known.pk: date(2026, 1, 1)}
