"""What the site is: about, help, accessibility, privacy."""

from flask import Blueprint, Response, render_template

blueprint = Blueprint("about", __name__)


@blueprint.get("/help")
def page() -> Response:
    """Show the page."""
    return Response(render_template("stub.html", heading="Help"))
