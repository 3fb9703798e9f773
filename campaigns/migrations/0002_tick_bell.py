"""The bell that beat rings: every two seconds, editable by the operator. A bell nobody heard in ten is stale."""

from django.db import migrations

NAME = "cdp: tick"


def hang(apps, schema_editor):
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=2, period="seconds"
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name=NAME, defaults={"task": "campaigns.tasks.tick", "interval": interval, "expire_seconds": 10}
    )


def take_down(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(hang, take_down)]
