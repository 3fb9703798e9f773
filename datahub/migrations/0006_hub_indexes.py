"""A hub of a million visits: pages from any place on, counts from an index alone, and search by pieces of words.

The last needs PostgreSQL's own extension pg_trgm. Without it everything works, but a search reads every visit.
"""

import sys

import django.db.models.deletion
from django.db import DatabaseError, migrations, models, transaction

# Read by Record.objects.search and Customer.objects.search.
PIECES = {"record_search": "datahub_record", "customer_search": "datahub_customer"}
_SAMPLES = 500
_CANNOT = """
PostgreSQL did not give us its extension pg_trgm ({error}).
Searching the Data Hub works, but reads every visit: slow from about 100,000 on. To mend it, have the database's owner run
    CREATE EXTENSION pg_trgm;
and then: manage.py migrate datahub 0005_customer_search && manage.py migrate

"""


def index_pieces(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError as error:
        sys.stderr.write(_CANNOT.format(error=str(error).strip().splitlines()[0]))
        return
    for name, table in PIECES.items():
        schema_editor.execute(f"CREATE INDEX {name} ON {table} USING gin (search gin_trgm_ops)")
        # With fewer samples every name looks rare, and a common one is fetched whole instead of from the newest on.
        schema_editor.execute(f"ALTER TABLE {table} ALTER COLUMN search SET STATISTICS {_SAMPLES}")


def drop_pieces(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name, table in PIECES.items():
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")
            schema_editor.execute(f"ALTER TABLE {table} ALTER COLUMN search SET STATISTICS -1")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_api_tokens"),
        ("datahub", "0005_customer_search"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="record",
            name="record_newest_first",
        ),
        migrations.AlterField(
            model_name="record",
            name="dataset",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="records",
                to="datahub.dataset",
            ),
        ),
        migrations.AlterField(
            model_name="record",
            name="source",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="records", to="datahub.source"
            ),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(fields=["dataset", "-updated_at", "-id"], name="record_newest_first"),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(fields=["dataset", "status", "service", "visit_date", "phone"], name="record_counted"),
        ),
        migrations.RunPython(index_pieces, drop_pieces),
    ]
