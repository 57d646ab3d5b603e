"""The search page: one box; a question gets an answer and passages, words get passages."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request, stream_template, url_for
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from corpus.catalogue import Catalogue
from corpus.errors import QueryError
from corpus.filters import held
from corpus.model import SEARCH_KINDS
from corpus.register import by_name
from corpus.status import status
from index.confidence import WEAK
from index.hits import Hit
from webapp.holdings import holdings
from webapp.language import ngettext, spoken
from webapp.pages import answer, refine
from webapp.pages.onward import onward, search_address
from webapp.pages.samples import only_samples
from webapp.query_string import FIELDS, SearchRequest, is_iso_date, parse, run
from webapp.shown.formatters import is_sample
from webapp.shown.found import meetings
from webapp.shown.snippets import in_paragraphs

blueprint = Blueprint("search", __name__)

EXAMPLES = (
    "How often must care leavers be contacted?",
    "Where will the speed limit become 20 mph?",
    "What does a selective licensing licence cost?",
)
MANY = 30  # authorities: more are not listed to be ticked, but named
PAUSE = Markup("<!-- -->")  # in a template: what was written so far is sent
PIECE = 16_384  # characters that are sent at once at the most


@dataclass(frozen=True, slots=True)
class Form:
    """The search form as it is shown: what was typed, what can be chosen and is, and what is wrong with it.

    ``in_use`` counts the filters; ``many``: authorities are named and not ticked; ``answered``: results follow.
    """

    typed: MultiDict[str, str]
    query: str
    error: str | None
    choices: Mapping[str, Sequence[str]]
    ticked: Mapping[str, Sequence[str]]
    in_use: int
    many: bool
    answered: bool
    kinds: Sequence[str] = SEARCH_KINDS


@blueprint.get("/")
def page() -> Response:
    """Show the search box, and the answer and the passages once something is asked."""
    catalogue = holdings().catalogue()
    ticked: Mapping[str, Sequence[str]] = {name: request.args.getlist(name) for name in FIELDS}
    try:
        asked = parse(request.args)
        if "q" in request.args:
            return _results(asked, catalogue)
    except QueryError as exc:
        return _home(catalogue, _form(catalogue, request.args.get("q", ""), ticked, spoken(str(exc))), 400)
    return _home(catalogue, _form(catalogue, "", ticked))


@blueprint.get("/opensearch.xml")
def description() -> Response:
    """Describe the search to browsers, so that it can be used from their address bar."""
    address = url_for("search.page", _external=True, lang=None)
    return Response(
        render_template("opensearch.xml", address=address), mimetype="application/opensearchdescription+xml"
    )


def _home(catalogue: Catalogue, form: Form, code: int = 200) -> Response:
    shown = render_template(
        "home.html",
        form=form,
        only_samples=only_samples(catalogue),
        authorities=len(held(catalogue, "authority")),
        status=status(catalogue),
        examples=EXAMPLES,
    )
    return Response(shown, code)


def _results(asked: SearchRequest, catalogue: Catalogue) -> Response:
    """Return the page of a search; where the answer takes long the form is sent at once and each sentence in its turn.

    Raises:
        QueryError: the search makes no sense; nothing is sent then.
    """
    searcher = holdings().searcher()
    result = run(searcher, asked, count=True)
    answers = answer.wanted(asked, result)
    ways = refine.ways(asked, result, searcher)
    pieces = stream_template(
        "search.html",
        form=_form(catalogue, asked.query, refine.ticked(asked, catalogue), answered=True),
        asked=asked,
        result=result,
        ways=ways,
        onward=onward(asked, result, ways, answers=answers),
        answer=answer.events(searcher, asked) if answers else None,
        pause=PAUSE,
        meetings=meetings(searcher.catalogue, result.hits),
        weak=all(hit.relevance < WEAK for hit in result.hits),
        is_sample=is_sample,
        only_samples=only_samples(catalogue),
    )
    if answers and answer.takes_long():
        return Response(_in_parts(pieces), headers={"X-Accel-Buffering": "no"})
    return Response("".join(pieces))


def _in_parts(pieces: Iterable[str]) -> Iterator[str]:
    """Yield a page in few parts: up to each pause, and what has grown long."""
    waiting: list[str] = []
    length = 0
    for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if piece == PAUSE or length > PIECE:
            yield "".join(waiting)
            waiting, length = [], 0
    yield "".join(waiting)


def _form(
    catalogue: Catalogue,
    query: str,
    ticked: Mapping[str, Sequence[str]],
    error: str | None = None,
    *,
    answered: bool = False,
) -> Form:
    names = held(catalogue, "authority")
    many = len(names) > MANY
    known = [authority for authority in map(by_name, names) if authority]
    choices = {
        "authority": list(ticked["authority"]) if many else list(names),
        "region": sorted({authority.region for authority in known if authority.region}.union(ticked["region"])),
        "type": sorted({authority.type for authority in known}.union(ticked["type"])),
        "document": list(ticked["document"]),
    }
    typed = request.args
    other = filter(None, [typed.get("from") or typed.get("to"), *typed.getlist("committee")])
    in_use = len(list(other)) + sum(len(ticked[name]) for name in FIELDS if name != "committee")
    return Form(typed, query, error, choices, ticked, in_use, many, answered)


@blueprint.app_template_filter("isolated")
def isolated(value: object) -> Markup:
    """Return a name or number of the minutes so that its direction of writing stays its own."""
    return Markup("<bdi>{}</bdi>").format(value)


@blueprint.app_template_filter("also_in_words")
def also_in_words(hit: Hit) -> str:
    """Return "Also in 2 other documents", or "2 other places" where the hit's own document holds one of them."""
    whole = hit.document_id not in {other.document_id for other in hit.also} and len(
        {other.document_id for other in hit.also}
    ) == len(hit.also)
    if whole:
        return ngettext("Also in %(number)s other document", "Also in %(number)s other documents", len(hit.also))
    return ngettext("Also in %(number)s other place", "Also in %(number)s other places", len(hit.also))


blueprint.add_app_template_filter(in_paragraphs, "in_paragraphs")
blueprint.add_app_template_filter(is_iso_date, "is_day")
blueprint.add_app_template_filter(search_address, "to_search")
