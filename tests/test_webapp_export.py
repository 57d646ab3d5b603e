"""GET /api/v1/export, over the samples: every hit, in each form."""

import csv
import io
import json
from datetime import date
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from index.hits import Hit
from index.search import Searcher
from tests.workbooks import sheets_of
from webapp.api import export
from webapp.api.export import COLUMNS
from webapp.shown.tables import csv_of

ADDRESS = "/api/v1/export"
QUERY = "council"


def exported(client: FlaskClient, wanted: str, **query: object) -> TestResponse:
    """The file that a query string asks for."""
    response = client.get(ADDRESS, query_string={"format": wanted, "q": QUERY, **query})
    assert response.status_code == 200
    return response


def rows_of(response: TestResponse) -> list[dict[str, str]]:
    """The rows of comma-separated values."""
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True), newline="")))


def test_all_forms_hold_every_passage_that_search_counts(client: FlaskClient) -> None:
    total = client.get("/api/v1/search", query_string={"q": QUERY}).get_json()["total"]
    table = exported(client, "csv")
    rows = rows_of(table)
    lines = [json.loads(line) for line in exported(client, "jsonl").text.splitlines()]
    sheet, about = sheets_of(exported(client, "xlsx").data)
    assert total > 100
    assert len(rows) == len(lines) == len(sheet) - 1 == total == int(table.headers["Minutebook-Hits"])
    ids = [row["passage_id"] for row in rows]
    assert len(set(ids)) == total
    assert ids == [line["passage_id"] for line in lines] == [row[COLUMNS.index("passage_id")] for row in sheet[1:]]
    assert tuple(rows[0]) == tuple(sheet[0]) == COLUMNS
    assert ["query", QUERY] in about
    assert ["hits", str(total)] in about
    assert ["documents searched", "26"] in about


def test_quotes_are_verbatim_and_links_lead_to_them(client: FlaskClient, searcher: Searcher) -> None:
    for row in rows_of(exported(client, "csv", committee="cabinet")):
        stored = searcher.catalogue.document(row["document_id"]).text
        assert row["text"].removeprefix("'") == stored[int(row["start"]) : int(row["end"])]
        place = urlsplit(row["link"])
        assert client.get(f"{place.path}?{place.query}").status_code == 200
        assert place.fragment == row["passage_id"]
    for row, line in zip(
        sheets_of(exported(client, "xlsx").data)[0][1:], exported(client, "jsonl").text.splitlines(), strict=True
    ):
        assert row[COLUMNS.index("text")] == json.loads(line)["text"]


def test_filters_of_the_search_hold_and_what_pages_it_does_not(client: FlaskClient) -> None:
    asked = {"authority": "Harrowmere", "from": "2020-01-01", "k": 1, "page": 2, "order": "date", "spread": 1}
    response = exported(client, "csv", **asked)
    rows = rows_of(response)
    assert len(rows) > 1
    assert {row["authority"] for row in rows} == {"Harrowmere County Council"}
    assert response.headers["Minutebook-Authorities-Searched"] == "1"
    about = sheets_of(exported(client, "xlsx", **asked).data)[1]
    assert ["filter authority", "Harrowmere County Council"] in about


def test_headers_name_file_and_query(client: FlaskClient) -> None:
    response = exported(client, "jsonl", q="Cludiant rhwng y cartref a’r ysgol")
    assert f"minutebook-{date.today().isoformat()[:4]}" in response.headers["Content-Disposition"]
    assert response.headers["Content-Disposition"].endswith('.jsonl"')
    assert unquote(response.headers["Minutebook-Query"]) == "Cludiant rhwng y cartref a’r ysgol"


def test_where_no_passage_holds_the_words_the_nearest_are_given(client: FlaskClient) -> None:
    response = exported(client, "csv", q="zyxwvut of the qwertz")
    assert len(rows_of(response)) == int(response.headers["Minutebook-Hits"])


def test_hits_are_read_as_they_are_sent(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first lines are sent while most passages have not been read yet."""
    read: list[int] = []
    whole = Searcher.shown

    def noted(self: Searcher, asked: Any, groups: Any, before: int = 0) -> list[Hit]:
        read.append(len(groups))
        return whole(self, asked, groups, before)

    monkeypatch.setattr(Searcher, "shown", noted)
    monkeypatch.setattr("index.every.BATCH", 10)
    with client.get(ADDRESS, query_string={"format": "csv", "q": QUERY}, buffered=False) as response:
        sent = iter(response.iter_encoded())
        assert next(sent).startswith(b"rank,")
        begun = len(read)
        list(sent)
    assert 0 < begun < len(read) / 2


@pytest.mark.parametrize("wanted", ["csv", "jsonl", "xlsx"])
def test_more_than_a_file_holds_is_refused_and_nothing_left_out_in_silence(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    total = client.get("/api/v1/search", query_string={"q": QUERY}).get_json()["total"]
    monkeypatch.setattr(export, "MOST_HITS", total)
    with exported(client, wanted) as whole:
        assert int(whole.headers["Minutebook-Hits"]) == total
    monkeypatch.setattr(export, "MOST_HITS", total - 1)
    refused = client.get(ADDRESS, query_string={"format": wanted, "q": QUERY})
    assert refused.status_code == 400
    assert f"{total:,} passages" in refused.get_json()["error"]["message"]
    assert exported(client, wanted, authority="Wexcombe").get_data()


def test_a_formula_is_a_text_in_every_table() -> None:
    cells = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "plain", 3, None]
    row = next(csv.reader(io.StringIO(csv_of(["a"] * len(cells), [cells]).split("\r\n", 1)[1], newline="")))
    assert row[:6] == [f"'{value}" for value in cells[:6]]
    assert row[6:] == ["plain", "3", ""]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"q": "buses"}, "Give one 'format': choose from csv, jsonl, xlsx."),
        ({"q": "buses", "format": "pdf"}, "Give one 'format'"),
        ({"q": "buses", "format": ["csv", "jsonl"]}, "Give one 'format'"),
        ({"q": "", "format": "csv"}, "The query is empty"),
        ({"q": "buses", "format": "jsonl", "authority": "Narnia"}, "no authority 'Narnia'"),
        ({"q": "buses", "format": "xlsx", "council": "x"}, "There is no parameter 'council'"),
    ],
)
def test_what_makes_no_sense_is_explained_before_a_file_begins(
    client: FlaskClient, query: dict[str, object], says: str
) -> None:
    response = client.get(ADDRESS, query_string=query)
    assert response.status_code == 400
    assert says in response.get_json()["error"]["message"]
    assert "Content-Disposition" not in response.headers
