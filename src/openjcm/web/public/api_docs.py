"""Documentation of the API: every operation of the OpenAPI document on one page, each with a page of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from openjcm.web.pages import render

METHODS = ("get", "post", "put", "delete")


@dataclass(frozen=True)
class Parameter:
    """A parameter of an operation, or a field of its body."""

    name: str
    place: str
    kind: str
    required: bool
    description: str


@dataclass(frozen=True)
class Operation:
    """One operation of the API."""

    method: str
    path: str
    summary: str
    description: str
    tag: str
    parameters: tuple[Parameter, ...]
    statuses: tuple[str, ...]


def api(request: Request) -> Response:
    """``/ja/api`` and ``/en/api``: every operation; ``?method=…&operation=…`` describes one."""
    document = request.app.openapi()
    found = operations(document)
    asked = request.query_params.get("method", "get"), request.query_params.get("operation")
    chosen = next((one for one in found if (one.method, one.path) == asked), None)
    if asked[1] is not None and chosen is None:
        raise HTTPException(404)
    return render(
        request,
        "api.html.j2",
        "api",
        chosen=chosen,
        reading=[one for one in found if one.method == "get"],
        writing=[one for one in found if one.method != "get"],
        base=str(request.base_url).rstrip("/"),
    )


def operations(document: dict[str, Any]) -> list[Operation]:
    """Every operation of an OpenAPI document, in its order."""
    return [
        _operation(document, path, method, item[method])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]


def _operation(document: dict[str, Any], path: str, method: str, described: dict[str, Any]) -> Operation:
    parameters = [
        Parameter(
            one["name"],
            one["in"],
            _kind(one.get("schema", {})),
            one.get("required", False),
            _plain(one.get("description", "")),
        )
        for one in described.get("parameters", [])
    ]
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if body:
        parameters += _fields(document, body)
    return Operation(
        method=method,
        path=path,
        summary=_plain(described.get("summary", "")),
        description=_plain(described.get("description", "")),
        tag=(described.get("tags") or [""])[0],
        parameters=tuple(parameters),
        statuses=tuple(described.get("responses", {})),
    )


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> list[Parameter]:
    schema = _resolved(document, schema)
    required = schema.get("required", [])
    return [
        Parameter(name, "body", _kind(one), name in required, _plain(one.get("description", "")))
        for name, one in schema.get("properties", {}).items()
    ]


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if not reference:
        return schema
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def _plain(text: str) -> str:
    """A docstring's text without the marks for code."""
    return text.replace("``", "")


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " | ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"{_kind(schema.get('items', {}))}[]"
    return str(schema.get("format") or schema.get("type") or "any")
