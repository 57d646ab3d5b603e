"""The page that describes the API, made from the same operations as the description for programs."""

import json

from flask import Blueprint, Response, render_template, request

from webapp.api.description import ALWAYS, description
from webapp.api.routes import JSON, OPERATIONS, Operation

blueprint = Blueprint("api_docs", __name__)


@blueprint.get("/api")
def page() -> Response:
    """Show what the API offers."""
    shown = render_template(
        "api_docs.html",
        operations=OPERATIONS,
        examples={operation.name: _example(operation) for operation in OPERATIONS},
        fields={operation.name: _fields(operation) for operation in OPERATIONS},
        sent={operation.name: _sent(operation) for operation in OPERATIONS},
        hit=description()["components"]["schemas"]["Hit"]["properties"],
        errors=ALWAYS,
        kinds=_kind_of_value,
    )
    return Response(shown)


def _example(operation: Operation) -> str:
    """Return a command that asks for an operation."""
    address = request.host_url.rstrip("/") + operation.path
    if operation.body:
        sent = json.dumps(operation.example, ensure_ascii=False)
        return f"curl -H 'Content-Type: {JSON}' -d '{sent}' '{address}'"
    return f"curl '{address}?{operation.example}'" if operation.example else f"curl '{address}'"


def _fields(operation: Operation) -> dict[str, str]:
    """Return the fields of the JSON that an operation answers with, and what sort of value each is."""
    form = operation.answers.get(JSON)
    return _properties(form.__name__) if form else {}


def _sent(operation: Operation) -> dict[str, str]:
    return _properties(operation.body.__name__) if operation.body else {}


def _properties(form: str) -> dict[str, str]:
    schema = description()["components"]["schemas"][form]
    return {name: _kind_of_value(value) for name, value in schema["properties"].items()}


def _kind_of_value(schema: dict[str, object]) -> str:
    """Return in few words what sort of value a schema lets through: "list of Hit", "string or null"."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))  # type: ignore[call-overload]
    if "anyOf" in schema:
        return " or ".join(map(_kind_of_value, schema["anyOf"]))  # type: ignore[call-overload]
    if schema.get("type") == "array":
        items = schema.get("items")
        return f"list of {_kind_of_value(items)}" if isinstance(items, dict) else "list"
    if "minimum" in schema:
        most = f" to {schema['maximum']:,}" if "maximum" in schema else " or more"
        return f"{schema['type']}, {schema['minimum']}{most}"
    return str(schema.get("format") or schema.get("type", "any"))
