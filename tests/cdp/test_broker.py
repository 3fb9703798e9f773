"""The embedded broker: what is rung is heard once, whole and in order, by however many processes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection, Exchange, Queue

from cdp import broker

PRODUCERS, CONSUMERS, EACH = 3, 2, 500

PRODUCE = """
import sys
from pathlib import Path
from tests.cdp.test_broker import connect
with connect(Path(sys.argv[1])) as connection:
    queue = connection.SimpleQueue("bells")
    for number in range(int(sys.argv[3])):
        queue.put(f"{sys.argv[2]}-{number}")
"""
CONSUME = """
import json, sys
from pathlib import Path
from tests.cdp.test_broker import connect, heard_until_quiet
with connect(Path(sys.argv[1])) as connection:
    print(json.dumps(heard_until_quiet(connection, Path(sys.argv[1]) / "done")))
"""


def connect(folder: Path) -> Connection:
    options = {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.005,
    }
    return Connection("safefs://", transport_options=options)


def heard_until_quiet(connection: Connection, done: Path) -> list[str]:
    """Everything this reader gets until the writers are done and nothing is left."""
    queue, heard = connection.SimpleQueue("bells"), []
    while True:
        last_round = done.exists()
        try:
            while True:
                message = queue.get(timeout=0.05)
                heard.append(message.payload)
                message.ack()
        except Empty:
            if last_round:
                return heard


def python(code: str, *args: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, args)]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


@pytest.fixture
def channel(tmp_path) -> Iterator[Any]:
    with connect(tmp_path) as connection:
        yield connection.channel()


def test_bells_are_heard_in_the_order_they_were_rung(channel):
    for number in range(20):
        channel._put("bells", number)
    assert [channel._get("bells") for _ in range(20)] == list(range(20))
    with pytest.raises(Empty):
        channel._get("bells")


def test_it_makes_its_folders(tmp_path):
    with connect(tmp_path / "not" / "there") as connection:
        channel: Any = connection.channel()
        channel._put("bells", "ring")
    assert len(list((tmp_path / "not" / "there" / "queue").iterdir())) == 1


@pytest.mark.parametrize("torn", ["", '{"body": "tr', "\x00"])
def test_a_torn_file_is_skipped(channel, tmp_path, torn):
    (tmp_path / "queue" / "0_torn.bells.msg").write_text(torn)
    channel._put("bells", "whole")
    assert channel._get("bells") == "whole"
    with pytest.raises(Empty):
        channel._get("bells")


def test_size_and_purge_see_only_their_own_queue(channel):
    channel._put("other", "untouched")
    channel._put("bells", 1)
    channel._put("bells", 2)
    assert channel._size("bells") == 2
    assert channel._purge("bells") == 2
    assert channel._size("bells") == 0
    assert channel._get("other") == "untouched"


def test_the_exchange_table_lists_each_queue_once_until_it_is_deleted(channel, tmp_path):
    table = tmp_path / "control" / "tower.exchange"
    bells = Queue("bells", Exchange("tower"), routing_key="bells")
    for _ in range(2):
        bells(channel).declare()
    assert json.loads(table.read_text()) == [["bells", "", "bells"]]
    bells(channel).delete()
    assert json.loads(table.read_text()) == []


def test_a_bell_that_another_reader_took_is_nobodys_error(tmp_path):
    assert broker._take(tmp_path / "gone.bells.msg") is None


def test_nothing_is_lost_or_heard_twice_between_processes(tmp_path):
    """The race that kills a worker on kombu's own filesystem transport."""
    consumers = [python(CONSUME, tmp_path) for _ in range(CONSUMERS)]
    producers = [python(PRODUCE, tmp_path, name, EACH) for name in range(PRODUCERS)]
    for producer in producers:
        out, _ = producer.communicate(timeout=20)
        assert producer.returncode == 0, out
    (tmp_path / "done").touch()
    heard = []
    for consumer in consumers:
        out, _ = consumer.communicate(timeout=20)
        assert consumer.returncode == 0, out
        heard += json.loads(out)
    assert sorted(heard) == sorted(f"{name}-{number}" for name in range(PRODUCERS) for number in range(EACH))
    assert [path.name for path in (tmp_path / "queue").iterdir()] == []
