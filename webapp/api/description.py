"""The description of the API in the form of OpenAPI, made from the operations and the forms of their answers."""

from functools import cache
from importlib.metadata import version
from typing import Any

from flask import Blueprint, Response

from webapp.api.json_answer import json_answer
from webapp.api.routes import JSON, LINES, OPERATIONS, Operation, Parameter
from webapp.api.shapes import Error, schemas

blueprint = Blueprint("api_description", __name__)

# Whatever is asked: too much of it, a fault of ours, no index yet.
ALWAYS = {
    400: "The request cannot be understood; the message says why.",
    404: "There is no such thing.",
    413: "The request is too large.",
    415: "The request is not sent as application/json.",
    429: "Too many requests; the header Retry-After says how many seconds to wait.",
    500: "Something went wrong inside Minutebook.",
    503: "There is nothing to search yet, or the index does not fit.",
}
_EVERY = (429, 500, 503)
HIT = {
    "rank": "From 1.",
    "score": "Orders the hits of one query, higher is better; not comparable between queries.",
    "relevance": "0 to 1, comparable between queries; below .3 a weak match.",
    "passage_id": "Lasting: the same after a new ingest as long as the words are the same.",
    "document_id": "Lasting, like passage_id.",
    "authority": "Null where the source does not name it.",
    "committee": "Null where the source does not name it.",
    "meeting_date": "ISO; null where the source does not give it.",
    "item_number": "Of the agenda item, or of the minute.",
    "item_title": "Of the agenda item.",
    "kind": "minutes, decision, report or agenda; the agenda's recommendation is never a decision.",
    "title": "Of the document.",
    "page": "Physical page from 1; null where there are no pages.",
    "start": "Offset in the stored text, from 0.",
    "end": "Offset after the last character.",
    "text": "The whole passage, verbatim: the stored text from start to end.",
    "highlights": "Pairs of offsets in text: words that share a stem with the query.",
    "partial": "The source cuts the record off.",
    "ocr": "Read by OCR, may contain errors.",
    "url": "Where it was published, at the item or page; null if unknown.",
    "path": "Path of the source file below the folder that was ingested.",
    "citation": "A reference line, ready to paste.",
    "also": "Near-duplicates that stand behind this hit.",
}  # of a hit
_ABOUT = """Search and question answering over the minutes of UK local authorities, with a citation behind every
sentence. Quotes are verbatim: the stored text at the offsets given. Answers are UTF-8; answers to GET carry an ETag,
and If-None-Match with it gets 304 until something changes. Every error has the same form. Rate limits are told by the
headers X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset."""


@blueprint.get("/api/v1/openapi.json")
def openapi() -> Response:
    """Give the description."""
    return json_answer(description())


@cache
def description() -> dict[str, Any]:
    """Return the description of the API as an OpenAPI 3.1 document."""
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    answers = [form for operation in OPERATIONS for form in operation.answers.values()]
    forms = [form for form in (Error, *answers, *(operation.body for operation in OPERATIONS)) if form is not None]
    described: dict[str, Any] = _plain(
        {
            "openapi": "3.1.0",
            "info": {"title": "Minutebook", "version": version("minutebook"), "description": " ".join(_ABOUT.split())},
            "servers": [{"url": "/"}],
            "paths": paths,
            "components": {"schemas": _explained(schemas(list(dict.fromkeys(forms))))},
        }
    )
    return described


def _explained(found: dict[str, Any]) -> dict[str, Any]:
    """Say of each field of a hit what it means, wherever hits are made part of something."""
    for fields in (schema.get("properties", {}) for schema in found.values()):
        if fields.keys() >= HIT.keys():
            for name, words in HIT.items():
                fields[name]["description"] = words
    return found


def _operation(operation: Operation) -> dict[str, Any]:
    content = {media: _content(media, form) for media, form in operation.answers.items()}
    answered: dict[str, Any] = {"description": "What was asked for.", "content": content}
    if operation.headers:
        answered["headers"] = {
            name: {"description": words, "schema": {"type": "string"}} for name, words in operation.headers.items()
        }
    responses: dict[str, Any] = {str(operation.success): answered}
    if operation.success != 200 and operation.name == "add_to_collection":
        responses["200"] = answered
    if operation.name == "ready":
        responses["503"] = {"description": "There is nothing to search; reason says why.", "content": content}
    elif operation.path.startswith("/api/"):
        refused = {"application/json": {"schema": _reference(Error)}}
        for status in (*operation.statuses, *_EVERY):
            responses[str(status)] = {"description": ALWAYS[status], "content": refused}
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.title,
        "description": operation.words,
        "responses": responses,
    }
    if operation.parameters:
        found["parameters"] = [_parameter(parameter) for parameter in operation.parameters]
    if operation.body:
        sent = {"schema": _reference(operation.body), "example": operation.example}
        found["requestBody"] = {"required": True, "content": {JSON: sent}}
    return found


def _content(media: str, form: type | None) -> dict[str, Any]:
    if form is None:
        return {"schema": {"type": "object" if media == JSON else "string"}}
    if media in (LINES, "application/jsonl"):
        return {"schema": {"type": "string", "description": f"A line of JSON each: {form.__name__}."}}
    return {"schema": _reference(form)}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    several = {"type": "array", "items": parameter.schema}
    return {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.words,
        "required": parameter.required,
        "schema": several if parameter.repeated else parameter.schema,
    }


def _reference(form: type) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{form.__name__}"}


def _plain(value: Any) -> Any:
    """Return the value with the code marks of docstrings as the description has them."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.replace("``", "`") if isinstance(value, str) else value
