"""PURE. Zalo's quota rules as numbers (domain §5, zalo-api §7). A limit of None is no limit."""

from collections.abc import Collection

TRANSACTION, CUSTOMER_CARE, PROMOTION = 1, 2, 3
TAG_NAMES = {TRANSACTION: "TRANSACTION", CUSTOMER_CARE: "CUSTOMER_CARE", PROMOTION: "PROMOTION"}

PROMOTION_OPENS_2024 = 20_000  # the step of the 2024 ladder at which tag 3 is allowed
PROMOTION_SHARE_2024 = 4  # tag 3 may be a quarter of the day
PROMOTION_MEMORY_MONTHS = 6  # tag 3 only to who received tag 1 or 2 within these
FIRST_MONTH_BONUS = 10_000
SHARE_OF_TWO_MONTHS = 6


def tags_allowed(policy: str, daily_quota: int | None, chosen: Collection[int] | None) -> list[int]:
    """The tags an account may send: its own list if it has one, else what its policy gives at this daily quota."""
    if chosen is not None:
        return sorted(chosen)
    if policy == "2024" and daily_quota is not None and daily_quota < PROMOTION_OPENS_2024:
        return [TRANSACTION, CUSTOMER_CARE]
    return [TRANSACTION, CUSTOMER_CARE, PROMOTION]


def promotion_day_limit(policy: str, daily_quota: int | None) -> int | None:
    """Tag 3 in one day: a quarter of the daily quota under the 2024 rules, no limit of its own since 2026."""
    if policy != "2024" or daily_quota is None:
        return None
    return daily_quota // PROMOTION_SHARE_2024


def promotion_month_limit(delivered_two_months: int, *, first_month: bool, fixed: int | None) -> int:
    """Tag 3 in one month: a sixth, rounded down, of tag 1 + 2 delivered in the two months before; +10,000 at first.

    Feb 15,000 + Mar 45,000 gives 10,000 for April (000).
    """
    if fixed is not None:
        return fixed
    return delivered_two_months // SHARE_OF_TWO_MONTHS + (FIRST_MONTH_BONUS if first_month else 0)
