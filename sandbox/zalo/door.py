"""What every call passes before it is heard: the token, the proof, the rate; and the misfortune that befalls it."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox import vietnam
from sandbox.models import Account, Fault
from sandbox.zalo import accounts, counters, faults, personality
from sandbox.zalo.answers import failed
from sandbox.zalo.personality import Stumble
from sandbox.zalo.replies import Call, Reply


@dataclass(frozen=True)
class Passage:
    """How a call fared at the door: refused at once, or let in with a misfortune ahead and a time to wait."""

    refusal: Reply | None = None
    fault: Fault | Stumble | None = None
    wait_s: float = 0
    headers: Mapping[str, str] = field(default_factory=dict)


def enter(account: Account, call: Call, *, phone: str | None, now: datetime) -> Passage:
    """Let the call of an authenticated account in, or say how it is refused. `phone` as in `faults.waiting`.

    A misfortune that refuses is spent here; one that waits for an accepted message is spent by whoever accepts it.
    """
    headers, refusal = _allowance(account, now)
    if account.wants_proof and not hmac.compare_digest(_proof(account, call).encode(), call.proof.encode()):
        refusal = failed(call.host.proof_code)
    if refusal:
        return Passage(Reply(refusal, headers=headers))
    drawn = _lot(account, call, now)
    wait_s = personality.answers_after_s(account.personality, drawn)
    fault: Fault | Stumble | None = faults.waiting(account.oa_id, phone, path=call.path)
    fault = fault or personality.stumble(account.personality, drawn)
    if fault and fault.kind in faults.REFUSING and spend(fault):
        return Passage(_refused(fault, account, call, now))
    return Passage(None, fault, wait_s, headers)


def spend(fault: Fault | Stumble) -> bool:
    """Take one use of a scripted fault; a personality's stumble costs nothing."""
    return isinstance(fault, Stumble) or faults.consume(fault)


def _refused(fault: Fault | Stumble, account: Account, call: Call, now: datetime) -> Reply:
    if fault.kind == "token_death":
        accounts.kill_access_token(account, now)
        return Reply(call.host.no_token())
    return Reply(failed(fault.code), fault)


def _lot(account: Account, call: Call, now: datetime) -> float:
    if account.personality in ("steady", "fast", "strict"):  # nothing depends on it: a send is spared the hash
        return 0
    return personality.lot(account.oa_id, call.path, call.raw, now)


def _allowance(account: Account, now: datetime) -> tuple[dict[str, str], dict[str, Any] | None]:
    """X-RateLimit headers and perhaps -32 of an account with a limit; a call refused so is counted too."""
    limit = account.calls_per_minute
    if limit is None:
        return {}, None
    used = counters.take(f"{account.oa_id}:calls:{vietnam.local(now):%Y-%m-%dT%H:%M}", None) or 0
    headers = {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remain": str(max(0, limit - used))}
    return headers, failed(-32) if used > limit else None


def _proof(account: Account, call: Call) -> str:
    """Lower-case hex HMAC-SHA256 of the access token, keyed by the app secret (Zalo's AppSecretProofUtil)."""
    return hmac.new(account.app_secret.encode(), call.access_token.encode(), hashlib.sha256).hexdigest()
