"""Precedents for a motion."""

from flask import Blueprint, Response, render_template

blueprint = Blueprint("precedents", __name__)


@blueprint.get("/precedents")
def page() -> Response:
    """Show the page."""
    return Response(render_template("stub.html", heading="Find precedents"))
