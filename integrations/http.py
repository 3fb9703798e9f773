"""The only place that opens a socket to the outside. What the network does comes back as a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NameResolutionError, NewConnectionError, SSLError

A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True)
class Reply:
    """The other side answered. `body` is the parsed JSON object, or None when it was not one."""

    status: int
    body: dict[str, Any] | None


@dataclass(frozen=True)
class Unreached:
    """No connection was made: surely nothing was asked."""

    why: str


@dataclass(frozen=True)
class Unanswered:
    """The question went out and no whole answer came back: it may have been heard."""

    why: str


Outcome = Reply | Unreached | Unanswered


def body_of(outcome: Outcome) -> dict[str, Any]:
    """The JSON of an answer; {} where there is none."""
    return outcome.body or {} if isinstance(outcome, Reply) else {}


@cache
def session() -> requests.Session:
    """The one session of this process: kept connections, and no proxy or CA bundle from the environment."""
    made = requests.Session()
    made.trust_env = False
    adapter = HTTPAdapter(pool_maxsize=max(10, settings.SEND_CONCURRENCY), max_retries=0)
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made


def call(method: str, url: str, *, headers: Mapping[str, str], **content: Any) -> Outcome:
    """One request, asked once. `content` is `json=`, `data=` or `params=`."""
    outcome = exchange(method, url, headers=headers, **content)
    return Reply(outcome.status_code, _object(outcome)) if isinstance(outcome, requests.Response) else outcome


def exchange(
    method: str, url: str, *, headers: Mapping[str, str], **content: Any
) -> requests.Response | Unreached | Unanswered:
    """`call` for a client library that reads the answer itself."""
    timeout = (settings.HTTP_CONNECT_TIMEOUT_S, settings.HTTP_READ_TIMEOUT_S)
    try:
        return session().request(method, url, headers=dict(headers), timeout=timeout, allow_redirects=False, **content)
    except (*_NEVER_ASKED, UnicodeError) as error:
        return Unreached(type(error).__name__)
    except requests.exceptions.ConnectionError as error:
        return Unreached(type(error).__name__) if _never_connected(error) else Unanswered(type(error).__name__)
    except requests.exceptions.RequestException as error:
        return Unanswered(type(error).__name__)


# The request could not even be written.
_NEVER_ASKED = (
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
)


def _never_connected(error: requests.exceptions.ConnectionError) -> bool:
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    # A certificate is refused before the request is written; other TLS errors may come in the middle of it.
    if isinstance(reason, SSLError):
        return "CERTIFICATE_VERIFY_FAILED" in str(reason)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError | NameResolutionError)


def _object(response: requests.Response) -> dict[str, Any] | None:
    try:
        body = response.json()
    except requests.exceptions.JSONDecodeError:
        return None
    return body if isinstance(body, dict) else None


def fan_out(function: Callable[[A], B], items: Iterable[A]) -> list[B]:
    """`function` of every item, SEND_CONCURRENCY at a time, in order. The function may not touch the database.

    The threads are the call's own. Were they shared, one who asks many slow questions would hold up another's sends
    past the end of their lease, which is reckoned from the calls of one chunk (check E006).
    """
    work = list(items)
    threads = min(settings.SEND_CONCURRENCY, len(work))
    if threads < 2:
        return [function(item) for item in work]
    with ThreadPoolExecutor(threads, thread_name_prefix="calls") as pool:
        return list(pool.map(function, work))
