"""The sandbox's Zalo described in OpenAPI 3.1, built from the files in `wire/`: the one place where its answers are written down."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

WIRE = Path(__file__).parent / "wire"
HOSTS = ("oauth", "business", "openapi")
METHODS = ("get", "post")
_FAILURE = {"$ref": "#/components/schemas/Failure"}
Json = dict[str, Any]


@cache
def document() -> Json:
    """The whole description; its paths begin with the name of the host, as this machine plays it."""
    paths = {}
    for host in (_read(name) for name in HOSTS):
        for operation in host["operations"]:
            paths[f"/{host['host']}{operation['path']}"] = {
                method: _operation(operation[method], host) for method in METHODS if method in operation
            }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Zalo, as the sandbox plays it",
            "version": "2026-11",
            "description": "From public material, not from Zalo. Each operation names its source and how sure it is.",
        },
        "servers": [{"url": "/sandbox/zalo", "description": "Each host of Zalo's is a folder here."}],
        "paths": paths,
        "components": {"schemas": _read("schemas")},
    }


def _read(name: str) -> Json:
    content: Json = yaml.safe_load((WIRE / f"{name}.yaml").read_text())
    return content


def _operation(told: Mapping[str, Any], host: Mapping[str, Any]) -> Json:
    headers = told.get("headers") or host.get("headers", {})
    parameters = [
        {
            "name": name,
            "in": "header",
            "description": about,
            "schema": {"type": "string"},
            "required": "proof" not in name,
        }
        for name, about in headers.items()
    ]
    for name, schema in told.get("query", {}).items():
        kept = {key: value for key, value in schema.items() if key not in ("required", "description")}
        about = {"description": schema["description"]} if "description" in schema else {}
        parameters.append(
            {"name": name, "in": "query", "required": schema.get("required", False), "schema": kept, **about}
        )
    operation = {
        "summary": told["summary"],
        "description": f"Source: {told['source']}. Played for {host['real']}.",
        "parameters": parameters,
        "responses": _responses(told),
    }
    body = _body(told)
    return operation | ({"requestBody": {"content": body}} if body else {})


def _body(told: Mapping[str, Any]) -> Json:
    if told.get("upload"):
        file = {"type": "object", "required": [told["upload"]], "properties": {told["upload"]: {"type": "string"}}}
        return {"multipart/form-data": {"schema": file}}
    if told.get("form"):
        return {"application/x-www-form-urlencoded": {"schema": {"type": "object", **told["form"]}}}
    if told.get("body"):
        typed = {} if "$ref" in told["body"] or "allOf" in told["body"] else {"type": "object"}
        return {"application/json": {"schema": {**typed, **told["body"]}}}
    return {}


def _responses(told: Mapping[str, Any]) -> Json:
    if "page" in told:
        return {"default": {"description": told["page"], "content": {"text/html": {}}}}
    schema = told.get("answer") or ({"anyOf": [_envelope(told), _FAILURE]} if "data" in told else _FAILURE)
    return {"200": {"description": "The answer, or the refusal.", "content": {"application/json": {"schema": schema}}}}


def _envelope(told: Mapping[str, Any]) -> Json:
    properties = {"error": {"const": 0}, "message": {"type": "string"}, "data": told["data"], **told.get("beside", {})}
    return {"type": "object", "required": list(properties), "properties": properties, "additionalProperties": False}
