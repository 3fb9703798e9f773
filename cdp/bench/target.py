"""A stand-in for Zalo's send endpoint: answers every POST as accepted, after a set latency, and counts what it got.

A process of its own and far leaner than the sandbox, so that what is measured is the sender. `GET /` tells and
forgets the count and the time from the first POST to the last.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from cdp.supervisor import die_with_parent
from integrations import clock

DAILY_QUOTA = 1_000_000_000


class Tally:
    """What came in since somebody last asked."""

    def __init__(self) -> None:
        self.total = 0
        self.forget()

    def forget(self) -> None:
        """Start counting again; `total` goes on, since message ids and the quota follow it."""
        self.count, self.first, self.last = 0, 0.0, 0.0

    def add(self) -> None:
        """One POST, now."""
        self.last = time.perf_counter()
        self.first = self.first or self.last
        self.count += 1
        self.total += 1

    def told(self) -> bytes:
        """The tally as JSON."""
        return json.dumps({"count": self.count, "seconds": self.last - self.first}).encode()


class Conversation(asyncio.Protocol):
    """One kept connection: request after request, none pipelined."""

    def __init__(self, tally: Tally, latency_s: float) -> None:
        self.tally = tally
        self.latency_s = latency_s
        self.pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  a TCP connection is one
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.pending += data
        head, gap, body = self.pending.partition(b"\r\n\r\n")
        if not gap or len(body) < _content_length(head):
            return
        self.pending = b""
        if head.startswith(b"GET"):
            self.answer(self.tally.told())
            self.tally.forget()
            return
        self.tally.add()
        accepted = _accepted(self.tally.total)
        if self.latency_s:
            asyncio.get_running_loop().call_later(self.latency_s, self.answer, accepted)
        else:
            self.answer(accepted)

    def answer(self, body: bytes) -> None:
        """Write one whole response."""
        if not self.transport.is_closing():
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            self.transport.write(head + body)


def _content_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


def _accepted(number: int) -> bytes:
    quota = {"remainingQuota": str(DAILY_QUOTA - number), "dailyQuota": str(DAILY_QUOTA)}
    sent_time = str(int(clock.wall().timestamp() * 1000))
    data = {"msg_id": f"bench{number}", "sent_time": sent_time, "sending_mode": "1", "quota": quota}
    return json.dumps({"error": 0, "message": "Success", "data": data}).encode()


async def serve(latency_s: float) -> None:
    """Listen on a free port of this machine, say which on standard output, and answer until killed."""
    tally = Tally()
    server = await asyncio.get_running_loop().create_server(lambda: Conversation(tally, latency_s), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    die_with_parent()
    asyncio.run(serve(float(sys.argv[1]) / 1000))
