"""The one form in which the API answers: JSON as UTF-8."""

import json

from flask import Response


def json_answer(body: object, status: int = 200) -> Response:
    """Return an answer of the API."""
    return Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/json")


def error(status: int, message: str) -> Response:
    """Return the one form in which the API explains what went wrong."""
    return json_answer({"error": {"status": status, "message": message}}, status)
