"""Ways on from a result, on the page and in the API: filters, facets, other words, near-duplicates and the like."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser, LexborNode

from corpus.catalogue import Catalogue
from corpus.model import Document, Found, Page, Passage, Source
from index.build import update
from index.confidence import WEAK
from index.encoder import Encoder
from ingest.pipeline import ingest
from tests.page_checks import checked, folded, text_of
from webapp import create_app

POTHOLES = (
    "The Committee considered a report on the repair of potholes. Mrs Harker said that residents had reported "
    "many more potholes since the winter, and that each was to be mended within a fortnight of the report. "
    "RESOLVED that the repair of potholes be reviewed in the autumn."
)
SCANNED = "Potholes in Mill Lane, read from a scan."
FILES = {  # name: authority, committee, date, text below the heading
    "kent-cabinet": ("Kent County Council", "Cabinet", "2024-03-05", f"1. Highways\n\n{POTHOLES}"),
    "kent-pack": (
        "Kent County Council", "Cabinet", "2024-03-05",
        f"Front sheet of the pack with all papers of the meeting.\n\n1. Highways\n\n{POTHOLES}\n\n"
        "2. Libraries\n\nThe opening hours of libraries were noted.",
    ),
    "kent-2022": ("Kent County Council", "Environment Committee", "2022-06-14", "1. Roads\n\nNo potholes were seen."),
    "medway": ("Medway Council", "Cabinet", "2024-06-04", "4. Roads\n\nA machine that fills potholes was bought."),
    "leicester": (
        "Leicester City Council", "Full Council", "2023-01-24", "9. Motion\n\nThe motion on potholes by Cllr Ash fell.",
    ),
    "scrap": ("", "", "", "A note on potholes that nobody signed."),
}  # fmt: skip
WARDS = [
    f"{name} Ward Forum" for name in "Ash Beech Cedar Damson Elder Fir Gorse Hazel Ivy Juniper Larch Maple".split()
]


@pytest.fixture(scope="module")
def roads(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Flask:
    """The web app over short minutes of authorities of the register, one of which has many committees."""
    files, data = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("data")
    wards = {
        f"ward-{place}": (
            "Leicester City Council",
            name,
            "2025-02-01",
            f"{place}. Roads\n\nPotholes in {name} were seen.",
        )
        for place, name in enumerate(WARDS, 1)
    }
    lines = ["path,authority,committee,date"]
    for name, (authority, committee, date, text) in (FILES | wards).items():
        (files / f"{name}.txt").write_text(f"Minutes\n\n{text}\n", encoding="utf-8")
        lines.append(f"{name}.txt,{authority},{committee},{date}")
    (files / "manifest.csv").write_text("\n".join(lines), encoding="utf-8")
    catalogue = Catalogue(data, create=True)
    ingest([files], catalogue, encoder)
    catalogue.save(
        Document(
            "scan", SCANNED, "Scan", "minutes", committee=Found("<b>Bogs</b> \u202e", "x"),
            pages=(Page(1, 0, len(SCANNED), "ocr"),),
            passages=(Passage(f"{0x5CA:020x}", 0, len(SCANNED), SCANNED, "minutes", page=1),),
        ),
        Source("/scan.pdf", "scan.pdf", "f", "scan"),
    )  # fmt: skip
    update(catalogue, encoder)
    catalogue.close()
    return create_app(data=data, encoder=encoder)


@pytest.fixture
def on_roads(roads: Flask) -> FlaskClient:
    """A client of that app."""
    return roads.test_client()


def _page(client: FlaskClient, address: str = "/", **query: object) -> LexborHTMLParser:
    response = client.get(address, query_string=query or None)
    assert response.status_code == 200, response.get_data(as_text=True)
    return checked(response)


def _answer(client: FlaskClient, address: str = "", **query: object) -> dict:  # type: ignore[type-arg]
    response = client.get(
        f"/api/v1/search?{urlsplit(address).query}" if address else "/api/v1/search", query_string=query or None
    )
    assert response.status_code == 200, response.get_data(as_text=True)
    answer: dict = response.get_json()  # type: ignore[type-arg]
    return answer


def _href(node: LexborNode | None) -> str:
    assert node is not None
    return node.attributes["href"] or ""


def _in_use(page: LexborHTMLParser) -> list[str]:
    return [folded(line.text()).split(" Remove")[0] for line in page.css(".in-use li")]


def _remove(page: LexborHTMLParser, what: str) -> str:
    """Return the address of the link that removes the filter whose line holds some words."""
    return next(_href(line.css_first("a")) for line in page.css(".in-use li") if what in folded(line.text()))


def _facet(page: LexborHTMLParser, field: str) -> list[LexborNode]:
    return page.css(f"ul[aria-labelledby=facet-{field}] > li")


def _of(node: LexborNode) -> tuple[str, int]:
    """Return the name of a facet's value and its count."""
    name, count = node.css_first("bdi"), node.css_first(".count")
    assert name is not None
    assert count is not None
    return folded(name.text()), int(count.text().split()[0].replace(",", ""))


