"""`safefs://`: Celery's bells as files in a folder, so that an embedded install needs no broker to be installed.

Kombu's own `filesystem://` publishes a file before it has written it, and a worker that reads the empty file dies
(celery/kombu #1551). Here a bell appears whole, by rename, and is taken by rename: exactly one reader gets it.
"""

import fcntl
import logging
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

from integrations import clock

log = logging.getLogger(__name__)
Binding = filesystem.exchange_queue_t


class Channel(filesystem.Channel):
    """The filesystem channel with every write made whole by a rename."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for folder in (self.data_folder_in, self.data_folder_out, self.control_folder):
            Path(folder).mkdir(parents=True, exist_ok=True)

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # as in the stubs
        # Wall-clock names keep the order over a reboot; kombu's monotonic ones start again from nothing.
        name = f"{clock.wall():%Y%m%d%H%M%S%f}_{uuid.uuid4().hex}.{queue}.msg"
        _write_whole(Path(self.data_folder_out) / name, dumps(payload))

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for name in sorted(self._bells(queue)):
            payload = _take(Path(self.data_folder_in) / name)
            if payload is not None:
                return payload
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._bells(queue))

    def _bells(self, queue: str) -> list[str]:
        return [name for name in os.listdir(self.data_folder_in) if name.partition(".")[2] == f"{queue}.msg"]

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str | None, queue: str) -> None:
        binding = Binding(routing_key or "", pattern or "", queue or "")
        self._change_table(exchange, lambda table: table if binding in table else [binding, *table])

    def _delete(self, queue: str, exchange: str, routing_key: str, pattern: str, *_: Any, **__: Any) -> None:
        self._purge(queue)
        gone = Binding(routing_key or "", pattern or "", queue or "")
        self._change_table(exchange, lambda table: [binding for binding in table if binding != gone])

    def _change_table(self, exchange: str, change: Callable[[list[Any]], list[Any]]) -> None:
        """Replace an exchange's table of queues; readers see the old one or the new one, never a half."""
        with _alone(self.control_folder / ".lock"):
            before = self.get_table(exchange)
            after = change(before)
            if after != before:
                file = self._exchange_file(exchange)  # type: ignore[attr-defined]  # checks the name; not in the stubs
                _write_whole(file, dumps(after))


class Transport(filesystem.Transport):
    """What kombu loads for `safefs://`."""

    Channel = Channel


def _write_whole(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    draft.write_text(text)
    draft.replace(path)


def _take(path: Path) -> Any | None:
    """The bell in this file, which is then gone; None when another reader was faster or the file is no bell."""
    mine = path.with_name(f".{path.name}.taken")
    try:
        path.rename(mine)
        bell = mine.read_bytes()
        mine.unlink()
        return loads(bell)
    except FileNotFoundError:
        return None
    except ValueError:
        log.warning("Skipped a file that is not a bell: %s", path.name)
        return None


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock in this file; it falls by itself when the holder dies."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
