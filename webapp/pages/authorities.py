"""One authority: its committees, meetings, themes and gaps."""

from flask import Blueprint, Response, render_template

blueprint = Blueprint("authorities", __name__)


@blueprint.get("/authority/<code>")
def page(code: str) -> Response:
    """Show the page."""
    return Response(render_template("stub.html", heading="Authority"))
