"""Service accounts, and the token endpoint: a JWT signed with the account's key becomes an access token (RFC 7523)."""

import base64
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox.models import GoogleAccount, GoogleToken

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE = "https://oauth2.googleapis.com/token"
SCOPES = {"https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive"}
LIFETIME = timedelta(hours=1)
_DRIFT_S = 300


class GrantRefused(Exception):
    """Google's `error` and `error_description`."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.body = {"error": error, "error_description": description}


def create_account(*, client_email: str, project_id: str) -> GoogleAccount:
    """The service account with this address; its key is made once."""
    if known := GoogleAccount.objects.filter(client_email=client_email).first():
        return known
    return GoogleAccount.objects.create(
        client_email=client_email, project_id=project_id, private_key_id=secrets.token_hex(20), private_key=new_key()
    )


def new_key() -> str:
    """An RSA key as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def key_file(account: GoogleAccount) -> dict[str, str]:
    """The JSON that Google's console lets an admin download once."""
    return {
        "type": "service_account",
        "project_id": account.project_id,
        "private_key_id": account.private_key_id,
        "private_key": account.private_key,
        "client_email": account.client_email,
        "client_id": "100200300400500600700",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": AUDIENCE,
        "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
        "client_x509_cert_url": f"https://www.googleapis.com/robot/v1/metadata/x509/{account.client_email}",
        "universe_domain": "googleapis.com",
    }


def key_text(account: GoogleAccount) -> str:
    """The key file as text."""
    return json.dumps(key_file(account), indent=2)


def grant(form: dict[str, str], *, wall: datetime) -> dict[str, Any]:
    """The token that this form earns. GrantRefused as Google refuses. `wall` is the real time, UTC."""
    if form.get("grant_type") != GRANT:
        raise GrantRefused("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
    claims, account = _verified(form.get("assertion", ""))
    moment = wall.timestamp()
    issued, ends = _number(claims, "iat"), _number(claims, "exp")
    if not (issued - _DRIFT_S <= moment < ends and ends - issued <= 3600 + _DRIFT_S):
        raise GrantRefused(
            "invalid_grant",
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
            "Check your iat and exp values in the JWT claim.",
        )
    if not SCOPES & set(str(claims.get("scope", "")).split()):
        raise GrantRefused("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
    token = f"ya29.c.{secrets.token_urlsafe(48)}"
    GoogleToken.objects.create(token=token, account=account, expires_at=wall + LIFETIME)
    return {"access_token": token, "expires_in": int(LIFETIME.total_seconds()) - 1, "token_type": "Bearer"}


def bearer(header: str, *, wall: datetime) -> GoogleAccount | None:
    """Whose token the Authorization header carries, or None if it is no living one."""
    token = GoogleToken.objects.select_related("account").filter(token=header.removeprefix("Bearer ")).first()
    alive = token and token.expires_at > wall and not token.account.is_deleted
    return token.account if token and alive else None


def _verified(assertion: str) -> tuple[dict[str, Any], GoogleAccount]:
    """The claims of an assertion whose RS256 signature is that of the account it names."""
    try:
        head, body, signature = assertion.split(".")
        header, claims = json.loads(_decoded(head)), json.loads(_decoded(body))
        signed, proof = f"{head}.{body}".encode(), _decoded(signature)
    except ValueError:
        raise GrantRefused("invalid_grant", "Invalid JWT Signature.") from None
    account = GoogleAccount.objects.filter(client_email=claims.get("iss", "")).first()
    if account is None or account.is_deleted:
        raise GrantRefused("invalid_grant", "Invalid grant: account not found")
    if header.get("alg") != "RS256" or claims.get("aud") != AUDIENCE:
        raise GrantRefused("invalid_grant", "Invalid JWT: Failed audience or algorithm check.")
    key = serialization.load_pem_private_key(account.private_key.encode(), None).public_key()
    try:
        assert isinstance(key, rsa.RSAPublicKey)  # noqa: S101  # made above, and no other kind
        key.verify(proof, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        raise GrantRefused("invalid_grant", "Invalid JWT Signature.") from None
    return claims, account


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _number(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
