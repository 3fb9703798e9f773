"""The people behind the phones: how they are, what they did, and the events that tell of it."""

from django.db import models

from sandbox.models.zalo import Account, Message


class Recipient(models.Model):
    """A phone that differs from the usual; a number with no row here is a Zalo user who gets everything."""

    phone = models.CharField(max_length=15, unique=True)  # 84…
    on_zalo = models.BooleanField(default=True)
    blocked = models.BooleanField(default=False)  # blocks the account: -141
    reachable = models.BooleanField(default=True)  # False: phone is off, accepted messages never arrive
    refusal = models.IntegerField(default=0)  # any other answer about this person: -110, -119, -139…
    # What this person does with each message that arrives; null: nothing.
    rates = models.PositiveSmallIntegerField(null=True)
    clicks = models.BooleanField(default=False)
    reports = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.phone


class User(models.Model):
    """A person as one account knows them: an id, perhaps a phone, whether they follow and when they last did something."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="users")
    user_id = models.CharField(max_length=40, unique=True)
    phone = models.CharField(max_length=15, blank=True, db_index=True)
    name = models.CharField(max_length=120, blank=True)
    is_follower = models.BooleanField(default=False)
    last_interaction_at = models.DateTimeField(null=True)
    free_replies_used = models.PositiveIntegerField(default=0)  # since the last interaction

    def __str__(self) -> str:
        return self.user_id


class Outbox(models.Model):
    """One webhook event to post, at least once, besides the delivery receipts that messages carry themselves."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="outbox")
    name = models.CharField(max_length=60)
    body = models.JSONField()  # the whole payload
    due_at = models.DateTimeField(null=True)  # null: posted, or given up
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.CharField(max_length=32, blank=True)
    posted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="outbox_due_idx", condition=models.Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name


class Rating(models.Model):
    """What one person answered to a rating message."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="rating")
    rate = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=400, blank=True)
    feedbacks = models.JSONField(default=list)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.rate} stars"


class Click(models.Model):
    """One press of an answer button."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="clicks")
    data = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.data
