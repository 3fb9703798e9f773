#!/usr/bin/env python3
"""Make .venv hold exactly what requirements-dev.lock says. Runs on any Python 3; needs nothing but the standard library.

Does nothing when .venv was made from this very lock. Uses uv, which is in the lock too, and falls back to pip.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements-dev.lock"
VENV = ROOT / ".venv"
STAMP = VENV / "lock.sha256"
OLDEST = (3, 11)
NAMES = ["python3.11", "python3.12", "python3.13", "python3.14", "python3"]


def main() -> int:
    """Bring .venv up to date; the exit code says whether it is."""
    if sys.version_info < OLDEST:
        return run_again_with_a_newer_python()
    # Two makes at once on a fresh clone: the second waits for its turn and finds the work done.
    with VENV.with_name(f"{VENV.name}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        return bring_up_to_date()


def bring_up_to_date() -> int:
    """Make .venv and install into it, unless that has been done for this very lock."""
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    python = VENV / "bin" / "python"
    if STAMP.exists() and STAMP.read_text() == wanted and works(python):
        return 0
    if not works(python):
        say(f"Making .venv with Python {sys.version.split()[0]}")
        if not make_venv(python):
            return 1
    if not (install_with_uv(python) or install_with_pip(python)):
        say("Could not install what requirements-dev.lock names; the lines above say why.")
        return 1
    STAMP.write_text(wanted)
    say(".venv is ready.")
    return 0


def say(line: str) -> None:
    """One line of progress, at once and beside the output of the tools."""
    print(line, flush=True)


def run_again_with_a_newer_python() -> int:
    """Hand over to the first Python on PATH that is new enough."""
    for name in NAMES:
        found = shutil.which(name)
        if found and is_new_enough(found):
            return subprocess.call([found, __file__])
    say(f"This project needs Python 3.11 or newer; found here: {sys.version.split()[0]}.")
    say(
        "Install it (Debian 12: apt install python3 python3-venv) or say where it is: make PYTHON=/path/to/python3.11 …"
    )
    return 1


def is_new_enough(python: str) -> bool:
    """Whether this interpreter starts (a pyenv shim may not) and is at least the oldest we support."""
    return quiet([python, "-c", f"import sys; sys.exit(sys.version_info < {OLDEST})"])


def works(python: Path) -> bool:
    """Whether the virtualenv's interpreter is there and still starts: its base may have been upgraded away."""
    return python.exists() and is_new_enough(str(python))


def make_venv(python: Path) -> bool:
    """Make an empty virtualenv with pip in it."""
    try:
        venv.create(VENV, with_pip=True, clear=True, symlinks=True)
    except subprocess.CalledProcessError:
        say("This Python cannot make a virtualenv: its module ensurepip is missing. Debian: apt install python3-venv")
        return False
    return works(python)


def install_with_uv(python: Path) -> bool:
    """Install with uv, itself checked against its hashes in the lock."""
    say("Installing the locked packages")
    with tempfile.TemporaryDirectory() as folder:
        only_uv = Path(folder) / "uv.lock.txt"
        only_uv.write_text(stanza_of("uv"))
        if not quiet([str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(only_uv)]):
            return False
    sync = [str(python.parent / "uv"), "pip", "sync", "-q", "--require-hashes", "--system-certs"]  # as pip and curl do
    return subprocess.call([*sync, "-p", str(python), str(LOCK)]) == 0


def install_with_pip(python: Path) -> bool:
    """The slower way, for a machine where uv does not run."""
    say("uv cannot do it here; installing with pip (about half a minute)")
    command = [str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(LOCK)]
    return subprocess.call(command, env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}) == 0


def stanza_of(package: str) -> str:
    """The lines of the lock that pin one package: its version and its hashes."""
    lines = LOCK.read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(package + "=="))
    last = first
    while lines[last].endswith("\\"):
        last += 1
    return "\n".join(lines[first : last + 1]) + "\n"


def quiet(command: "list[str]") -> bool:
    """Run a command whose words do not matter, only whether it worked."""
    return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


if __name__ == "__main__":
    sys.exit(main())
