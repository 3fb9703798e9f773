"""PURE. Zalo's names of its content classes, old and new."""

from __future__ import annotations

from integrations.base import Tag

TODAYS = {tag.name: tag for tag in Tag}
# Zalo renamed them on 2024-04-16; its samples and older templates still say the old names (zalo.cloud, "Thiết lập mục
# đích gửi khi tạo mẫu ZNS").
LEGACY = {
    "OTP": Tag.TRANSACTION,
    "IN_TRANSACTION": Tag.TRANSACTION,
    "POST_TRANSACTION": Tag.TRANSACTION,
    "ACCOUNT_UPDATE": Tag.CUSTOMER_CARE,
    "GENERAL_UPDATE": Tag.CUSTOMER_CARE,
    "FOLLOW_UP": Tag.PROMOTION,
}


def tag_of(told: object) -> Tag | None:
    """The tag behind Zalo's name or number of it, in either case of letters; None for one we do not know."""
    text = str(told).strip().upper()
    if text in {"1", "2", "3"}:
        return Tag(int(text))
    return TODAYS.get(text) or LEGACY.get(text)


def is_legacy(told: object) -> bool:
    """Whether this is one of the names that Zalo gave up."""
    return str(told).strip().upper() in LEGACY
