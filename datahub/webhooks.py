"""The sheet's doorways: POST /hooks/sheets/<source key>, and its `pulse` and `checkup`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from datahub import checkups
from datahub.doctor.snapshot import SnapRow, Snapshot
from datahub.ingest import Annotate, Closed, Reused, ingest
from datahub.models import Source
from datahub.passing import passes
from datahub.pulses import take_pulse
from integrations import clock
from integrations.google_sheets import answers, checkup, protocol, pulse
from integrations.google_sheets.answers import Rejection

logger = logging.getLogger(__name__)

Act = Callable[[Source, bytes], str | Rejection]
"""What a door does with a body that its source has signed: the body of a 200, or why not."""


@csrf_exempt
@require_POST
def sheet_webhook(request: HttpRequest, key: str, annotate: Annotate) -> HttpResponse:
    """Take in one batch of rows and answer for each. `annotate` comes from the URLconf: who knows what happens next."""
    return _door(request, key, protocol.MAX_BODY_BYTES, partial(_rows, annotate=annotate))


@csrf_exempt
@require_POST
def sheet_pulse(request: HttpRequest, key: str) -> HttpResponse:
    """Hear how the script is, and tell it what became of its rows; a closed source is heard too."""
    return _door(request, key, protocol.MAX_BODY_BYTES, _pulse)


@csrf_exempt
@require_POST
def sheet_checkup(request: HttpRequest, key: str) -> HttpResponse:
    """Take in a copy of the whole tab and compare it with the Data Hub."""
    return _door(request, key, checkup.MAX_BODY_BYTES, _checkup)


def _door(request: HttpRequest, key: str, limit: int, act: Act) -> HttpResponse:
    try:
        outcome = _pass(request, key, limit, act)
    except OperationalError as error:
        if not passes(error):
            raise
        logger.warning("sheet webhook: database busy (%s)", type(error).__name__)
        outcome = answers.BUSY
    if isinstance(outcome, str):
        return HttpResponse(outcome, content_type="application/json")
    headers = {"Retry-After": str(outcome.retry_after_s)} if outcome.retry_after_s else {}
    return JsonResponse(
        outcome.as_json(), status=outcome.http, headers=headers, json_dumps_params={"ensure_ascii": False}
    )


def _pass(request: HttpRequest, key: str, limit: int, act: Act) -> str | Rejection:
    """The body of a 200, or the first of the contract's refusals that applies."""
    source = Source.objects.select_related("dataset").filter(key=key).first() if key.isalnum() else None
    if source is None:
        return answers.UNKNOWN_SOURCE
    # Read from the stream: Django's own limit on `request.body` is one for all addresses, and belongs to the smallest.
    body = request.read(limit + 1)
    if len(body) > limit:
        return answers.body_too_large(limit)
    if refusal := answers.NOT_SIGNED.get(_verdict(request, source, body, clock.wall())):
        return refusal
    return act(source, body)


def _verdict(request: HttpRequest, source: Source, body: bytes, wall_now: datetime) -> protocol.Verdict:
    return protocol.verify(
        secret=source.secret,
        timestamp=request.headers.get("X-CDP-Timestamp", ""),
        signature=request.headers.get("X-CDP-Signature", ""),
        body=body,
        wall_now=wall_now,
    )


def _rows(source: Source, body: bytes, *, annotate: Annotate) -> str | Rejection:
    batch = protocol.parse(body)
    if isinstance(batch, protocol.ShapeError):
        return answers.not_this_shape(batch)
    if isinstance(batch, protocol.TooManyRows):
        return answers.too_many_rows(batch.count, protocol.MAX_ROWS)
    outcome = ingest(source=source, batch=batch, body=body, now=clock.now(), annotate=annotate)
    if isinstance(outcome, Closed):
        return answers.SOURCE_CLOSED
    return answers.BATCH_REUSED if isinstance(outcome, Reused) else outcome.body


def _pulse(source: Source, body: bytes) -> str | Rejection:
    said = pulse.parse(body)
    if isinstance(said, protocol.ShapeError):
        return answers.not_this_shape(said)
    return take_pulse(source=source, said=said, now=clock.now(), wall_now=clock.wall())


def _checkup(source: Source, body: bytes) -> str | Rejection:
    copy = checkup.parse(body)
    if isinstance(copy, protocol.ShapeError):
        return answers.not_this_shape(copy)
    if isinstance(copy, protocol.TooManyRows):
        return answers.too_many_rows(copy.count, checkup.MAX_ROWS)
    seen = Snapshot(headers=copy.headers, rows=tuple(SnapRow(*row) for row in copy.rows), merged=copy.merged)
    found = checkups.take(source=source, snapshot=seen, now=clock.now(), elsewhere=frozenset(copy.elsewhere))
    return checkup.answer(findings=len(found.findings))
