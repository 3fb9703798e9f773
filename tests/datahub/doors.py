"""Knocking at the doors of a sheet's script: `pulse` and `checkup`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.test import Client

from datahub.models import Source
from integrations import clock
from tests.factories import as_bytes, signed


def knock(
    source: Source,
    door: str,
    body: Mapping[str, Any] | list[Any] | bytes,
    *,
    key: str = "",
    secret: str = "",
    at: datetime | None = None,
) -> Any:
    """Post a body to one of the source's doors, signed now with its own secret unless told otherwise."""
    raw = body if isinstance(body, bytes) else as_bytes(body)  # type: ignore[arg-type]  # a list is what is refused
    headers: dict[str, Any] = signed(secret or source.secret, raw, at or clock.wall())
    address = f"/hooks/sheets/{key or source.key}/{door}"
    return Client(enforce_csrf_checks=True).post(address, raw, content_type="application/json", **headers)
