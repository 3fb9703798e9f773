"""A table with as many visits as are wanted: people who come again, services that most take, dates over three years."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from cdp.bench.clinic import MORNING, Clinic
from datahub.bulk import upsert_rows
from datahub.fields import search_text
from datahub.models import Customer, Record

AT_ONCE = 10_000
VISITS_EACH = 3
"""How often a customer has come, on average."""

FAMILY = {"Nguyễn": 38, "Trần": 12, "Lê": 10, "Phạm": 7, "Hoàng": 5, "Phan": 5, "Vũ": 4, "Đặng": 3, "Bùi": 3, "Đỗ": 2}
MIDDLE = ("Thị", "Văn", "Minh", "Quốc", "Ngọc", "Thanh", "Thùy", "Đức", "Hoàng", "Kim", "Bảo", "Gia")
GIVEN = (
    "Hoa",
    "Nam",
    "Anh",
    "Bảo",
    "Lan",
    "Tùng",
    "Dương",
    "Hà",
    "Linh",
    "Phương",
    "Sơn",
    "Quyên",
    "Vy",
    "Yến",
    "Khôi",
)
SERVICES = {
    "Cạo vôi": 40,
    "Trám răng": 25,
    "Nhổ răng": 15,
    "Tẩy trắng": 10,
    "Niềng răng": 6,
    "Bọc sứ": 3,
    "Cấy ghép": 1,
}
STATUSES = {"Đã hoàn thành": 88, "Đặt lịch": 7, "Đang điều trị": 3, "Hủy": 2}
_DAYS = 3 * 365


def fill(clinic: Clinic, count: int) -> None:
    """`count` visits of the clinic, the newest last; the same for the same number."""
    chance = random.Random(count)  # noqa: S311 -- made-up people
    people = max(1, count // VISITS_EACH)
    for start in range(0, people, AT_ONCE):
        upsert_rows(Customer, [_customer(clinic, number) for number in _chunk(start, people)])
    ids = dict(Customer.objects.filter(workspace=clinic.workspace).values_list("code", "id"))
    for start in range(0, count, AT_ONCE):
        upsert_rows(
            Record,
            [_record(clinic, number, count, ids, chance.randrange(people), chance) for number in _chunk(start, count)],
        )


def _chunk(start: int, end: int) -> Iterator[int]:
    return iter(range(start, min(start + AT_ONCE, end)))


def code(person: int) -> str:
    """The code of the customer with this number."""
    return f"KH{person:06}"


def phone(person: int) -> str:
    """Their phone, as stored."""
    return f"849{person * 7919 % 100_000_000:08}"


def name(person: int) -> str:
    """Their name; most families are called Nguyễn, as in the country."""
    chance = random.Random(person)  # noqa: S311 -- made-up people
    [family] = chance.choices(list(FAMILY), list(FAMILY.values()))
    return f"{family} {chance.choice(MIDDLE)} {chance.choice(GIVEN)}"


def _customer(clinic: Clinic, person: int) -> dict[str, Any]:
    who = {"code": code(person), "name": name(person), "phone": phone(person)}
    return {"workspace_id": clinic.workspace.pk, **who, "search": search_text(**who), "updated_at": MORNING}


def _record(
    clinic: Clinic, number: int, count: int, ids: dict[str, int], person: int, chance: random.Random
) -> dict[str, Any]:
    at = MORNING - timedelta(days=_DAYS) * (1 - number / count)
    day = at.date() + timedelta(days=chance.randrange(-3, 4))
    [status] = chance.choices(list(STATUSES), list(STATUSES.values()))
    is_done = status == clinic.source.dataset.done_value
    return {
        "workspace_id": clinic.workspace.pk,
        "dataset_id": clinic.source.dataset_id,
        "source_id": clinic.source.pk,
        "row_id": f"visit-{number}",
        "customer_id": ids[code(person)],
        "values": _values(person, day, status, chance),
        "phone": phone(person),
        "status": status,
        "search": search_text(code(person), name(person), phone(person)),
        "visit_key": f"{number:064x}",
        "completed_at": at if is_done else None,
        "completions": int(is_done),
        "revision": 1,
        "is_history": False,
        "created_at": at,
        "updated_at": at,
    }


def _values(person: int, day: date, status: str, chance: random.Random) -> dict[str, str]:
    [service] = chance.choices(list(SERVICES), list(SERVICES.values()))
    return {
        "customer_id": code(person),
        "customer_name": name(person),
        "phone": phone(person),
        "service": service,
        "visit_date": day.isoformat(),
        "doctor": f"{chance.choice(('Trần', 'Lê', 'Phạm'))} {chance.choice(MIDDLE)} {chance.choice(GIVEN)}",
        "shop_name": f"Quận {chance.randrange(1, 13)}",
        "next_visit_date": (day + timedelta(days=180)).isoformat(),
        "status": status,
    }