# -- filters -----------------------------------------------------------------------------------------


def test_filters_found_in_the_question_are_shown_and_can_be_removed(on_roads: FlaskClient) -> None:
    page = _page(on_roads, q="How did Kent repair potholes in 2024?")
    assert _in_use(page) == [
        *(line for line in _in_use(page) if "Kent County Council" in line),
        *(line for line in _in_use(page) if "2024" in line),
    ]
    assert all(line.startswith("From your question: ") for line in _in_use(page))
    without_kent = _page(on_roads, _remove(page, "Kent"))
    assert [("Kent" in line, "2024" in line) for line in _in_use(without_kent)] == [(False, True)]
    assert "Medway Council" in without_kent.css_first("ol.hits").text()
    without_both = _page(on_roads, _remove(without_kent, "2024"))
    assert _in_use(without_both) == []
    assert "repair potholes" in (without_both.css_first("#q").attributes["value"] or "")


def test_a_period_with_two_ends_is_removed_at_once(on_roads: FlaskClient) -> None:
    page = _page(on_roads, q="potholes between 2022 and 2023")
    assert len(_in_use(page)) == 1
    assert "from 1 January 2022 to 31 December 2023" in _in_use(page)[0]
    assert _in_use(_page(on_roads, _remove(page, "2022"))) == []


def test_operators_are_filters_of_the_question_too(on_roads: FlaskClient) -> None:
    page = _page(on_roads, q='authority:Medway committee:"ward forum" kind:minutes potholes')
    assert _in_use(page) == [
        "From your question: Medway Council",
        "From your question: ward forum (12 committees)",
        "From your question: Minutes",
    ]
    freed = _page(on_roads, _remove(page, "Medway"))
    assert freed.css_first("#q").attributes["value"] == 'committee:"ward forum" kind:minutes potholes'


def test_given_filters_are_removed_one_by_one(on_roads: FlaskClient) -> None:
    query = {
        "q": "potholes", "authority": ["Kent", "Medway"], "region": "South East", "type": "county",
        "from": "2024-01-01", "to": "2024-12-31", "kind": ["minutes"], "spread": 1, "k": 20,
    }  # fmt: skip
    page = _page(on_roads, **query)
    expected = [
        "Authority: Kent County Council", "Authority: Medway Council", "Region or nation: South East",
        "Type of authority: County", "Kind of text: Minutes", "Date: 2024",
    ]  # fmt: skip
    assert _in_use(page) == expected
    for line in expected:
        left = _page(on_roads, _remove(page, line))
        assert _in_use(left) == [other for other in expected if other != line]
        assert left.css_first("#spread[checked]") is not None
    bare = next(_href(link) for link in page.css(".results .links a") if "without filters" in link.text())
    assert _in_use(_page(on_roads, bare)) == []


def test_search_inside_one_document(on_roads: FlaskClient) -> None:
    place = _href(_page(on_roads, q="libraries").css_first("article.hit h2 a"))
    document = _page(on_roads, place)
    form = document.css_first("main form")
    assert form is not None
    hidden = form.css_first("input[type=hidden]").attributes
    page = _page(on_roads, q="potholes", **{hidden["name"] or "": hidden["value"]})
    places = {urlsplit(_href(link)).path for link in page.css("article.hit h2 a")}
    assert places == {urlsplit(place).path}
    title = folded(document.css_first("h1").text())
    assert _in_use(page) == [f"Document: {title}"]
    assert [box.attributes["name"] for box in page.css("form input[checked]")] == ["document"]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("authority:Narnia potholes", "no authority"),
        ('potholes committee:""', "committee: has no value"),
        ("potholes from:someday", "not a date"),
        ("kind:rumour potholes", "There is no kind"),
        ("authority:Kent", "only filters"),
        ("-potholes", "add what to look for"),
    ],
)
def test_an_operator_that_makes_no_sense_is_explained_by_the_box(
    on_roads: FlaskClient, typed: str, message: str
) -> None:
    response = on_roads.get("/", query_string={"q": typed})
    assert response.status_code == 400
    page = checked(response)
    assert message in text_of(page, "form .error")
    assert page.css_first("#q").attributes["value"] == typed


