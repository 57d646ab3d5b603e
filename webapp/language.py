"""The language of a page: English as it stands in the code, Welsh from ``translations/cy.po``.

Texts follow GNU gettext. The language is that of the address (``?lang=cy``) and of nothing else, so that an address
always shows the same page. The quotes and names of the minutes are never translated. The only importer of Babel.
"""

from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import has_request_context, request
from markupsafe import Markup

LANGUAGES = {"en": "English", "cy": "Cymraeg"}
PARAMETER = "lang"
_LOCALES = {"en": "en_GB", "cy": "cy"}
_FOLDER = Path(__file__).parent / "translations"


def language() -> str:
    """Return the language of the page that is being made: "en" or "cy"; outside a request "en"."""
    wanted = request.args.get(PARAMETER, "") if has_request_context() else ""
    return wanted if wanted in LANGUAGES else "en"


@cache
def _translations(code: str) -> Translations:
    path = _FOLDER / f"{code}.po"
    if not path.exists():
        return Translations()
    compiled = BytesIO()
    with path.open(encoding="utf-8") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return Translations(compiled)


def gettext(text: str, **values: Any) -> str:
    """Return a text in the language of the page, with ``%(name)s`` filled in where values are given."""
    found = _translations(language()).gettext(text) if text else ""
    return found % values if values else found


def ngettext(singular: str, plural: str, number: int, **values: Any) -> str:
    """Return the form of a text for a number, which stands for ``%(number)s`` with commas between thousands."""
    found = _translations(language()).ngettext(singular, plural, number)
    found = found.replace("%(number)s", f"{number:,}")  # templates fill in the other values themselves
    return found % values if values else found


def to_translate(text: str) -> str:
    """Mark a text that is kept in English and translated by ``gettext`` where it is shown."""
    return text


def spoken(message: str) -> str:
    """Return a message of the layers below in the language of the page; where it has no translation, marked as English.

    So a screen reader reads it in the right voice.
    """
    found = gettext(message)
    return Markup('<span lang="en">{}</span>').format(found) if language() != "en" and found == message else found


def day(iso: str) -> str:
    """Return an ISO date as people write it: "16 October 2024", "16 Hydref 2024"."""
    return format_date(date.fromisoformat(iso), "d MMMM y", locale=_LOCALES[language()])
