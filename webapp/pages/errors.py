"""The pages that explain what went wrong."""

from flask import Response, render_template

from webapp.language import gettext, to_translate

MESSAGES = {
    404: to_translate("There is nothing at this address."),
    405: to_translate("This address can only be read (GET)."),
    429: to_translate("Too many requests have come from your address. Wait a minute, then try again."),
    500: to_translate("Something went wrong inside Minutebook. Its log says what."),
}
_HEADINGS = {
    400: to_translate("This request cannot be understood"),
    403: to_translate("Not allowed"),
    404: to_translate("Not found"),
    405: to_translate("Not allowed"),
    429: to_translate("Too many requests"),
}
_OTHER = to_translate("Minutebook cannot answer")


def error(status: int, message: str) -> Response:
    """Return the page that explains what went wrong."""
    heading = gettext(_HEADINGS.get(status, _OTHER))
    return Response(render_template("error.html", heading=heading, message=gettext(message), status=status), status)
