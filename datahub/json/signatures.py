"""PURE. Proof that a webhook's call comes from who holds the source's secret."""

from __future__ import annotations

import base64
import hmac

from datahub.json.mapping import Style


def is_signed(*, style: Style, said: str, secret: str, body: bytes) -> bool:
    """Whether the header's value proves the body, in constant time. `none` asks for no proof but the address.

    A hexadecimal digest may stand behind a word of its algorithm (`sha256=…`) and in capitals.
    """
    match style:
        case "none":
            return True
        case "token":
            expected, given = secret, said.removeprefix("Bearer ")
        case "hmac_hex":
            expected, given = hmac.new(secret.encode(), body, "sha256").hexdigest(), said.rpartition("=")[2].lower()
        case "hmac_base64":
            expected, given = base64.b64encode(hmac.new(secret.encode(), body, "sha256").digest()).decode(), said
    return bool(secret) and hmac.compare_digest(expected.encode(), given.strip().encode(errors="replace"))
