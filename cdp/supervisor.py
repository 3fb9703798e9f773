"""Several programs run as one: started together, kept alive, stopped in order, and never left behind.

One thread and one loop: programs are forked from a process without other threads, which is what makes the code
between fork and exec safe, and what ties PR_SET_PDEATHSIG to the life of the whole supervisor.
"""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import IO, cast

STOP_CAP_S = 15.0
HEAD_START_S = 1.0
STEADY_AFTER_S = 30.0
SLOWEST_RESTART_S = 30.0
BEAT_S = 0.1

Say = Callable[[str], None]
_PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def die_with_parent() -> None:
    """Ask the kernel to send this process SIGTERM when its parent dies, however it dies. Linux only."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def back_off(failures: int) -> float:
    """Seconds to wait before the next start: at once after a first death, then 2, 4, 8 … 30."""
    return 0.2 if failures <= 1 else min(2.0 ** (failures - 1), SLOWEST_RESTART_S)


def stop_signals() -> list[signal.Signals]:
    """What ends the run. A SIGHUP that was ignored when we started (nohup) stays ignored."""
    asked_to_stay = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM] if asked_to_stay else [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@dataclass(frozen=True)
class Program:
    """What to run and the name its lines carry."""

    name: str
    command: Sequence[str]


class Output:
    """What one process writes, cut into lines."""

    def __init__(self, name: str, pipe: IO[bytes]) -> None:
        self.name = name
        self.pipe = pipe
        self.rest = b""

    def read(self) -> list[str] | None:
        """The lines that have come, each behind the name of who wrote it; None at the end. Call it when there is something."""
        chunk = os.read(self.pipe.fileno(), 65536)
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        return (
            [f"{self.name:<8}| {line.decode(errors='replace').rstrip()}" for line in lines if line.strip()]
            if chunk
            else None
        )


class Child:
    """One program and the process that runs it now."""

    def __init__(self, program: Program, env: dict[str, str]) -> None:
        self.name = program.name
        self.command = list(program.command)
        self.env = env
        self.failures = 0
        self.restart_at: float | None = None

    def start(self) -> Output:
        """Fork the program into a process group of its own: Ctrl-C reaches us alone, and we decide the order."""
        supervisor = os.getpid()

        def before_exec() -> None:
            die_with_parent()
            if os.getppid() != supervisor:  # it died before the line above could take effect
                os._exit(1)

        self.started_at = time.monotonic()
        self.restart_at = None
        self.process = subprocess.Popen(  # noqa: S603
            self.command,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=before_exec,
        )
        return Output(self.name, cast("IO[bytes]", self.process.stdout))

    @property
    def running(self) -> bool:
        """Whether its process is alive."""
        return self.process.poll() is None

    def signal_group(self, number: int) -> None:
        """Signal the process and whatever it forked; a group that is gone needs nothing."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return

    def plan_restart(self) -> float:
        """Clear away what the dead process left and set when the next one starts. The seconds until then."""
        self.signal_group(signal.SIGKILL)
        steady = time.monotonic() - self.started_at > STEADY_AFTER_S
        self.failures = 1 if steady else self.failures + 1
        wait = back_off(self.failures)
        self.restart_at = time.monotonic() + wait
        return wait


class Supervisor:
    """Runs programs until it is told to stop. `stop_order` names those to be asked first; the rest follow."""

    def __init__(
        self, programs: Sequence[Program], *, env: dict[str, str], say: Say, stop_order: Sequence[str]
    ) -> None:
        self.programs = programs
        self.env = env
        self.say = say
        self.stop_order = stop_order
        self.stopping = False
        self.children: list[Child] = []
        self.outputs = selectors.DefaultSelector()

    def run(self, on_beat: Callable[[], None] = lambda: None) -> None:
        """Start everything, keep it alive, and stop it on SIGINT, SIGTERM or SIGHUP. `on_beat` is called as we go."""
        before = {number: signal.signal(number, self.stop) for number in stop_signals()}
        try:
            for program in self.programs:
                child = Child(program, self.env)
                self.start(child)
                self.children.append(child)
            while not self.stopping:
                self.pass_on_output()
                self.keep_alive()
                on_beat()
        finally:
            self.stop_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """Leave the loop at its next turn."""
        self.stopping = True

    def start(self, child: Child) -> None:
        """Start a child and listen to it."""
        output = child.start()
        self.outputs.register(output.pipe, selectors.EVENT_READ, output)

    def pass_on_output(self, wait: float = BEAT_S) -> None:
        """Say what the children have written, and rest for at most `wait` seconds if they have not."""
        for key, _ in self.outputs.select(wait):
            lines = key.data.read()
            if lines is None:
                self.outputs.unregister(key.fileobj)
                key.data.pipe.close()
            for line in lines or []:
                self.say(line)

    def keep_alive(self) -> None:
        """Notice who died and start again those whose wait is over."""
        for child in self.children:
            if child.restart_at is None and not child.running:
                code = child.process.returncode
                wait = child.plan_restart()
                self.say(f"{child.name:<8}| exited with {code}; starts again in {wait:g} s")
            elif child.restart_at is not None and time.monotonic() >= child.restart_at:
                self.start(child)

    def stop_all(self) -> None:
        """Ask everyone to finish, in order, each with a short head start; after the cap, kill."""
        self.say("Đang dừng …")
        deadline = time.monotonic() + STOP_CAP_S
        for child in sorted(self.children, key=self.turn):
            if child.running:
                child.process.terminate()
                self.wait_for([child], until=min(deadline, time.monotonic() + HEAD_START_S))
        self.wait_for(self.children, until=deadline)
        for child in self.children:
            child.signal_group(signal.SIGKILL)
            child.process.wait()
        for key in list(self.outputs.get_map().values()):
            key.data.pipe.close()
        self.outputs.close()

    def turn(self, child: Child) -> int:
        """This child's place in the order of stopping."""
        return self.stop_order.index(child.name) if child.name in self.stop_order else len(self.stop_order)

    def wait_for(self, children: Sequence[Child], *, until: float) -> None:
        """Pass on output until these children are gone, or it is too late."""
        while any(child.running for child in children) and time.monotonic() < until:
            self.pass_on_output()
        self.pass_on_output(wait=0)
