"""Searching and answering as JSON."""

import json
from dataclasses import replace
from itertools import chain

from flask import Blueprint, Response, request, stream_with_context

from index.answers.answer import Answer
from index.answers.sentences import Sentence
from index.precedents.find import DEFAULT_K as PRECEDENTS
from index.precedents.find import precedents as find_precedents
from index.search import MAX_DEPTH
from index.similar import similar as find_similar
from webapp.answering import answered
from webapp.api.json_answer import json_answer
from webapp.api.json_body import FILTERS, filters_from, json_body, number_from, switch_from, text_from
from webapp.holdings import holdings
from webapp.query_string import SearchRequest, parse, parse_similar, query_string, refuse_unknown, run
from webapp.shown.answers import answer_json, sentence_json
from webapp.shown.formatters import result_json
from webapp.shown.precedents import precedents_json, similar_json

blueprint = Blueprint("api", __name__)


@blueprint.get("/api/v1/search")
def search() -> Response:
    """Answer a search with JSON."""
    refuse_unknown(request.args)
    asked = parse(request.args)
    result = run(holdings().searcher(), asked, count=asked.facets)
    answer = json_answer(result_json(result))
    if links := _neighbours(asked, more=result.more):
        answer.headers["Link"] = links
    return answer


def _neighbours(asked: SearchRequest, *, more: bool) -> str:
    """Return the addresses of the pages before and after this one as a Link header has them."""
    pages = {"prev": asked.page - 1} if asked.page > 1 else {}
    if more and (asked.page + 1) * asked.k <= MAX_DEPTH:
        pages["next"] = asked.page + 1
    written = {relation: query_string(replace(asked, page=page)) for relation, page in pages.items()}
    return ", ".join(f'<{request.base_url}?{query}>; rel="{relation}"' for relation, query in written.items())


@blueprint.get("/api/v1/similar")
def similar() -> Response:
    """Answer with the passages of other authorities on the matter of one passage."""
    return json_answer(similar_json(find_similar(holdings().searcher(), *parse_similar(request.args))))


@blueprint.post("/api/v1/ask")
def ask() -> Response:
    """Answer a question, whole or (with "stream") a line of JSON a sentence, each as soon as it was checked."""
    body = json_body(("question", "stream", *FILTERS))
    stream = switch_from(body, "stream")
    events = answered(holdings().searcher(), text_from(body, "question"), filters_from(body))
    first = next(events)  # what is wrong with the question is said before anything is sent
    if not stream:
        return json_answer(answer_json(next(one for one in chain([first], events) if isinstance(one, Answer))))
    lines = stream_with_context(map(_line, chain([first], events)))
    return Response(lines, mimetype="application/x-ndjson", headers={"X-Accel-Buffering": "no"})


def _line(event: Sentence | Answer) -> str:
    whole = isinstance(event, Answer)
    value = {"answer": answer_json(event)} if whole else {"sentence": sentence_json(event)}  # type: ignore[arg-type]
    return json.dumps(value, ensure_ascii=False) + "\n"


@blueprint.post("/api/v1/precedents")
def precedents() -> Response:
    """Answer with the motions and decisions on the matter of a text."""
    body = json_body(("text", "k", *FILTERS))
    text, k = text_from(body, "text"), number_from(body, "k", PRECEDENTS)
    return json_answer(precedents_json(find_precedents(holdings().searcher(), text, filters_from(body), k)))
