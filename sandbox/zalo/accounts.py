"""Tokens of official accounts: minted, rotated, killed (zalo-api §1).

A pair is replaced by one conditional UPDATE on the refresh token that was shown, so of two clients that spend the
same refresh token one wins and the other gets -14014, as at Zalo.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.models import Account, AuthCode, Fault
from sandbox.zalo import faults
from sandbox.zalo.replies import Reply

ACCESS_LIVES_S = 90_000  # 25 hours
REFRESH_LIVES = timedelta(days=90)  # "3 months"
CODE_LIVES = timedelta(minutes=10)
DOCS = "https://developers.zalo.me/docs/social-api/tham-khao/ma-loi"

# code → (error_name, error_description)
REFUSALS = {
    -14002: ("Invalid appId", "App is not existed or not active"),
    -14003: ("Invalid redirect uri", "Redirect uri is not registered"),
    -14004: ("Invalid secret key", "Secret key of the app is wrong"),
    -14005: ("Invalid authorization code", "Authorization code is invalid, expired or used"),
    -14014: ("Invalid refresh token.", "Refresh token is invalid, expired or used"),
    -14018: ("Invalid grant type", "grant_type must be authorization_code or refresh_token"),
}


@dataclass(frozen=True)
class Pair:
    """An access token and the refresh token that replaces it, once."""

    access_token: str
    refresh_token: str

    def as_json(self) -> dict[str, str]:
        """Zalo's flat answer; `expires_in` is a string of seconds. A refresh token that did not change is left out."""
        kept = {"refresh_token": self.refresh_token} if self.refresh_token else {}
        return {"access_token": self.access_token, **kept, "expires_in": str(ACCESS_LIVES_S)}


def fresh_pair() -> Pair:
    """Two values that nobody can guess."""
    return Pair(secrets.token_urlsafe(64), secrets.token_urlsafe(64))


def pair_columns(pair: Pair, now: datetime) -> dict[str, str | datetime]:
    """The columns of `Account` that hold this pair from `now` on."""
    return {
        "access_token": pair.access_token,
        "access_expires_at": now + timedelta(seconds=ACCESS_LIVES_S),
        "refresh_token": pair.refresh_token,
        "refresh_expires_at": now + REFRESH_LIVES,
    }


def authenticate(access_token: str, now: datetime) -> Account | None:
    """The account whose living access token this is; None is Zalo's -124."""
    return Account.objects.filter(access_token=access_token, access_expires_at__gt=now).first()


def kill_access_token(account: Account, now: datetime) -> None:
    """The access token is no good from `now` on; the refresh token stays."""
    Account.objects.filter(id=account.id, access_token=account.access_token).update(access_expires_at=now)


def grant(form: dict[str, str], *, secret_key: str, now: datetime) -> Reply:
    """The pair for a code or a refresh token, or the refusal, which travels with HTTP 200 too (zalo-api §1)."""
    of_app = list(Account.objects.filter(app_id=form.get("app_id", "")).order_by("id"))
    if not of_app:
        return Reply(refusal(-14002))
    if not secrets.compare_digest(of_app[0].app_secret.encode(), secret_key.encode()):
        return Reply(refusal(-14004))
    fault = _misfortune(of_app)
    if fault and fault.kind in faults.REFUSING:
        return Reply(refusal(fault.code), fault)
    if fault and fault.kind == "token_empty_answer":
        return Reply({"access_token": "", "refresh_token": "", "expires_in": ""})
    match form.get("grant_type"):
        case "authorization_code":
            minted = _exchange(form, now)
        case "refresh_token":
            minted = _refresh(form, now, keeps_refresh=fault is not None and fault.kind == "token_no_refresh")
        case _:
            minted = -14018
    return Reply(refusal(minted)) if isinstance(minted, int) else Reply(minted.as_json(), fault)


def _misfortune(of_app: list[Account]) -> Fault | None:
    for account in of_app:
        fault = faults.waiting(account.oa_id, path=faults.MINT)
        if fault and faults.consume(fault):
            return fault
    return None


def refusal(code: int) -> dict[str, int | str]:
    """How the token host says no: names and reasons in place of the other hosts' `message`."""
    name, description = REFUSALS.get(code, ("Unknown error", "Unknown error"))
    return {"error": code, "error_name": name, "error_description": description, "error_reason": "", "ref_doc": DOCS}


def _refresh(form: dict[str, str], now: datetime, *, keeps_refresh: bool) -> Pair | int:
    pair = fresh_pair()
    columns = pair_columns(pair, now)
    if keeps_refresh:
        pair = Pair(pair.access_token, "")
        columns = {name: value for name, value in columns.items() if name.startswith("access")}
    moved = Account.objects.filter(
        app_id=form["app_id"], refresh_token=form.get("refresh_token", ""), refresh_expires_at__gt=now
    ).update(**columns)
    return pair if moved else -14014


def issue_code(*, oa_id: str, code_challenge: str = "", now: datetime) -> str:
    """A code for the account, good once for ten minutes; with a challenge only together with its verifier.

    A challenge saved in the developer console holds for every code, whatever the permission page was asked with.
    """
    account = Account.objects.get(oa_id=oa_id)
    code = secrets.token_urlsafe(48)
    AuthCode.objects.create(
        code=code,
        account=account,
        code_challenge=account.console_challenge or code_challenge,
        expires_at=now + CODE_LIVES,
    )
    return code


def permission_problem(asked: Mapping[str, str]) -> int | None:
    """Why the permission page does not open: -14002 an unknown app, -14003 a callback that is not registered; or None.

    An account with no registered callback takes any web address.
    """
    registered = set(Account.objects.filter(app_id=asked.get("app_id", "")).values_list("redirect_uri", flat=True))
    if not registered:
        return -14002
    uri = asked.get("redirect_uri", "")
    taken = uri in registered or "" in registered
    return None if taken and uri.startswith(("http://", "https://")) else -14003


def _exchange(form: dict[str, str], now: datetime) -> Pair | int:
    code = AuthCode.objects.filter(
        code=form.get("code", ""), account__app_id=form["app_id"], expires_at__gt=now
    ).first()
    if not code or not _verified(code.code_challenge, form.get("code_verifier", "")):
        return -14005
    deleted, _ = AuthCode.objects.filter(id=code.id).delete()
    if not deleted:
        return -14005
    pair = fresh_pair()
    Account.objects.filter(id=code.account_id).update(**pair_columns(pair, now))
    return pair


def _verified(challenge: str, verifier: str) -> bool:
    """PKCE S256; a code asked for without a challenge needs no verifier."""
    if not challenge:
        return True
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