def test_names_in_filters_are_escaped_and_keep_their_direction(on_roads: FlaskClient) -> None:
    page = _page(on_roads, q="potholes", committee="Bogs")
    assert not page.css("main b")
    shown = [node for node in page.css(".in-use *, .narrow *") if "<b>Bogs" in node.text(deep=False)]
    assert len(shown) >= 3
    for node in shown:
        assert node.tag == "bdi" or "\u202e" not in node.text()


# -- facets ------------------------------------------------------------------------------------------


def test_every_count_of_a_facet_is_what_its_link_finds(on_roads: FlaskClient) -> None:
    """This test ensures that counts are exact, for each value of each facet, with and without other filters."""
    for query in ({"q": "potholes"}, {"q": "potholes since 2023 and not by Medway", "kind": "minutes"}):
        page = _page(on_roads, **query)
        for field in ("authority", "type", "region", "committee", "year", "kind"):
            values = _facet(page, field)
            assert values
            if field == "year" or not any(value.css("strong") for value in values):  # else a link adds to what is
                totals = [_answer(on_roads, _href(value.css_first("a")))["total"] for value in values]
                assert totals == [_of(value)[1] for value in values]


def test_a_facet_is_counted_without_its_own_filter_and_narrows_by_links(on_roads: FlaskClient) -> None:
    page = _page(on_roads, q="potholes")
    before = dict(map(_of, _facet(page, "authority")))
    assert next(iter(before)) == "Leicester City Council"
    link = next(value.css_first("a") for value in _facet(page, "authority") if _of(value)[0] == "Medway Council")
    narrowed = _page(on_roads, _href(link))
    assert _in_use(narrowed) == ["Authority: Medway Council"]
    values = _facet(narrowed, "authority")
    assert dict(map(_of, values)) == before
    assert _of(values[0])[0] == "Medway Council", "what is chosen stands first"
    assert values[0].css_first("strong") is not None
    widened = _page(on_roads, _href(values[1].css_first("a")))
    assert sorted(_in_use(widened)) == ["Authority: Leicester City Council", "Authority: Medway Council"]
    assert _in_use(_page(on_roads, _href(values[0].css_first("a")))) == []


def test_a_facet_adds_to_what_the_question_names(on_roads: FlaskClient) -> None:
    page = _page(on_roads, q="How did Kent repair potholes?")
    kent, *others = _facet(page, "authority")
    assert _of(kent)[0] == "Kent County Council"
    medway = next(value for value in others if _of(value)[0] == "Medway Council")
    both = _page(on_roads, _href(medway.css_first("a")))
    assert sorted(_in_use(both)) == ["Authority: Kent County Council", "Authority: Medway Council"]
    assert "Kent" not in (both.css_first("#q").attributes["value"] or "")
    assert _in_use(_page(on_roads, _href(kent.css_first("a")))) == []


def test_a_year_takes_the_place_of_another(on_roads: FlaskClient) -> None:
    page = _page(on_roads, q="potholes in 2024")
    years = {_of(value)[0]: value for value in _facet(page, "year")}
    assert next(iter(years)) == "2024"
    assert years["2024"].css_first("strong") is not None
    other = _page(on_roads, _href(years["2022"].css_first("a")))
    assert _in_use(other) == ["Date: 2022"]
    assert other.css_first("#q").attributes["value"] == "potholes"


