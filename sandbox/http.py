"""The only place of the sandbox that opens sockets."""

import socket

import requests
from requests.adapters import HTTPAdapter

POSTERS = 16  # threads that post webhooks at once; the pool keeps one connection for each
ANSWER_WITHIN_S = 2.0  # Zalo counts a webhook that answers later as failed (zalo-api §5)

session = requests.Session()
session.trust_env = False  # no proxy, no .netrc: the sandbox only talks to this machine
session.mount("http://", HTTPAdapter(pool_connections=4, pool_maxsize=POSTERS))


def post(url: str, *, body: bytes, headers: dict[str, str]) -> bool:
    """Post `body` and say whether the other side took it: 200 within two seconds. Never raises for a bad network."""
    try:
        answer = session.post(url, data=body, headers=headers, timeout=ANSWER_WITHIN_S, allow_redirects=False)
    except requests.RequestException:
        return False
    return answer.status_code == 200


def cut(line: socket.socket | None) -> None:
    """Cut the connection of a request that is being answered; `line` is what the server hands the request with.

    The client meets a connection that ends without an answer. Without a line (in a test) there is nothing to cut and ConnectionResetError says what the client would meet.
    """
    if line is None:
        raise ConnectionResetError("connection reset by the sandbox")
    line.shutdown(socket.SHUT_RDWR)
