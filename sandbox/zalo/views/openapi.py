"""openapi.zalo.me: only who the account is, which makes a good health check."""

from django.http import HttpRequest, JsonResponse

from sandbox.models import Account
from sandbox.zalo.answers import succeeded
from sandbox.zalo.views.guard import token_required


@token_required(-216, "Access token is invalid")
def getoa(request: HttpRequest, account: Account) -> JsonResponse:
    """GET /v2.0/oa/getoa."""
    return JsonResponse(
        succeeded(
            {
                "oa_id": account.oa_id,
                "oaid": account.oa_id,
                "name": account.name,
                "is_verified": True,
                "oa_type": 2,
                "num_follower": 0,
                "package_name": "Nâng cao",
                "package_valid_through_date": "31/12/2099",
                "linked_ZCA": "ZBS-SANDBOX",
            }
        )
    )
