"""PURE. The closed vocabulary of reasons: why a message waits, was not sent, or ended as it did.

The function that decides gives the code and its facts; the sentence is written once, in `sentences.py`.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """One cause each. Codes are stored: never rename one."""

    # waiting
    QUIET_HOURS = "quiet_hours"
    ZALO_NIGHT = "zalo_night"
    DAILY_QUOTA = "daily_quota"
    PROMOTION_DAY_QUOTA = "promotion_day_quota"
    PROMOTION_MONTH_QUOTA = "promotion_month_quota"
    USER_MONTH_QUOTA = "user_month_quota"
    TEMPLATE_DAY_QUOTA = "template_day_quota"
    USER_DAY_QUOTA = "user_day_quota"
    TRANSACTION_RESERVE = "transaction_reserve"
    FREQUENCY_CAP = "frequency_cap"
    BRAKE_SLOW = "brake_slow"
    BRAKE_HELD = "brake_held"
    TEMPLATE_BRAKE = "template_brake"
    CHAT_QUOTA = "chat_quota"
    NEXT_CHANNEL = "next_channel"
    HANDED_BACK = "handed_back"
    AMENDED = "amended"
    DUPLICATE_RELEASED = "duplicate_released"
    VENDOR_BUSY = "vendor_busy"
    ACCOUNT_BLOCKED = "account_blocked"
    SMS_BLOCKED = "sms_blocked"
    INTERNAL_ERROR = "internal_error"
    # never sent
    TAG_NOT_ENTITLED = "tag_not_entitled"
    PROMOTION_NOT_ELIGIBLE = "promotion_not_eligible"
    TOO_LATE = "too_late"
    SUPPRESSED = "suppressed"
    CARE_REFUSED = "care_refused"
    PROMOTION_REFUSED = "promotion_refused"
    CONSENT_MISSING = "consent_missing"
    CUSTOMER_ERASED = "customer_erased"
    NO_LONGER_MATCHES = "no_longer_matches"
    DUPLICATE_VISIT = "duplicate_visit"
    ANCHOR_MISSING = "anchor_missing"
    PARAM_INVALID = "param_invalid"
    TEMPLATE_NOT_APPROVED = "template_not_approved"
    NO_CHANNEL = "no_channel"
    NOT_FOLLOWER = "not_follower"
    CHAT_WINDOW_CLOSED = "chat_window_closed"
    # refused by Zalo
    NOT_ON_ZALO = "not_on_zalo"
    PHONE_INVALID = "phone_invalid"
    RECIPIENT_REFUSES = "recipient_refuses"
    RECIPIENT_REFUSES_KIND = "recipient_refuses_kind"
    API_NOT_ALLOWED = "api_not_allowed"
    TEMPLATE_REFUSED = "template_refused"
    SMS_REFUSED = "sms_refused"
    ATTEMPTS_SPENT = "attempts_spent"
    # outcome
    OUTCOME_UNKNOWN = "outcome_unknown"
    JUDGED_REACHED = "judged_reached"
    JUDGED_UNSENT = "judged_unsent"
    ACCEPTED = "accepted"
    SMS_ACCEPTED = "sms_accepted"
    DELIVERED = "delivered"
    DELIVERED_LATE = "delivered_late"
    NOT_DELIVERED = "not_delivered"
    CLAIMED = "claimed"
    SENDING = "sending"
