"""Alerts: a search as an Atom feed, meetings as a calendar."""

from flask import Blueprint, Response, render_template

blueprint = Blueprint("feeds", __name__)


@blueprint.get("/alerts")
def page() -> Response:
    """Show the page."""
    return Response(render_template("stub.html", heading="Alerts"))
