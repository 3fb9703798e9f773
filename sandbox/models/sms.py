"""The SMS vendor."""

from django.db import models


class SmsBrand(models.Model):
    """A customer of the SMS vendor (eSMS): its keys and the brand name it may send as."""

    api_key = models.CharField(max_length=80, unique=True)
    secret_key = models.CharField(max_length=80)
    brandname = models.CharField(max_length=20)
    balance_vnd = models.BigIntegerField(null=True)  # null: never runs out

    def __str__(self) -> str:
        return self.brandname


class Sms(models.Model):
    """One accepted SMS. Unlike Zalo, this vendor refuses a request id that it has seen."""

    brand = models.ForeignKey(SmsBrand, on_delete=models.CASCADE, related_name="messages")
    sms_id = models.CharField(max_length=40, unique=True)
    request_id = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=15, db_index=True)
    text = models.TextField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "request_id"], name="one_sms_per_request", condition=~models.Q(request_id="")
            ),
        ]

    def __str__(self) -> str:
        return self.sms_id
