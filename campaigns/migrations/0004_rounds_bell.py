"""The bell of the rounds: every minute, editable by the operator. One that nobody heard before the next is stale."""

from django.db import migrations

NAME = "cdp: rounds"


def hang(apps, schema_editor):
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=60, period="seconds"
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name=NAME, defaults={"task": "campaigns.tasks.rounds", "interval": interval, "expire_seconds": 50}
    )


def take_down(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0003_zalo_whole"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(hang, take_down)]
