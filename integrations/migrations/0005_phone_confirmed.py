from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0004_account_rests"),
    ]

    operations = [
        migrations.AddField(
            model_name="zalouser",
            name="phone_confirmed_at",
            field=models.DateTimeField(
                blank=True, help_text="When somebody of the clinic confirmed that the phone is theirs.", null=True
            ),
        ),
    ]
