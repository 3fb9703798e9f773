"""An official account, its templates and messages, and the misfortunes scripted for it."""

from django.db import models


class Policy(models.TextChoices):
    """Which generation of Zalo's quota rules an account lives under (zalo-api §0.6, domain §5)."""

    Y2024 = "2024"
    Y2026 = "2026"


class Account(models.Model):
    """An official account with the one app that it trusts, its token pair and its limits.

    One access token and one refresh token are alive at a time, so they are columns: replacing them kills the old pair.
    """

    oa_id = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    app_id = models.CharField(max_length=40, db_index=True)
    app_secret = models.CharField(max_length=120)
    oa_secret_key = models.CharField(max_length=120)
    webhook_url = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    access_token = models.CharField(max_length=200, unique=True)
    access_expires_at = models.DateTimeField()
    refresh_token = models.CharField(max_length=200, unique=True)
    refresh_expires_at = models.DateTimeField()

    policy = models.CharField(max_length=4, choices=Policy, default=Policy.Y2026)
    daily_quota = models.PositiveIntegerField(null=True)  # null: unlimited
    promo_month_quota = models.PositiveIntegerField(null=True)  # null: worked out from the deliveries of two months
    promo_bonus_month = models.CharField(max_length=7, blank=True)  # "2026-11": the first month of tag 3, +10,000
    promo_user_month_cap = models.PositiveIntegerField(default=4)
    allowed_tags = models.JSONField(null=True)  # [1, 2, 3]; null: what the policy gives at this daily quota
    beyond_quota = models.BooleanField(default=False)  # may use sending_mode "3"
    balance_vnd = models.BigIntegerField(null=True)  # null: never runs out
    admin_phones = models.JSONField(default=list)  # who may get mode "development"
    quality_now = models.CharField(max_length=10, default="HIGH")
    quality_7d = models.CharField(max_length=10, default="HIGH")

    standing_error = models.IntegerField(
        default=0
    )  # refuse every send with this code: -120 package over, -1351 blocked…
    receipt_delay_s = models.FloatField(default=1)

    personality = models.CharField(max_length=8, default="steady")  # steady, fast, slow, flaky, strict: how it answers
    calls_per_minute = models.PositiveIntegerField(null=True)  # null: no limit; beyond it -32
    redirect_uri = models.CharField(max_length=500, blank=True)  # registered in the console; "" takes any
    console_challenge = models.CharField(max_length=120, blank=True)  # saved there; "" takes one per request, or none
    wants_proof = models.BooleanField(default=False)  # appsecret_proof is mandatory: -1241, -242
    package = models.CharField(max_length=40, default="Nâng cao")
    standing_is_live = models.BooleanField(default=False)  # moves on its ladder by itself (sandbox.zalo.standing)
    first_sent_on = models.DateField(null=True)
    quota_changed_on = models.DateField(null=True)
    penalised_on = models.DateField(null=True)
    judged_on = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.oa_id})"


class AuthCode(models.Model):
    """A code from the permission page: ten minutes, one use."""

    code = models.CharField(max_length=120, unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    code_challenge = models.CharField(max_length=120, blank=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"code of {self.account_id}"


class Template(models.Model):
    """A ZNS template as Zalo approved it."""

    class Status(models.IntegerChoices):
        ENABLE = 1
        PENDING_REVIEW = 2
        REJECT = 3
        DISABLE = 4
        DELETE = 5

    template_id = models.CharField(max_length=40, unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="templates")
    name = models.CharField(max_length=120)
    tag = models.PositiveSmallIntegerField()  # 1 transaction, 2 customer care, 3 promotion
    status = models.PositiveSmallIntegerField(choices=Status, default=Status.ENABLE)
    reason = models.CharField(max_length=400, blank=True)
    quality = models.CharField(max_length=10, default="HIGH")
    title = models.CharField(max_length=200)
    paragraphs = models.JSONField(default=list)  # texts with <param> placeholders
    button = models.JSONField(default=dict)  # {"type": 2, "title": "…", "content": "…"}; {} is no button
    params = models.JSONField(default=list)  # as in listParams: name, require, type, maxLength, minLength, acceptNull
    price_vnd = models.PositiveIntegerField(default=0)
    price_uid_vnd = models.PositiveIntegerField(default=0)
    timeout_ms = models.PositiveIntegerField(default=7_200_000)
    daily_quota = models.PositiveIntegerField(null=True)
    kind = models.PositiveSmallIntegerField(default=1)  # 1 custom, 2 authentication, 3 payment, 4 voucher, 5 rating
    layout = models.JSONField(default=dict)  # as given to /template/create
    created_at = models.DateTimeField(null=True)
    by_api = models.BooleanField(default=False)  # only such a one may be edited

    def __str__(self) -> str:
        return f"{self.name} ({self.template_id})"


class Message(models.Model):
    """One accepted message. When it arrives is settled at once, so that no process has to be running for it."""

    msg_id = models.CharField(max_length=40, unique=True)
    tracking_id = models.CharField(max_length=200, blank=True, db_index=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="messages", db_index=False)
    template = models.ForeignKey(Template, null=True, on_delete=models.CASCADE, related_name="messages", db_index=False)
    template_data = models.JSONField(default=dict)
    phone = models.CharField(max_length=15)
    channel = models.CharField(max_length=8, default="phone")  # phone, hash, uid, cs
    user_id = models.CharField(max_length=40, blank=True)
    phone_hash = models.CharField(max_length=64, blank=True)  # of a hashed send; `phone` is "" while nobody told it
    text = models.TextField(blank=True)  # of a consultation message
    reported_at = models.DateTimeField(null=True)
    tag = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField()
    arrives_at = models.DateTimeField(null=True)  # null: never
    receipt_due_at = models.DateTimeField(null=True)  # null: nothing (more) to post
    receipt_attempts = models.PositiveSmallIntegerField(default=0)
    receipt_copies = models.PositiveSmallIntegerField(default=1)
    receipt_claim = models.CharField(max_length=32, blank=True)  # the poster that holds this receipt
    receipt_posted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # The inbox of one phone, and "a tag 1 or 2 from this account within six months" for tag 3.
            models.Index(fields=["phone", "account", "arrives_at"], name="message_phone_idx"),
            # receipts.post_due: only what still waits.
            models.Index(
                fields=["receipt_due_at"], name="message_receipt_idx", condition=models.Q(receipt_due_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.msg_id


class Counter(models.Model):
    """A running number, e.g. `<oa_id>:day:2026-11-21`; raised by one statement in `sandbox.zalo.counters`."""

    key = models.CharField(max_length=120, unique=True)
    used = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.key} = {self.used}"


class Fault(models.Model):
    """A scripted misfortune; each use takes one from `remaining`."""

    kind = models.CharField(max_length=40)
    remaining = models.PositiveIntegerField()
    phone = models.CharField(max_length=15, blank=True)  # "" is everyone
    path = models.CharField(max_length=60, blank=True)  # the one address it strikes; "" is every send
    oa_id = models.CharField(max_length=40, blank=True)  # "" is every account
    code = models.IntegerField(default=0)
    seconds = models.FloatField(default=0)

    def __str__(self) -> str:
        return f"{self.kind} × {self.remaining}"


class Upload(models.Model):
    """One picture sent to /upload/image; the bytes are not kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    media_id = models.CharField(max_length=40, unique=True)
    size = models.PositiveIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.media_id
