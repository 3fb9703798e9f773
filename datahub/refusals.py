"""Turning a program's call away: the shape that the API and the JSON webhook share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.http import HttpResponse


@dataclass(frozen=True)
class Refusal:
    """Why a call is turned away as a whole; nothing of it was stored."""

    http: int
    error: str
    message: str
    details: Sequence[Mapping[str, str]] = field(default=())
    retry_after_s: int | None = None

    def answer(self) -> HttpResponse:
        """What the caller gets."""
        body = {"error": self.error, "message": self.message, "details": list(self.details)}
        headers = {"Retry-After": str(self.retry_after_s)} if self.retry_after_s else {}
        if self.http == 401:
            headers["WWW-Authenticate"] = "Bearer"
        # Half a surrogate pair came in as text: it may be told, but cannot be sent.
        said = json.dumps(body, ensure_ascii=False).encode(errors="replace")
        return HttpResponse(said, content_type="application/json", status=self.http, headers=headers)


BUSY = Refusal(503, "database.busy", "Máy chủ đang bận, hãy gửi lại sau ít giây.", retry_after_s=5)
