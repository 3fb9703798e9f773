"""Running numbers that never pass their limit, however many requests arrive at once.

Keys: `<oa>:day:<day>` all sends of a day, `<oa>:day3:<day>` tag 3 of a day, `<oa>:month3:<month>` tag 3 of a month,
`<oa>:<phone>:month3:<month>` the same for one user, `<oa>:undelivered:<month>` tag 1 and 2 that never arrived,
`template:<id>:day:<day>` one template. Days and months are Vietnam's (`sandbox.vietnam`).
"""

from collections.abc import Iterable

from django.db import connections

from sandbox.models import Counter

# One statement, so two requests cannot both take the last place; RETURNING spares a second query for the reply.
# Written by hand because the ORM has no conditional upsert. Works on SQLite and PostgreSQL alike.
_TAKE = """
INSERT INTO sandbox_counter (key, used) VALUES (%s, 1)
ON CONFLICT (key) DO UPDATE SET used = sandbox_counter.used + 1 WHERE sandbox_counter.used < %s
RETURNING used
"""
_ADD = """
INSERT INTO sandbox_counter (key, used) VALUES (%s, %s)
ON CONFLICT (key) DO UPDATE SET used = sandbox_counter.used + excluded.used
"""
_UNLIMITED = 2_000_000_000


def take(key: str, limit: int | None) -> int | None:
    """Take one; return how many are now used, or None if `limit` was reached. A limit of None counts without end."""
    if limit is not None and limit < 1:
        return None
    with connections["sandbox"].cursor() as cursor:
        cursor.execute(_TAKE, [key, _UNLIMITED if limit is None else limit])
        row = cursor.fetchone()
    return int(row[0]) if row else None


def add(key: str, count: int) -> None:
    """Raise a number by `count`, whatever it is."""
    with connections["sandbox"].cursor() as cursor:
        cursor.execute(_ADD, [key, count])


def put(key: str, count: int) -> None:
    """Set a number, whatever it was."""
    Counter.objects.update_or_create(key=key, defaults={"used": count})


def used(keys: Iterable[str]) -> dict[str, int]:
    """The numbers of `keys`; a key never used is 0."""
    wanted = list(keys)
    found = dict(Counter.objects.filter(key__in=wanted).values_list("key", "used"))
    return {key: found.get(key, 0) for key in wanted}
