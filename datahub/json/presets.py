"""What is known of the programs that Vietnamese clinics use, as data: one file each in `presets/`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from datahub.json.mapping import JsonMapping, Signature

_FOLDER = Path(__file__).parent / "presets"

Known = Literal["documented", "seen", "unconfirmed"]
"""Read in the vendor's own document; seen in other people's code or traffic; neither: to be tried with a real call."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(_Part):
    """How well the two halves of a preset are known, and where from."""

    signature: Known
    payload: Known
    pages: tuple[str, ...]


class Payload(_Part):
    """One kind of body that the program sends."""

    key: str
    name: str
    note: str = ""
    rows: str = ""
    row_id: str
    fields: dict[str, str]
    values: dict[str, dict[str, str]] = {}


class Preset(_Part):
    """One program."""

    key: str
    name: str
    secret: str
    signature: Signature
    delivery: str = ""
    told: Told
    payloads: tuple[Payload, ...]

    def mapping(self, payload: Payload) -> JsonMapping:
        """What a new source for this kind of body begins with."""
        return JsonMapping(
            preset=f"{self.key}.{payload.key}",
            signature=self.signature,
            delivery=self.delivery,
            rows=payload.rows,
            row_id=payload.row_id,
            fields=payload.fields,
            values=payload.values,
        )


@cache
def presets() -> tuple[Preset, ...]:
    """Every program, by name."""
    found = [Preset.model_validate(yaml.safe_load(path.read_text())) for path in _FOLDER.glob("*.yaml")]
    return tuple(sorted(found, key=lambda preset: preset.name))


def find(name: str) -> tuple[Preset, Payload] | None:
    """The preset and payload that `JsonMapping.preset` names, such as `kiotviet.invoice`."""
    return next(
        (
            (preset, payload)
            for preset in presets()
            for payload in preset.payloads
            if name == f"{preset.key}.{payload.key}"
        ),
        None,
    )
