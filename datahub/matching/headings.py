"""PURE. What programs call a table's columns: by a field's key as well as by its name."""

from __future__ import annotations

from collections.abc import Mapping

from datahub.schema import Schema
from datahub.text import clean

_LONGEST, _MOST = 40, 10


class Headings:
    """Reads the column names of one call, and remembers those that mean nothing here."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._labels = {spec.key: spec.label for spec in schema.read}
        self._known: dict[str, str] = {}
        self._unread: dict[str, None] = {}

    def named(self, values: Mapping[str, str]) -> dict[str, str]:
        """The same values under names that the table's schema knows. A name of a column counts before a key."""
        return {self._name(said): value for said, value in values.items()}

    @property
    def unread(self) -> list[str]:
        """The first few names that no column of the table has, cleaned and cut."""
        return list(self._unread)

    def _name(self, said: str) -> str:
        if said not in self._known:
            is_name = self._schema.column(said) is not None
            self._known[said] = said if is_name else self._labels.get(said, said)
            if not is_name and said not in self._labels and len(self._unread) < _MOST:
                self._unread[clean(said)[:_LONGEST]] = None
        return self._known[said]
