"""Comparing authorities on a question."""

from flask import Blueprint, Response, render_template

blueprint = Blueprint("compare", __name__)


@blueprint.get("/compare")
def page() -> Response:
    """Show the page."""
    return Response(render_template("stub.html", heading="Compare authorities"))
