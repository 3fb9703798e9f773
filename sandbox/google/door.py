"""What every call passes before it is heard: the token, the project's API, the minute's quotas, and who shared with whom."""

from datetime import datetime

from sandbox.google import answers, tokens
from sandbox.google.answers import Refusal, Refused
from sandbox.models import GoogleAccount, GoogleBook
from sandbox.zalo import counters

READS = ("metadata", "read")


def enter(authorization: str, *, call: str, spreadsheet_id: str, wall: datetime) -> GoogleBook:
    """The spreadsheet that this caller may reach by this kind of call. Raises Google's refusal."""
    account = tokens.bearer(authorization, wall=wall)
    if account is None:
        raise Refused(answers.UNAUTHENTICATED)
    if not account.api_enabled:
        raise Refused(answers.api_disabled(account.project_id))
    if refusal := _over_quota(account, "Read" if call in READS else "Write", wall):
        raise Refused(refusal)
    book = GoogleBook.objects.filter(spreadsheet_id=spreadsheet_id).first()
    if book is None:
        raise Refused(answers.NOT_FOUND)
    role = book.shared_with.get(account.client_email)
    if role != "writer" and not (role == "reader" and call in READS):
        raise Refused(answers.FORBIDDEN)
    return book


def _over_quota(account: GoogleAccount, kind: str, wall: datetime) -> Refusal | None:
    minute = f"{wall:%Y-%m-%dT%H:%M}"
    mine = account.reads_per_minute if kind == "Read" else account.writes_per_minute
    if counters.take(f"google:{account.client_email}:{kind}:{minute}", mine) is None:
        return answers.exhausted(kind, "user")
    if counters.take(f"google:{account.project_id}:{kind}:{minute}", account.project_reads_per_minute) is None:
        return answers.exhausted(kind, "project")
    return None