def test_long_lists_stand_behind_a_control_and_nothing_is_followed_by_crawlers(on_roads: FlaskClient) -> None:
    page = _page(on_roads, q="potholes")
    at_once = page.css(".narrow > ul[aria-labelledby=facet-committee] > li")
    behind = page.css(".narrow details > ul[aria-labelledby=facet-committee] > li")
    assert len(at_once) == 8
    assert {_of(value)[0] for value in (*at_once, *behind)} >= set(WARDS)
    assert f"{len(behind)} more" in page.css_first(".narrow summary").text()
    links = page.css(".narrow a, .in-use a, .other-words a, .suggestion a")
    assert links
    assert {link.attributes.get("rel") for link in links} == {"nofollow"}


def test_what_is_not_known_is_counted_too(on_roads: FlaskClient) -> None:
    page, answer = _page(on_roads, q="potholes"), _answer(on_roads, q="potholes", facets=1)
    known = sum(value["count"] for value in answer["facets"]["authority"])
    assert f"Not known: {answer['total'] - known}" in folded(page.css_first(".narrow").text())
    assert answer["total"] - known == 2


# -- words -------------------------------------------------------------------------------------------


def test_other_words_are_shown_and_can_be_left_out(client: FlaskClient) -> None:
    page, answer = _page(client, q="care leavers"), _answer(client, q="care leavers")
    line = text_of(page, ".other-words li")
    assert answer["expansions"][0]["concept"] == "care-leaver"
    assert all(words in line for words in answer["expansions"][0]["added"])
    without = _href(page.css_first(".other-words a"))
    assert parse_qs(urlsplit(without).query)["expand"] == ["none"]
    assert _answer(client, without)["expansions"] == []
    left = _page(client, without)
    assert not left.css(".other-words li")
    assert "care-experienced" in text_of(_page(client, _href(left.css_first(".other-words a"))), ".other-words")


def test_nothing_is_said_of_other_words_where_there_are_none(client: FlaskClient) -> None:
    assert not _page(client, q="budget", expand="none").css(".other-words")


def test_one_concept_of_several_can_be_left_out(client: FlaskClient) -> None:
    page = _page(client, q="care leavers and council tax reduction")
    lines = page.css(".other-words li")
    kept = [one["concept"] for one in _answer(client, q="care leavers and council tax reduction")["expansions"]]
    assert len(lines) == len(kept) > 1
    answer = _answer(client, _href(lines[0].css_first("a")))
    assert [one["concept"] for one in answer["expansions"]] == kept[1:]


def test_a_misspelling_is_put_right_by_a_link(on_roads: FlaskClient) -> None:
    page = _page(on_roads, q="reviewing pothloes", kind="minutes")
    link = page.css_first(".suggestion a")
    assert folded(link.text()) == "reviewing potholes"
    right = _page(on_roads, _href(link))
    assert right.css_first("#q").attributes["value"] == "reviewing potholes"
    assert _in_use(right) == ["Kind of text: Minutes"]
    assert not right.css(".suggestion")
    assert _answer(on_roads, q="reviewing pothloes")["suggestion"] == "reviewing potholes"


# -- hits --------------------------------------------------------------------------------------------


def test_near_duplicates_stand_behind_one_hit_with_their_citations(on_roads: FlaskClient) -> None:
    page = _page(on_roads, q="repair of potholes within a fortnight", authority="Kent")
    hits = _answer(on_roads, q="repair of potholes within a fortnight", authority="Kent")["hits"]
    behind = hits[0]["also"]
    assert len(behind) == 1
    first = page.css_first("article.hit")
    assert folded(first.css_first("summary").text()).startswith("Also in 1 other document")
    assert folded(first.css_first(".also bdi").text()) == folded(behind[0]["citation"])
    assert ("Word for word" in first.css_first(".also").text()) is behind[0]["identical"]
    other = _page(on_roads, _href(first.css_first(".also a")))
    assert "within a fortnight" in " ".join(mark.text() for mark in other.css("mark.cited"))


@pytest.mark.parametrize("query", ["repair of potholes", "potholes", "the mayor's chain of office", "ferrets in mines"])
def test_how_well_a_hit_matches_is_said_in_words(on_roads: FlaskClient, query: str) -> None:
    page, hits = _page(on_roads, q=query), _answer(on_roads, q=query)["hits"]
    words = [folded(node.text()) for node in page.css("article.hit .band")]
    assert words == [
        "Good match" if hit["relevance"] >= 0.6 else "Fair match" if hit["relevance"] >= WEAK else "Weak match"
        for hit in hits
    ]
    said = "Nothing matches well" in page.css_first("main").text()
    assert said is (bool(hits) and all(hit["relevance"] < WEAK for hit in hits))


