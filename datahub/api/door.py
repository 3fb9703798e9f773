"""The API's door: whose token it is, whether it may call now, how a body is read, and how every no is said."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from ninja.security import HttpBearer

from accounts import tokens
from accounts.access import MemberRequest
from accounts.models import ApiToken
from datahub.api import refusals
from datahub.api.refusals import TurnedAway
from datahub.passing import passes
from datahub.refusals import BUSY, Refusal
from integrations import clock
from integrations.google_sheets import protocol
from integrations.google_sheets.protocol import ShapeError

logger = logging.getLogger(__name__)


class TokenRequest(MemberRequest):
    """A request that passed the door: `accounts.access.fetch` finds the token's clinic in it."""

    auth: ApiToken


class TokenAuth(HttpBearer):
    """`Authorization: Bearer <token>`. Nothing of the header is ever logged."""

    def __call__(self, request: HttpRequest) -> ApiToken:
        scheme, _, text = request.headers.get(self.header, "").partition(" ")
        return self.authenticate(request, text.strip() if scheme.lower() == self.openapi_scheme else "")

    def authenticate(self, request: Any, token: str) -> ApiToken:
        """The token's row, its call counted; the request belongs to its clinic from here on."""
        found = tokens.find(token) if token else None
        if found is None:
            raise TurnedAway(refusals.UNKNOWN_TOKEN)
        if found.revoked_at:
            raise TurnedAway(refusals.REVOKED_TOKEN)
        if wait_s := tokens.take_turn(token=found, wall_now=clock.wall()):
            raise TurnedAway(refusals.too_often(wait_s))
        request.workspace = found.workspace
        return found


class StrictParser(Parser):
    """Bodies as the sheet's door reads them: UTF-8 JSON of bounded size and depth, no NaN."""

    def parse_body(self, request: HttpRequest) -> Any:
        """What the body says; a refusal where it is too long or no JSON."""
        if len(request.body) > protocol.MAX_BODY_BYTES:
            raise TurnedAway(refusals.too_large(protocol.MAX_BODY_BYTES))
        said = protocol.read_json(request.body)
        if isinstance(said, ShapeError):
            raise TurnedAway(Refusal(400, "body.not_json", f"{said}."))
        if not isinstance(said, dict):
            raise TurnedAway(refusals.wrong("body.shape", "body", "phải là một đối tượng JSON"))
        return said


def make_api(**described: Any) -> NinjaAPI:
    """An API without operations: the door, and nothing behind it yet."""
    api = NinjaAPI(auth=TokenAuth(), parser=StrictParser(), docs_url=None, urls_namespace="api", **described)
    api.add_exception_handler(TurnedAway, _turned_away)
    api.add_exception_handler(AuthenticationError, _answers(refusals.UNKNOWN_TOKEN))
    api.add_exception_handler(Http404, _answers(refusals.NOT_FOUND))
    api.add_exception_handler(RequestDataTooBig, _answers(refusals.too_large(protocol.MAX_BODY_BYTES)))
    api.add_exception_handler(ValidationError, _not_this_shape)
    api.add_exception_handler(HttpError, _parser_says)
    api.add_exception_handler(OperationalError, _database)
    return api


def _turned_away(request: HttpRequest, error: Any) -> HttpResponse:
    answer: HttpResponse = error.refusal.answer()
    return answer


def _answers(refusal: Refusal) -> Any:
    return lambda request, error: refusal.answer()


def _parser_says(request: HttpRequest, error: Any) -> HttpResponse:
    """The framework wraps whatever a parser raises."""
    if isinstance(error.__cause__, TurnedAway):
        return _turned_away(request, error.__cause__)
    return Refusal(error.status_code, "call.wrong", "Lời gọi không đúng, hãy xem tài liệu API.").answer()


def _not_this_shape(request: HttpRequest, error: Any) -> HttpResponse:
    # (“body”, the parameter's name, …) or (“query”, “limit”): only what the caller wrote is told.
    found = [(each["type"], _place(each)) for each in error.errors]
    kind, first = found[0]
    if kind == "too_long" and first.where == "rows":
        limit = protocol.MAX_ROWS
        return Refusal(413, "rows.too_many", f"Một lần gửi tối đa {limit} dòng, hãy chia nhỏ.").answer()
    details = [{"where": each.where, "what": each.what} for _, each in found[:20]]
    return Refusal(422, "call.shape", f"{first}.", details).answer()


def _place(error: Any) -> ShapeError:
    return protocol.shape_error(error, inside=2 if error["loc"][0] == "body" else 1)


def _database(request: HttpRequest, error: Any) -> HttpResponse:
    if not passes(error):
        raise error
    logger.warning("api: database busy (%s)", type(error).__name__)
    return BUSY.answer()
