"""The doorway of other programs: POST /hooks/json/<source key>."""

from __future__ import annotations

import logging

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from datahub.ingest import Annotate, Closed
from datahub.json import answers
from datahub.json.intake import mapping_of, take_in
from datahub.json.signatures import is_signed
from datahub.models import Source
from datahub.passing import passes
from datahub.refusals import Refusal
from integrations import clock
from integrations.google_sheets import protocol
from integrations.google_sheets.protocol import ShapeError, TooManyRows

logger = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def json_webhook(request: HttpRequest, key: str, annotate: Annotate) -> HttpResponse:
    """Take in whatever rows a body has by the source's mapping; a body without any is fine and answered 200."""
    try:
        outcome = _pass(request, key, annotate)
    except OperationalError as error:
        if not passes(error):
            raise
        logger.warning("json webhook: database busy (%s)", type(error).__name__)
        outcome = answers.BUSY
    return outcome.answer() if isinstance(outcome, Refusal) else HttpResponse(outcome, content_type="application/json")


def _pass(request: HttpRequest, key: str, annotate: Annotate) -> str | Refusal:
    """The body of a 200, or the first refusal that applies."""
    found = Source.objects.select_related("dataset").filter(key=key, kind=Source.Kind.JSON)
    source = found.first() if key.isalnum() else None
    if source is None:
        return answers.UNKNOWN
    body = request.read(answers.MAX_BODY_BYTES + 1)
    if len(body) > answers.MAX_BODY_BYTES:
        return answers.TOO_LARGE
    mapping = mapping_of(source)
    signature = mapping.signature
    said = request.headers.get(signature.header, "") if signature.header else ""
    if not is_signed(style=signature.style, said=said, secret=source.secret, body=body):
        return answers.not_signed(signature)
    if isinstance(read := protocol.read_json(body), ShapeError):
        return answers.not_json(read)
    delivery = request.headers.get(mapping.delivery, "") if mapping.delivery else ""
    outcome = take_in(source=source, said=read, body=body, delivery=delivery, now=clock.now(), annotate=annotate)
    if isinstance(outcome, TooManyRows):
        return answers.too_many(outcome.count)
    return answers.CLOSED if isinstance(outcome, Closed) else outcome.body
