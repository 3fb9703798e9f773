"""The day of its first message, for accounts that sent before it was written down: they are judged from it on."""

from zoneinfo import ZoneInfo

from django.db import migrations
from django.db.models import Min, OuterRef, Subquery
from django.db.models.functions import TruncDate

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def look_back(apps, schema_editor):
    messages = apps.get_model("campaigns", "Message").objects
    sent = messages.filter(account=OuterRef("pk"), channel__in=("zns", "uid"), sent_at__isnull=False)
    first = sent.order_by().values("account").annotate(day=TruncDate(Min("sent_at"), tzinfo=VIETNAM)).values("day")
    accounts = apps.get_model("integrations", "OfficialAccount").objects
    accounts.filter(first_sent_on=None).update(first_sent_on=Subquery(first))


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0004_rounds_bell"),
        ("integrations", "0004_account_rests"),
    ]

    operations = [migrations.RunPython(look_back, migrations.RunPython.noop)]
