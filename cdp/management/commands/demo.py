"""The whole system on this machine: a sample clinic, the web, the worker, beat and a pretended Zalo."""

import fcntl
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from django.shortcuts import resolve_url

from cdp import loopback
from cdp.supervisor import Program, Supervisor, die_with_parent
from integrations import clock

USAGE, UNPREPARED = 2, 1


def programs(port: int) -> list[Program]:
    """The four programs of the demo, in the order they start."""
    python = [sys.executable, "-W", "ignore"]
    # Zalo names its headers with underscores, which gunicorn drops unless they come from a trusted peer: this machine.
    zalo_headers = ["--forwarder-headers", "SCRIPT_NAME,PATH_INFO,ACCESS_TOKEN,SECRET_KEY,APPSECRET_PROOF"]
    web = ["--bind", f"{loopback.HOST}:{port}", "--worker-class", "gthread", "--workers", "1", "--threads", "8"]
    worker = ["--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [
        Program(
            "web",
            [
                *python,
                "-m",
                "gunicorn",
                "--log-level",
                "warning",
                "--no-control-socket",
                *zalo_headers,
                *web,
                "cdp.wsgi",
            ],
        ),
        Program("worker", [*python, "-m", "celery", "-q", "-A", "cdp", "worker", "-l", "WARNING", *worker]),
        Program("beat", [*python, "-m", "celery", "-q", "-A", "cdp", "beat", "-l", "WARNING", "--pidfile="]),
        Program("sandbox", [*python, "manage.py", "sandbox"]),
    ]


def environment(port: int) -> dict[str, str]:
    """What every process of the demo must find in its environment before it loads the settings."""
    ours = {"CDP_SANDBOX": "1", "PUBLIC_URL": f"http://localhost:{port}", "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **ours, "CDP_HOME": str(settings.CDP_HOME)}


class Command(BaseCommand):
    """Ctrl-C stops all of it; the data stays in CDP_HOME for the next run."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, help="where the web listens: default $PORT, else 8000")
        parser.add_argument("--ready", action="store_true", help="seed the clinic with its campaigns already active")
        parser.add_argument("--info", action="store_true", help="print address, logins and keys as JSON, and exit")
        parser.add_argument("--no-seed", action="store_true", help="start on whatever the database holds")

    def handle(self, *_: Any, **options: Any) -> None:
        port = options["port"] or self.chosen_port(info=options["info"])
        self.insist_on_environment(port)
        if options["info"]:
            self.info()
            return
        # A note left by a run that was killed: its web may need a moment to notice and let go of the port.
        if not loopback.is_free(port, patience_s=10 if self.note().exists() else 0):
            self.refuse(
                f"Cổng {port} đang được dùng (port {port} is taken). Chọn cổng khác: PORT={port + 123} make demo"
            )
        with self.only_one_here():
            self.prepare(seed=not options["no_seed"], ready=options["ready"] or os.environ.get("CDP_DEMO_READY") == "1")
            self.note().write_text(json.dumps({"port": port}))
            self.run(port)
            self.note().unlink()

    def chosen_port(self, *, info: bool) -> int:
        """The port of the environment; for --info without one, that of the demo that runs here."""
        if info and "PORT" not in os.environ and self.note().exists():
            return int(json.loads(self.note().read_text())["port"])
        return int(os.environ.get("PORT") or 8000)

    def insist_on_environment(self, port: int) -> None:
        """Start again with the demo's environment when the settings were loaded without it."""
        wanted = environment(port)
        if settings.CDP_SANDBOX and wanted["PUBLIC_URL"] == settings.PUBLIC_URL:
            return
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], wanted)  # noqa: S606

    def only_one_here(self) -> IO[str]:
        """A lock on CDP_HOME, which falls by itself when this process dies. Two demos would ring each bell twice."""
        lock = (settings.CDP_HOME / "demo.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.refuse(
                f"Đã có một bản demo chạy trên {settings.CDP_HOME}. Chọn chỗ khác: CDP_HOME=/tmp/demo2 make demo"
            )
        return lock

    def prepare(self, *, seed: bool, ready: bool) -> None:
        """Bring both databases up to date and put the sample clinic into them once."""
        self.say("Chuẩn bị cơ sở dữ liệu …")
        for database in settings.DATABASES:
            call_command("migrate", database=database, verbosity=0, interactive=False)
        if seed:
            from cdp import demo as clinic

            self.say("Giữ dữ liệu của lần trước." if clinic.exists() else "Chuẩn bị phòng khám mẫu …")
            clinic.seed(public_url=settings.PUBLIC_URL, ready=ready, now=clock.now())
            self.show(clinic.info())

    def show(self, info: dict[str, Any]) -> None:
        """The address, and who can log in there."""
        self.say(f"\n  {info['url']}\n")
        for login in info["logins"]:
            self.say(f"  {login['email']:<28}{login['password']:<20}{login['role']}")
        self.say("")

    def info(self) -> None:
        """What a script needs to drive the demo, as JSON and nothing else."""
        from cdp import demo as clinic

        try:
            facts = clinic.info()
        except (DatabaseError, LookupError) as error:
            self.refuse(f"Chưa có phòng khám mẫu ở {settings.CDP_HOME}: chạy make demo trước ({error})", UNPREPARED)
        self.stdout.write(json.dumps(facts, ensure_ascii=False, indent=2))

    def run(self, port: int) -> None:
        """Everything as one group, until Ctrl-C."""
        if "MAKELEVEL" in os.environ:  # `make demo`: a killed make must not leave us behind
            die_with_parent()
        os.chdir(settings.BASE_DIR)
        group = Supervisor(
            programs(port), env=environment(port), say=self.say, stop_order=["sandbox", "beat", "web", "worker"]
        )
        group.run(on_beat=self.greeting(port))
        self.say("Đã dừng.")

    def greeting(self, port: int) -> Callable[[], None]:
        """A function that says once, when it is true, that the pages can be opened."""
        said, page = False, resolve_url(settings.LOGIN_URL)

        def greet() -> None:
            nonlocal said
            if not said and loopback.answers(port, page):
                said = True
                self.say(f"Sẵn sàng: {settings.PUBLIC_URL} – Ctrl-C để dừng, dữ liệu được giữ ở {settings.CDP_HOME}")

        return greet

    def say(self, line: str) -> None:
        """One line at once; a reader who has gone away does not stop the demo."""
        with suppress(BrokenPipeError):
            self.stdout.write(line)
            self.stdout.flush()

    def refuse(self, sentence: str, code: int = USAGE) -> NoReturn:
        """Say why not, and leave."""
        self.stderr.write(sentence)
        sys.exit(code)

    @staticmethod
    def note() -> Path:
        """Where the demo that runs here keeps its port for --info."""
        return Path(settings.CDP_HOME) / "demo.json"
