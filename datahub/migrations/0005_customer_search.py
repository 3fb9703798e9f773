"""Customers of before the page of customers get the text that its search looks in."""

from django.db import migrations

from datahub.fields import search_text

_AT_ONCE = 1000


def fill(apps, schema_editor):
    customers = apps.get_model("datahub", "Customer").objects
    old = customers.filter(search="", erased_at=None)
    while rows := list(old.order_by("id")[:_AT_ONCE]):
        for row in rows:
            row.search = search_text(row.code, row.name, row.phone)
        customers.bulk_update(rows, ["search"], batch_size=200)


class Migration(migrations.Migration):
    dependencies = [("datahub", "0004_hub_bells")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
