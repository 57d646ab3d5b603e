"""What is held of which authority, and what is not."""

from flask import Blueprint, Response, render_template

blueprint = Blueprint("coverage", __name__)


@blueprint.get("/coverage")
def page() -> Response:
    """Show the page."""
    return Response(render_template("stub.html", heading="Coverage"))
