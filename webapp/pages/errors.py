"""The pages that explain what went wrong."""

from flask import Response, render_template

from webapp.language import gettext, spoken, to_translate

MESSAGES = {
    404: to_translate("There is nothing at this address."),
    405: to_translate("This address can only be read (GET)."),
    429: to_translate("Too many requests have come from your address. Wait a minute, then try again."),
    500: to_translate("Something went wrong inside Minutebook. Its log says what."),
}
UNREADABLE = to_translate(
    "What this page needs cannot be read: the stored data are damaged, or their disk is. Others may go on. Whoever runs"
    " this site should run 'minutebook check', which names what is damaged and what to do."
)
_HEADINGS = {
    400: to_translate("This request cannot be understood"),
    403: to_translate("Not allowed"),
    404: to_translate("Not found"),
    405: to_translate("Not allowed"),
    429: to_translate("Too many requests"),
}
_OTHER = to_translate("Minutebook cannot answer")
OF_THE_LAYERS_BELOW = (  # messages that need no values, word for word; the others are shown in English
    to_translate("The query only says what to leave out: add what to look for."),
    to_translate("The query has only other words (also:): add the words that they stand for."),
    to_translate("The query has only filters: add a question or some words to look for."),
    to_translate("A collection needs a title."),
    to_translate("The passage is not in this collection any more."),
    to_translate("A timeline is of one authority: name one."),
    to_translate("Choose authorities by name, by region and type, or by what they are like: one of these."),
)


def error(status: int, message: str) -> Response:
    """Return the page that explains what went wrong, in the language of the page where the message is translated."""
    return told(status, spoken(message))


def told(status: int, message: str) -> Response:
    """Return the page that explains what went wrong, in words that are in the language of the page already."""
    heading = gettext(_HEADINGS.get(status, _OTHER))
    return Response(render_template("error.html", heading=heading, message=message, status=status), status)
