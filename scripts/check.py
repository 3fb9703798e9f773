#!/usr/bin/env python3
"""`make check`: every step is run and named even when an earlier one failed; the exit code is 1 if any did."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent


def steps() -> list[tuple[str, list[str]]]:
    """What is checked, in order of how quickly it answers."""
    folders = [ROOT / "templates", *ROOT.glob("*/templates")]
    templates = sorted(str(path.relative_to(ROOT)) for folder in folders for path in folder.rglob("*.html"))
    return [
        ("lint", [str(BIN / "ruff"), "check", "--no-cache", "-q", "."]),
        ("format", [str(BIN / "ruff"), "format", "-q", "--check", "."]),
        ("templates", [str(BIN / "djade"), "--check", "--target-version", "5.2", *templates] if templates else []),
        ("architecture", [PYTHON, "-m", "pytest", "tests/test_architecture.py"]),
        ("migrations", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"]),
        ("types", [PYTHON, "-m", "mypy", "--no-error-summary", "."]),
    ]


def passes(name: str, command: list[str]) -> bool:
    """Run one step and say how it went; its own words are shown only when it failed."""
    started = time.monotonic()
    result = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    verdict = "ok" if result.returncode == 0 else "FAILED"
    print(f"{name:<14}{verdict:<8}{time.monotonic() - started:.1f} s", flush=True)
    if result.returncode != 0:
        print(result.stdout, flush=True)
    return result.returncode == 0


if __name__ == "__main__":
    outcomes = [passes(name, command) for name, command in steps() if command]
    sys.exit(0 if all(outcomes) else 1)
