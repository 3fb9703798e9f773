"""The Data Hub's bells: one looks after its sheets, one takes in files. Editable by the operator."""

from django.db import migrations

BELLS = {"cdp: hub": ("datahub.tasks.hub", 60), "cdp: imports": ("cdp.tasks.imports", 20)}


def hang(apps, schema_editor):
    for name, (task, seconds) in BELLS.items():
        interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
            every=seconds, period="seconds"
        )
        # One that nobody heard before the next is stale.
        apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
            name=name, defaults={"task": task, "interval": interval, "expire_seconds": seconds - 5}
        )


def take_down(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=BELLS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("datahub", "0003_hub_whole"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(hang, take_down)]
