"""The token at the door of Zalo's hosts."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, JsonResponse

from sandbox import clock
from sandbox.models import Account
from sandbox.zalo import accounts
from sandbox.zalo.answers import failed

Answer = Callable[[HttpRequest, Account], JsonResponse]


def token_required(code: int, message: str = "") -> Callable[[Answer], Callable[[HttpRequest], JsonResponse]]:
    """Hand the account of the `access_token` header to the view, or answer `code`, with HTTP 200 as Zalo does."""

    def guarded(view: Answer) -> Callable[[HttpRequest], JsonResponse]:
        @wraps(view)
        def answer(request: HttpRequest) -> JsonResponse:
            account = accounts.authenticate(request.headers.get("access_token", ""), clock.now())
            return view(request, account) if account else JsonResponse(failed(code, message))

        return answer

    return guarded
