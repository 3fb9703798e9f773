"""PURE. An answer of Zalo, and what happens to it between Zalo and the client."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.zalo.answers import failed

_DIGITS = re.compile(r"-?\d{1,15}", re.ASCII)


class Misfortune(Protocol):
    """A scripted or a personality's bad day: its kind (`sandbox.zalo.faults.KINDS`), and how many seconds it lasts."""

    @property
    def kind(self) -> str: ...

    @property
    def seconds(self) -> float: ...


@dataclass(frozen=True)
class Reply:
    """What goes back over the wire. `fault` is the misfortune that spoils it on the way, `wait_s` how long it takes."""

    body: dict[str, Any]
    fault: Misfortune | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_s: float = 0


@dataclass(frozen=True)
class Host:
    """One of Zalo's two hosts, which refuse the same things with codes of their own (zalo-api §4)."""

    prefix: str  # where this machine plays it
    token_code: int
    token_message: str
    proof_code: int
    body_empty: int
    body_not_json: int

    def no_token(self) -> dict[str, Any]:
        """The refusal of a call whose access token is dead, foreign or missing."""
        return failed(self.token_code, self.token_message)


BUSINESS = Host("/zalo/business", -124, "", -1241, -121, -122)
OPENAPI = Host("/zalo/openapi", -216, "Access token is invalid", -242, -201, -201)


@dataclass(frozen=True)
class Call:
    """What every call carries, whatever it asks."""

    host: Host
    path: str  # without host and query, e.g. "/message/template"
    access_token: str
    proof: str  # header appsecret_proof
    raw: bytes  # the body, or the query of a GET: what a personality draws its lot from


def other_types(value: Any) -> Any:
    """Numbers as strings and strings of digits as numbers: both are seen from Zalo (zalo-api §2.1, §3)."""
    match value:
        case bool() | None:
            return value
        case int() | float():
            return str(value)
        case str() if _DIGITS.fullmatch(value) and str(int(value)) == value:
            return int(value)
        case dict():
            return {name: other_types(inner) for name, inner in value.items()}
        case list():
            return [other_types(inner) for inner in value]
        case _:
            return value
