"""Just enough of JSON Schema to hold the API to its own description, and to make calls out of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hypothesis import strategies as st

KINDS: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def problems(value: Any, schema: dict[str, Any], document: dict[str, Any], where: str = "") -> list[str]:
    """Every place where a value is not what its schema says; a property that the schema does not name is one too."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if choices := schema.get("anyOf"):
        tried = [problems(value, each, document, where) for each in choices]
        return [] if [] in tried else tried[0]
    kind = schema.get("type")
    if kind and (not isinstance(value, KINDS[kind]) or (kind == "integer" and isinstance(value, bool))):
        return [f"{where}: {value!r} is no {kind}"]
    if schema.get("format") == "date-time" and datetime.fromisoformat(value).tzinfo is None:
        return [f"{where}: {value!r} has no time zone"]
    if kind == "array":
        each = schema["items"]
        return [found for n, item in enumerate(value) for found in problems(item, each, document, f"{where}[{n}]")]
    return _of_object(value, schema, document, where) if kind == "object" else []


def _of_object(value: Any, schema: dict[str, Any], document: dict[str, Any], where: str) -> list[str]:
    named = schema.get("properties", {})
    others = schema.get("additionalProperties", False)
    found = [f"{where}.{name}: missing" for name in schema.get("required", ()) if name not in value]
    for name, item in value.items():
        below = named.get(name, others)
        if below is False:
            found.append(f"{where}.{name}: not described")
        elif below is not True:
            found += problems(item, below, document, f"{where}.{name}")
    return found


def values(schema: dict[str, Any], document: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values of a schema's shape, likely and unlikely; not all of them keep its limits."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if choices := schema.get("anyOf"):
        return st.one_of([values(each, document) for each in choices])
    kind = schema.get("type")
    if isinstance(kind, list):
        return st.one_of([values({"type": each}, document) for each in kind])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if kind == "object":
        known = {name: values(each, document) for name, each in schema.get("properties", {}).items()}
        if others := schema.get("additionalProperties"):
            names = st.sampled_from(["customer_id", "customer_name", "phone", "service", "status"]) | st.text(
                max_size=5
            )
            return st.dictionaries(names, values(others, document), max_size=5)
        return st.fixed_dictionaries({}, optional=known)
    if kind == "array":
        return st.lists(values(schema["items"], document), max_size=4)
    return _PLAIN.get(kind or "null", st.none())


_PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "string": st.sampled_from(["0912345678", "KH001", "Đã hoàn thành", "2026-11-21T00:00:00Z", "asked"])
    | st.text(st.characters(), max_size=90),
    "integer": st.integers() | st.integers(0, 600),
    "number": st.floats() | st.integers(),
    "boolean": st.booleans(),
    "null": st.none(),
}
