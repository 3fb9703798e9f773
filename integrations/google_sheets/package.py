"""The Apps Script that clinics install, as one text: what is several files for clasp is one paste for people."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "apps_script"
# Reading order; the files share one global scope, so that any other order would run the same.
FILES = ("Code.gs", "Wire.gs", "Sending.gs", "Table.gs", "Setup.gs", "Pulse.gs", "Checkup.gs", "Budget.gs")
_VERSION = re.compile(r"^const VERSION = '([\d.]+)';$", re.MULTILINE)
_FILLED = "const FILLED = { url: '', secret: '' };"


@cache
def script() -> str:
    """The whole script, with no address and no secret in it."""
    return "\n".join((FOLDER / name).read_text() for name in FILES)


@cache
def version() -> str:
    """What the shipped script calls itself. Raises ValueError if it does not: the package is broken."""
    found = _VERSION.search(script())
    if found is None:
        raise ValueError("Code.gs: const VERSION is missing")
    return found[1]


def filled(*, url: str, secret: str = "") -> str:
    """The script with a source's address in it, and its secret where the reader may have it."""
    whole = script()
    if whole.count(_FILLED) != 1:
        raise ValueError("Code.gs: const FILLED is missing")
    return whole.replace(_FILLED, f"const FILLED = {{ url: {json.dumps(url)}, secret: {json.dumps(secret)} }};")
