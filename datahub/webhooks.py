"""The sheet's doorway: POST /hooks/sheets/<source key>."""

from __future__ import annotations

import logging
import sqlite3
from datetime import datetime

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from datahub.ingest import Annotate, Closed, Reused, ingest
from datahub.models import Source
from integrations import clock
from integrations.google_sheets import answers, protocol
from integrations.google_sheets.answers import Rejection

logger = logging.getLogger(__name__)

_SQLITE_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
# Connection trouble; lost a race; too many connections; lock or statement timeout; the server goes down or comes up.
_PG_PASSING = ("08", "40001", "40P01", "53300", "55P03", "57014", "57P")


@csrf_exempt
@require_POST
def sheet_webhook(request: HttpRequest, key: str, annotate: Annotate) -> HttpResponse:
    """Take in one batch of rows and answer for each. `annotate` comes from the URLconf: who knows what happens next."""
    try:
        outcome = _take(request, key, annotate)
    except OperationalError as error:
        if not _passes(error):
            raise
        logger.warning("sheet webhook: database busy (%s)", type(error).__name__)
        outcome = answers.BUSY
    if isinstance(outcome, str):
        return HttpResponse(outcome, content_type="application/json")
    headers = {"Retry-After": str(outcome.retry_after_s)} if outcome.retry_after_s else {}
    return JsonResponse(
        outcome.as_json(), status=outcome.http, headers=headers, json_dumps_params={"ensure_ascii": False}
    )


def _passes(error: OperationalError) -> bool:
    """Whether the same call may succeed in a moment; a missing table or a full disk must be a loud 500 instead."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        # The low byte: the rest tells which kind of busy.
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SQLITE_PASSING
    state: str | None = getattr(cause, "sqlstate", "unknown")
    # PostgreSQL's own error without a state: it was not reached, or was lost.
    return state is None or state.startswith(_PG_PASSING)


def _take(request: HttpRequest, key: str, annotate: Annotate) -> str | Rejection:
    """The body of a 200, or the first of the contract's refusals that applies."""
    source = Source.objects.select_related("dataset").filter(key=key).first() if key.isalnum() else None
    if source is None:
        return answers.UNKNOWN_SOURCE
    body = _body(request)
    if body is None:
        return answers.BODY_TOO_LARGE
    if refusal := answers.NOT_SIGNED.get(_verdict(request, source, body, clock.wall())):
        return refusal
    batch = protocol.parse(body)
    if isinstance(batch, protocol.ShapeError):
        return answers.not_this_shape(batch)
    if isinstance(batch, protocol.TooManyRows):
        return answers.too_many_rows(batch.count)
    outcome = ingest(source=source, batch=batch, body=body, now=clock.now(), annotate=annotate)
    if isinstance(outcome, Closed):
        return answers.SOURCE_CLOSED
    return answers.BATCH_REUSED if isinstance(outcome, Reused) else outcome.body


def _body(request: HttpRequest) -> bytes | None:
    """The raw body, or None where it is larger than the contract allows. Django stops reading at its own limit above ours."""
    try:
        body = request.body
    except RequestDataTooBig:
        return None
    except ValueError:  # a Content-Length that is no number: Django reads nothing
        return b""
    return body if len(body) <= protocol.MAX_BODY_BYTES else None


def _verdict(request: HttpRequest, source: Source, body: bytes, wall_now: datetime) -> protocol.Verdict:
    return protocol.verify(
        secret=source.secret,
        timestamp=request.headers.get("X-CDP-Timestamp", ""),
        signature=request.headers.get("X-CDP-Signature", ""),
        body=body,
        wall_now=wall_now,
    )
