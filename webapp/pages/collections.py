"""Collections: passages kept with notes under a link."""

from flask import Blueprint, Response, render_template

blueprint = Blueprint("collections", __name__)


@blueprint.get("/collections")
def page() -> Response:
    """Show the page."""
    return Response(render_template("stub.html", heading="Collections"))
