"""Google's own error JSON, and the faults that carry it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Refusal:
    """An answer other than 200."""

    code: int
    status: str
    message: str
    headers: dict[str, str] = field(default_factory=dict)
    details: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The body."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "status": self.status}
        return {"error": error | ({"details": self.details} if self.details else {})}


class Refused(Exception):
    """Carries a refusal out of wherever it was found."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def invalid(message: str) -> Refused:
    """The request cannot be read."""
    return Refused(Refusal(400, "INVALID_ARGUMENT", message))


UNAUTHENTICATED = Refusal(
    401,
    "UNAUTHENTICATED",
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
)
FORBIDDEN = Refusal(403, "PERMISSION_DENIED", "The caller does not have permission")
NOT_FOUND = Refusal(404, "NOT_FOUND", "Requested entity was not found.")
INTERNAL = Refusal(500, "INTERNAL", "Internal error encountered.")
UNAVAILABLE = Refusal(503, "UNAVAILABLE", "The service is currently unavailable.")


def api_disabled(project: str) -> Refusal:
    """Nobody switched the Sheets API on in the account's project."""
    return Refusal(
        403,
        "PERMISSION_DENIED",
        f"Google Sheets API has not been used in project {project} before or it is disabled. Enable it by visiting "
        f"https://console.developers.google.com/apis/api/sheets.googleapis.com/overview?project={project} then retry.",
        details=[{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}],
    )


def exhausted(kind: str, whose: str, *, retry_after_s: int = 0) -> Refusal:
    """Too many calls within the minute. Google seldom sends Retry-After; a scripted 429 does."""
    metric = f"{kind} requests"
    return Refusal(
        429,
        "RESOURCE_EXHAUSTED",
        f"Quota exceeded for quota metric '{metric}' and limit '{metric} per minute per {whose}' of service "
        "'sheets.googleapis.com' for consumer 'project_number:100200300400'.",
        headers={"Retry-After": str(retry_after_s)} if retry_after_s else {},
        details=[{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED"}],
    )
