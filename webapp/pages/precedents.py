"""Precedents for a motion: the form, what was decided elsewhere and how its wording differs, and the list as a file.

What is asked for stands in the address where it is short enough; the form is sent by POST, as a motion may be too long
for an address, and is answered with that address or, for a long text, with the page itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from corpus.catalogue import Catalogue
from corpus.errors import QueryError
from corpus.filters import Filters
from corpus.model import Decision, Motion
from index.hits import Hit
from index.precedents.find import DEFAULT_K, MAX_TEXT, PrecedentsResult
from index.precedents.find import precedents as find
from index.search import MAX_K, Searcher
from webapp.commands.precedents import OTHER_WORDS
from webapp.holdings import holdings
from webapp.language import gettext, spoken
from webapp.pages.samples import only_samples
from webapp.pages.whose import NAMES, Whose, read
from webapp.query_string import is_iso_date, parse
from webapp.shown import wordings
from webapp.shown.formatters import is_sample
from webapp.shown.precedents import precedents_table
from webapp.shown.tables import csv_of

blueprint = Blueprint("precedents", __name__)

LONGEST_ADDRESS = 2_000  # characters; servers and programs in between may refuse longer ones
LONGEST_EXAMPLE = 600  # characters
FEWEST_WORDS = 15  # of an example
MAX_FORM = 256_000  # bytes
_SOUGHT = "This Council believes and resolves"
_OPENINGS = ("This ", "That ", "“This ", "“That ")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the form holds; ``errors`` say what is wrong with a field, by its name."""

    text: str
    whose: Whose
    k: int
    errors: dict[str, str]


@dataclass(frozen=True, slots=True)
class Example:
    """A motion of the minutes, word for word, and the passage that it stands in."""

    text: str
    hit: Hit


@blueprint.get("/precedents")
def page() -> Response:
    """Show the form, and the precedents of the text that the address holds."""
    return _page(request.args, given="text" in request.args)


@blueprint.post("/precedents")
def post() -> Response:
    """Find the precedents of a text that is sent: at its address, or at once where the text is too long for one."""
    values = _sent()
    address = _address("page", values)
    if len(address) <= LONGEST_ADDRESS and values.get("text", "").strip():
        return Response(status=303, headers={"Location": address})
    return _page(values, given=True)


@blueprint.route("/precedents.csv", methods=["GET", "POST"])
def table() -> Response:
    """Send the precedents of a text as comma-separated values; the form again where something is wrong with it."""
    values = _sent() if request.method == "POST" else request.args
    asked = _asked(values, holdings().catalogue(), given=True)
    result, errors = _found(asked)
    if result is None or errors:
        return _page(values, given=True)
    headers = {"Content-Disposition": 'attachment; filename="precedents.csv"'}
    return Response(csv_of(*precedents_table(result)), mimetype="text/csv", headers=headers)


def _sent() -> MultiDict[str, str]:
    """Return the fields of the form that was sent; those of the address that it does not have count too."""
    request.max_content_length = MAX_FORM
    return MultiDict([*request.form.items(multi=True), *request.args.items(multi=True)])


def _page(values: MultiDict[str, str], *, given: bool) -> Response:
    catalogue = holdings().catalogue()
    asked = _asked(values, catalogue, given=given)
    result, errors = _found(asked) if given else (None, asked.errors)
    posted = request.method == "POST"
    shown = render_template(
        "precedents.html",
        typed=values,
        asked=asked,
        errors=errors,
        result=result,
        posted=posted,
        table_address=_address("table", values),
        more_address=_address("page", MultiDict([*_kept(values), ("k", str(_more(asked.k)))])),
        more_k=_more(asked.k),
        most_k=MAX_K,
        most=MAX_TEXT,
        other_words=OTHER_WORDS,
        say=wordings,
        example=None if result or errors else _example(holdings().searcher()),
        is_iso_date=is_iso_date,
        is_sample=is_sample,
        only_samples=only_samples(catalogue),
    )
    return Response(shown, 400 if errors else 200)


def _asked(values: MultiDict[str, str], catalogue: Catalogue, *, given: bool) -> _Asked:
    whose = read(values, catalogue)
    text, errors, k = values.get("text", ""), dict[str, str](), DEFAULT_K
    if given and not any(character.isalnum() for character in text):
        errors["text"] = gettext("Paste the text of a motion or a decision.")
    length = len(" ".join(text.split()))
    if length > MAX_TEXT:
        errors["text"] = gettext(
            "The text has %(length)s characters, the limit is %(limit)s: shorten it.",
            length=f"{length:,}",
            limit=f"{MAX_TEXT:,}",
        )
    try:
        if values.get("k", "").strip():
            k = parse(MultiDict([("k", values["k"])])).k
    except QueryError as exc:
        errors["text"] = spoken(str(exc))
    return _Asked(text, whose, k, {**errors, **whose.errors})


def _found(asked: _Asked) -> tuple[PrecedentsResult | None, dict[str, str]]:
    if asked.errors:
        return None, asked.errors
    try:
        return find(holdings().searcher(), asked.text, asked.whose.filters, asked.k), {}
    except QueryError as exc:
        return None, {"text": spoken(str(exc))}


def _kept(values: MultiDict[str, str]) -> list[tuple[str, str]]:
    """Return what is asked for: the text and the filters that are filled in."""
    found = [(name, value) for name in ("text", *NAMES) for value in values.getlist(name) if value.strip()]
    return [(name, value.strip().replace("\r\n", "\n")) for name, value in found]


def _address(endpoint: str, values: MultiDict[str, str]) -> str:
    """Return the address at which what is asked for is answered."""
    pairs = [*_kept(values), *(("k", value) for value in values.getlist("k")[:1] if value.strip())]
    return url_for(f".{endpoint}", **MultiDict(pairs).to_dict(flat=False))  # type: ignore[arg-type]


def _more(k: int) -> int:
    return min(MAX_K, k + DEFAULT_K)


def _example(searcher: Searcher) -> Example | None:
    """Return a motion that the collection holds, or else a decision; None where none can stand by itself."""
    for kind in ("motion", "decision"):
        hits = searcher.search(_SOUGHT, Filters(kinds=(kind,)), 20).hits
        found = [example for hit in hits for example in _examples(searcher, hit)]
        if found:
            return min(found, key=lambda one: not one.text.startswith(_OPENINGS))  # else the first, the nearest
    return None


def _examples(searcher: Searcher, hit: Hit) -> Iterator[Example]:
    """Yield the motions and decisions of a passage that are neither too short nor too long for an example."""
    document = searcher.catalogue.document(hit.document_id)
    for kept in document.records:
        record = kept.record
        if isinstance(record, Motion | Decision) and hit.start <= record.start < hit.end:
            words = document.text[record.start : record.end].strip()
            if len(words.split()) >= FEWEST_WORDS and len(words) <= LONGEST_EXAMPLE:
                yield Example(words, hit)
