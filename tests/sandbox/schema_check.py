"""Whether a value fits a JSON schema, as far as the sandbox's description uses one."""

import re
from collections.abc import Iterator
from typing import Any

TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}
KNOWN = {
    "$ref", "anyOf", "allOf", "type", "const", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength",
    "required", "properties", "additionalProperties", "items", "description",
}  # fmt: skip


def misfits(value: Any, schema: dict[str, Any], schemas: dict[str, Any], at: str = "answer") -> Iterator[str]:
    """What does not fit, a sentence each. A word of JSON Schema that this does not know is a misfit too."""
    if unknown := set(schema) - KNOWN:
        yield f"{at}: the check does not know {unknown}"
    if "$ref" in schema:
        yield from misfits(value, schemas[schema["$ref"].rsplit("/", 1)[1]], schemas, at)
    if "anyOf" in schema and all(list(misfits(value, each, schemas, at)) for each in schema["anyOf"]):
        yield f"{at}: {value!r} fits none of them"
    for each in schema.get("allOf", []):
        yield from misfits(value, each, schemas, at)
    if not _is_typed(value, schema.get("type")):
        yield f"{at}: {value!r} is no {schema['type']}"
    elif not _is_within(value, schema):
        yield f"{at}: {value!r} is outside {schema}"
    elif isinstance(value, dict):
        yield from _of_object(value, schema, schemas, at)
    elif isinstance(value, list):
        for n, each in enumerate(value):
            yield from misfits(each, schema.get("items", {}), schemas, f"{at}[{n}]")


def _is_typed(value: Any, wanted: str | list[str] | None) -> bool:
    names = [wanted] if isinstance(wanted, str) else wanted
    return names is None or any(
        isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool)) for name in names
    )


def _is_within(value: Any, schema: dict[str, Any]) -> bool:
    if schema.get("const", value) != value or value not in schema.get("enum", [value]):
        return False
    if isinstance(value, str):
        longest = schema.get("maxLength", len(value))
        return schema.get("minLength", 0) <= len(value) <= longest and bool(re.search(schema.get("pattern", ""), value))
    if isinstance(value, int | float):
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    return True


def _of_object(value: dict[str, Any], schema: dict[str, Any], schemas: dict[str, Any], at: str) -> Iterator[str]:
    for name in schema.get("required", []):
        if name not in value:
            yield f"{at}: {name} is missing"
    properties, more = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name, each in value.items():
        if name in properties:
            yield from misfits(each, properties[name], schemas, f"{at}.{name}")
        elif more is False:
            yield f"{at}: {name} is not described"
        elif isinstance(more, dict):
            yield from misfits(each, more, schemas, f"{at}.{name}")