def test_a_query_beside_the_point_is_not_answered_with_confidence(on_roads: FlaskClient) -> None:
    page = _page(on_roads, q="which telescope found the comet")
    assert "Nothing matches well" in text_of(page, "main") or "No passages found" in text_of(page, ".searched")


def test_text_read_from_a_picture_is_marked(on_roads: FlaskClient) -> None:
    page = _page(on_roads, q="potholes in Mill Lane")
    marked = {
        "Mill Lane" in hit.css_first("blockquote").text(): bool(hit.css(".ocr")) for hit in page.css("article.hit")
    }
    assert marked == {True: True, False: False}
    hits = _answer(on_roads, q="potholes in Mill Lane")["hits"]
    assert [hit["text"] for hit in hits if hit["ocr"]] == [SCANNED]


def test_authorities_can_take_turns(on_roads: FlaskClient) -> None:
    page = _page(on_roads, q="potholes", k=30)
    link = next(link for link in page.css(".sort a") if "take turns" in link.text())
    spread = _page(on_roads, _href(link))
    ranked, turns = _turns(page), _turns(spread)
    assert sorted(turns) == sorted(ranked)
    assert turns != ranked
    assert spread.css_first("#spread[checked]") is not None
    assert "authorities in turn" in text_of(spread, ".searched")
    back = _page(on_roads, _href(next(link for link in spread.css(".sort a") if "the best first" in link.text())))
    assert _turns(back) == ranked


def _turns(page: LexborHTMLParser) -> list[str]:
    """Return the authority of each meeting in the order they are shown."""
    return [folded(meeting.css_first(".where span").text()) for meeting in page.css("ol.hits > li")]


def test_nothing_found_names_what_was_searched_and_what_to_try(on_roads: FlaskClient) -> None:
    page = _page(on_roads, q="xyzzyq -swans", kind="minutes", committee="Cabinet")
    assert "No passages found in 3 documents of 2 authorities" in text_of(page, ".searched")
    advice = text_of(page, "main ul:not(.in-use)")
    assert "remove one of the filters above" in advice
    assert "-swans" in advice
    assert not page.css(".narrow")
    assert page.css(".ways-to-ask code")


# -- the same matter elsewhere -----------------------------------------------------------------------


def test_the_same_matter_at_other_authorities(client: FlaskClient) -> None:
    links = [
        next(link for link in hit.css(".links a") if "Same matter" in link.text())
        for hit in _page(client, q="selective licensing of private landlords").css("article.hit")
    ]
    pages = {_href(link): _page(client, _href(link)) for link in links}
    place, elsewhere = next((place, page) for place, page in pages.items() if page.css("article.hit"))
    authorities = {folded(hit.css_first(".where span").text()) for hit in elsewhere.css("article.hit")}
    assert text_of(elsewhere, ".where span") not in authorities
    passage_id = place.rsplit("/", 1)[1]
    answer = client.get("/api/v1/similar", query_string={"passage": passage_id, "k": 20}).get_json()
    assert {hit["authority"] for hit in answer["hits"]} == authorities
    only = client.get("/api/v1/similar", query_string={"passage": passage_id, "authority": min(authorities)}).get_json()
    assert {hit["authority"] for hit in only["hits"]} <= {min(authorities)}


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ({}, 400, "Give one passage id"),
        ({"passage": "0123456789abcdef0123"}, 404, "no passage"),
        ({"passage": "nope"}, 404, "no passage id"),
        ({"passage": "0123456789abcdef0123", "q": "buses"}, 400, "There is no parameter 'q'"),
    ],
)
def test_similar_explains_what_it_cannot_do(
    client: FlaskClient, query: dict[str, str], status: int, message: str
) -> None:
    response = client.get("/api/v1/similar", query_string=query)
    assert response.status_code == status
    assert message in response.get_json()["error"]["message"]


def test_similar_page_of_an_unknown_passage_is_an_error_page(client: FlaskClient) -> None:
    response = client.get("/similar/<b>nope")
    assert response.status_code == 404
    assert not checked(response).css("main b")
