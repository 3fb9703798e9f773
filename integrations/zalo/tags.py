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


def tags_of(told: object) -> tuple[int, ...] | None:
    """The numbers of the tags an account may send, from Zalo's list of names; None where the list says nothing.

    To refuse a message for ever takes certainty. So a list with a name we do not know says nothing, nor does one with a
    name that Zalo gave up: its documents still show the old sample, and what that would leave out of today's tags is
    not known.
    """
    found = [None if _is_legacy(name) else tag_of(name) for name in told] if isinstance(told, list) else []
    known = {int(tag) for tag in found if tag is not None}
    return tuple(sorted(known)) if known and None not in found else None


def _is_legacy(told: object) -> bool:
    return str(told).strip().upper() in LEGACY
