"""PURE. What the columns of a visit are called elsewhere, and the names that are ours."""

from __future__ import annotations

import re
from collections.abc import Mapping

from datahub.text import clean, fold, unaccented

# The columns that the system keeps in a sheet: nothing of the clinic's.
OURS = frozenset(map(fold, ("Gửi webhook", "Trạng thái gửi Webhook", "Kết quả gửi tin", "_cdp_id")))

# Names met in clinics' sheets and in the exports of Vietnamese sales programs (KiotViet, Haravan, Sapo, Pancake).
KNOWN_NAMES: Mapping[str, frozenset[str]] = {
    "customer_id": frozenset(
        {"ma kh", "ma khach", "ma benh nhan", "ma bn", "ma so khach hang", "ma ho so", "id khach hang"}
        | {"customer code", "customer id", "client id", "patient id"}
    ),
    "customer_name": frozenset(
        {"ten", "ho ten", "ten khach hang", "ten khach", "ten kh", "khach hang", "ho va ten khach hang", "benh nhan"}
        | {"ten benh nhan", "ten bn", "full name", "fullname", "customer name", "name", "contact name"}
    ),
    "phone": frozenset(
        {"sdt", "dt", "so dt", "dien thoai", "so dien thoai", "dien thoai di dong", "di dong", "so di dong"}
        | {"sdt zalo", "so zalo", "phone", "phone number", "mobile", "mobile phone", "tel", "telephone"}
        | {"contact number", "customer phone"}
    ),
    "service": frozenset(
        {"dich vu", "ten dich vu", "thu thuat", "lieu trinh", "noi dung kham", "service", "treatment"}
    ),
    "visit_date": frozenset(
        {"ngay kham", "ngay den", "ngay den kham", "ngay lam", "ngay lam dich vu", "ngay thuc hien", "visit date"}
    ),
    "doctor": frozenset({"bac si", "bs", "bac si dieu tri", "nguoi thuc hien", "ktv", "doctor"}),
    "shop_name": frozenset({"chi nhanh", "co so", "ten chi nhanh", "branch", "branch name", "shop", "shop name"}),
    "next_visit_date": frozenset({"tai kham", "ngay tai kham", "hen tai kham", "ngay hen tai kham", "lich tai kham"}),
    "status": frozenset({"trang thai", "tinh trang", "trang thai kham", "status"}),
}

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_FINAL_Y = re.compile(r"(?<=[bcdghklmnrstvx])y\b")  # bác sỹ and bác sĩ are one word
_BETWEEN = re.compile(r"[\W_]+")


def words(name: str) -> str:
    """The bare words of a name: lower case, no marks, one space between; `contactNumber` is two words."""
    bare = _BETWEEN.sub(" ", unaccented(fold(_CAMEL.sub(" ", clean(name))))).strip()
    return _FINAL_Y.sub("i", bare)


def spellings(name: str) -> frozenset[str]:
    """The bare words of a name and, where it is a path such as `customer.contactNumber`, of its last part."""
    last = name.rpartition(".")[2] if "." in name and " " not in name else name
    return frozenset(filter(None, (words(name), words(last))))
