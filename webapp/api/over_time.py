"""The JSON twins of what the pages draw over the years: mentions of words, and the themes of an authority."""

from datetime import date

from flask import Blueprint, Response, request

from corpus.overview import entry_of
from index.mentions import AuthorityMentions, Counted, mentions
from index.themes import Theme, themes
from webapp.api.json_answer import json_answer
from webapp.holdings import holdings
from webapp.query_string import FIELDS, parse, refuse_others
from webapp.shown.formatters import filters_json

blueprint = Blueprint("api_over_time", __name__)

ASKED = ("q", *FIELDS, "from", "to")


@blueprint.get("/api/v1/mentions")
def of_words() -> Response:
    """Answer with how many passages of each authority hold a query's words, by year, and how many were searched."""
    refuse_others(request.args, ASKED)
    asked = parse(request.args)
    found = mentions(holdings().searcher(), asked.query, asked.filters)
    return json_answer(
        {
            "query": found.query,
            "filters": filters_json(found.filters),
            "passages": found.passages,
            "searched_passages": found.searched,
            "authorities": [_mentioning(one) for one in found.authorities],
        }
    )


@blueprint.get("/api/v1/authorities/<code>/themes")
def of_authority(code: str) -> Response:
    """Answer with the themes of an authority: what is on its agendas more than on those of others."""
    refuse_others(request.args, ())
    entry = entry_of(holdings().catalogue(), code, date.today())
    searcher = holdings().searcher()
    name = next((name for name in entry.names if name in searcher.columns.authorities), None)
    found = themes(searcher, name) if name else ()
    return json_answer({"authority": name, "themes": [_theme(one) for one in found]})


def _mentioning(one: AuthorityMentions) -> dict[str, object]:
    return {
        "authority": one.authority,
        "passages": one.passages,
        "searched_passages": one.searched,
        "years": [_counted(year) for year in one.years],
        "undated": _counted(one.undated),
    }


def _counted(one: Counted) -> dict[str, object]:
    return {"year": one.year, "passages": one.passages, "searched_passages": one.searched}


def _theme(one: Theme) -> dict[str, object]:
    years = [{"year": year, "items": items} for year, items in one.years]
    return {
        "words": one.words, "items": one.items, "share": one.share, "elsewhere": one.elsewhere, "years": years,
        "undated": one.undated,
    }  # fmt: skip
