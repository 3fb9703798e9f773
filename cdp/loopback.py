"""This machine's own ports: is one free, and does our web server answer on it."""

import socket
from http.client import HTTPConnection, HTTPException
from time import sleep

HOST = "127.0.0.1"


def is_free(port: int, *, patience_s: float = 0) -> bool:
    """Whether a server could listen on this port now, or within `patience_s` seconds."""
    for _ in range(int(patience_s / 0.1)):
        if _can_bind(port):
            return True
        sleep(0.1)
    return _can_bind(port)


def _can_bind(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: a closed connection is no owner
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def answers(port: int, page: str) -> bool:
    """Whether a web server on this port shows this page."""
    connection = HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", page)
        status = connection.getresponse().status
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return status == 200
