"""The answer on the search page: what is answered, how it is shown, and that it arrives sentence by sentence."""

import re
import threading
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

from index.answers.answer import Answer, ask
from index.answers.asking import is_question
from index.search import Searcher
from tests.page_checks import checked, folded, text_of
from tests.scripted_model import Script, answers, chunk, says, scripted_model
from webapp.shown.snippets import ROOM, WHOLE, in_paragraphs, snippet

QUESTION = "How often must care leavers be contacted?"
NOTHING = "Are there any mermaids in the harbour?"
DECISION = "What was decided about selective licensing?"


def _page(client: FlaskClient, address: str = "/", **query: object) -> LexborHTMLParser:
    response = client.get(address, query_string=query or None)
    assert response.status_code == 200, response.get_data(as_text=True)
    return checked(response)


def _link(page: LexborHTMLParser, words: str) -> str:
    return next(link.attributes["href"] or "" for link in page.css("main a") if words in folded(link.text()))


@pytest.mark.parametrize(
    "query",
    [
        QUESTION, "who chaired the meeting", "Tell me what Kent decided about buses", "Did Medway agree to it",
        "potholes?", "Beth a benderfynwyd am y gyllideb", "What's the fee for a licence", "pa gyngor sydd â chynllun",
    ],
)  # fmt: skip
def test_questions_are_known(query: str) -> None:
    assert is_question(query)


@pytest.mark.parametrize(
    "query", ["potholes", "selective licensing fee", "may 2024 budget", "will", "list of assets", "Whitstable harbour"]
)
def test_words_are_no_questions(query: str) -> None:
    assert not is_question(query)


def test_a_question_is_answered_above_the_passages(client: FlaskClient, searcher: Searcher) -> None:
    page = _page(client, q=QUESTION)
    answer = ask(searcher, QUESTION)
    shown = page.css(".answer .said")
    assert len(shown) == len(answer.sentences) > 0
    for place, (node, sentence) in enumerate(zip(shown, answer.sentences, strict=True), 1):
        assert node.attributes["id"] == f"answer-{place}"
        assert folded(sentence.text) in folded(node.text())
        quotes = [folded(quote.text()) for quote in node.css("blockquote")]
        assert quotes == [folded(quote.text) for quote in sentence.citations]
        targets = {urlsplit(link.attributes["href"] or "").fragment for link in node.css(".source a")}
        assert targets <= {quote.hit.passage_id for quote in sentence.citations}
        assert targets
    html = page.html or ""
    assert html.index('class="answer"') < html.index('class="hits"')
    assert page.css("article.hit")


def test_each_citation_leads_to_its_passage_in_the_document(client: FlaskClient) -> None:
    for link in _page(client, q=QUESTION).css(".answer .source a")[:3]:
        place = link.attributes["href"] or ""
        cited = _page(client, place).css("mark.cited")
        assert cited[0].attributes["id"] == urlsplit(place).fragment


def test_what_was_lost_or_only_recommended_is_labelled_so(client: FlaskClient, searcher: Searcher) -> None:
    words = {"decision": "Decision", "recommendation": "Recommendation, not a decision", "report": "Report"}
    seen = set[str]()
    for question in (DECISION, "Which amendments were lost?", "What was the vote on the motion?"):
        answer = ask(searcher, question)
        for node, sentence in zip(_page(client, q=question).css(".said"), answer.sentences, strict=True):
            tags = [folded(tag.text()) for tag in node.css(".tag")]
            seen |= {f"{sentence.kind} {sentence.outcome}"}
            if sentence.outcome:
                assert sentence.outcome in tags[0].lower()
            if sentence.kind in words:
                assert tags[0] == words[sentence.kind]
            assert len(tags) == 1 + len(sentence.marks)
    assert any("lost" in one for one in seen), seen


def test_a_passage_with_a_lost_motion_says_so(client: FlaskClient, searcher: Searcher) -> None:
    row = searcher.catalogue.connection.execute(
        "SELECT p.passage_id FROM records r JOIN passages p USING (document_id)"
        ' WHERE r.fields LIKE \'%"lost"%\' AND p.start <= r.start AND p."end" > r.start'
    ).fetchone()
    hit = searcher.passage(row["passage_id"])
    page = _page(client, f"/similar/{hit.passage_id}")
    assert folded(hit.text)[:60] in text_of(page, "main")
    query = " ".join(hit.text.split()[:25])
    article = next(
        node for node in _page(client, q=f'"{query}"').css("article.hit") if hit.passage_id in (node.html or "")
    )
    assert any("lost" in tag.text() for tag in article.css(".tag"))


def test_no_evidence_says_what_was_searched_and_shows_what_resembles(client: FlaskClient) -> None:
    page = _page(client, q=NOTHING, kind="minutes")
    assert "No evidence found in" in text_of(page, ".answer")
    assert re.search(r"\d+ documents of \d+ authorities", text_of(page, ".abstained"))
    assert not page.css(".said")
    assert "kind" not in parse_qs(urlsplit(_link(page, "Ask without the filters")).query)


def test_words_get_passages_and_can_be_asked(client: FlaskClient) -> None:
    page = _page(client, q="care leavers contact")
    assert not page.css(".answer")
    asked = _page(client, _link(page, "Answer this as a question"))
    assert asked.css(".answer")
    assert not _page(client, _link(asked, "Passages only")).css(".answer")


def test_further_pages_and_other_orders_are_not_answered(client: FlaskClient) -> None:
    page = _page(client, q=QUESTION)
    assert not _page(client, _link(page, "Sort by date")).css(".answer")
    assert not _page(client, _link(page, "Next page")).css(".answer")


def test_an_answer_heeds_the_filters_and_the_words_left_out(client: FlaskClient, searcher: Searcher) -> None:
    page = _page(client, q=QUESTION, authority="Harrowmere", expand="none")
    names = {folded(link.css_first("bdi").text()) for link in page.css(".answer .source a")}
    assert names == {"Harrowmere County Council"}


# -- with a language model ---------------------------------------------------------------------------


def _set_up(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("MINUTEBOOK_LLM_URL", url)
    monkeypatch.setenv("MINUTEBOOK_LLM_MODEL", "scripted")


def _first(client: FlaskClient) -> str:
    quote = client.post("/api/v1/ask", json={"question": QUESTION}).get_json()["sentences"][0]["citations"][0]["quote"]
    return " ".join(quote.split())


def test_form_and_sentences_arrive_before_the_model_has_ended(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, go_on = _first(client), threading.Event()

    def script(handler: Any) -> None:
        handler.head()
        handler.pieces(f"{first} [1]\n")
        go_on.wait(20)
        handler.pieces("It was said by nobody. [1]\n")
        handler.event(chunk({}, "stop"))

    with scripted_model(script) as server:
        _set_up(monkeypatch, server.url)
        response = client.get("/", query_string={"q": QUESTION}, buffered=False)
        try:
            parts = response.iter_encoded()
            got = next(parts).decode()
            assert 'id="q"' in got
            assert 'class="said"' not in got
            while 'class="said"' not in got:
                got += next(parts).decode()
            assert "</html>" not in got
            assert not go_on.is_set()
        finally:
            go_on.set()
        got += "".join(part.decode() for part in parts)
    assert response.headers["X-Accel-Buffering"] == "no"
    page = LexborHTMLParser(got)
    assert first in text_of(page, ".said")
    assert "by nobody" not in page.css_first(".answer").text()
    assert "left out" in text_of(page, ".notes")
    assert page.css("article.hit")


@pytest.mark.parametrize("script", [answers(500, "{}"), says("Sorry, I cannot help.")])
def test_a_model_that_fails_leaves_the_minutes_own_words(
    client: FlaskClient, searcher: Searcher, monkeypatch: pytest.MonkeyPatch, script: Script
) -> None:
    plain = ask(searcher, QUESTION)
    with scripted_model(script) as server:
        _set_up(monkeypatch, server.url)
        page = _page(client, q=QUESTION)
    assert len(page.css(".said")) == len(plain.sentences)
    assert "language model" in text_of(page, ".notes").lower()


def test_what_goes_wrong_under_way_ends_the_answer_and_not_the_page(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Answer:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("webapp.answering.ask", broken)
    page = _page(client, q=QUESTION)
    assert "could not be completed" in text_of(page, ".answer .warning")
    assert page.css("article.hit")
    assert "secret" not in (page.html or "")


def test_a_bad_question_is_refused_before_anything_is_sent(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted_model(says("Nothing. [1]")) as server:
        _set_up(monkeypatch, server.url)
        response = client.get("/", query_string={"q": f"Why is {'x' * 1000}?"})
        assert response.status_code == 400
        checked(response)
        assert server.asked == []


# -- quotes that are shortened -----------------------------------------------------------------------


def test_a_long_passage_is_cut_to_whole_sentences_round_what_is_highlighted() -> None:
    filler = "The Clerk read out a notice about the hedge on the northern edge of the field. "
    told = "Members heard that the heron had nested again."
    text = f"{filler * 8}{told} {filler * 8}"
    at = text.index("heron")
    cut = snippet(text, [(at, at + 5)])
    assert cut.text in text
    assert text[cut.start : cut.start + len(cut.text)] == cut.text
    assert told in cut.text
    assert len(cut.text) <= ROOM
    assert cut.cut_before
    assert cut.cut_after
    assert [cut.text[a:b] for a, b in cut.highlights] == ["heron"]
    assert cut.text.startswith(("The Clerk", "Members"))
    assert cut.text.endswith((".", "again."))


def test_a_short_passage_and_one_endless_sentence_are_shown_whole() -> None:
    for text in ("Noted.", "word " * 400, "x" * (WHOLE + 1), ""):
        cut = snippet(text, [])
        assert (cut.text, cut.cut) == (text, False)


def test_shortened_quotes_of_all_samples_are_verbatim(searcher: Searcher) -> None:
    hits = searcher.search("council meeting care leavers licensing motion", k=100).hits
    cut = [(hit, snippet(hit.text, hit.highlights)) for hit in hits]
    assert any(one.cut for _, one in cut)
    for hit, one in cut:
        assert hit.text[one.start : one.start + len(one.text)] == one.text
        assert one.text == one.text.strip() or not one.cut
        marked = {hit.text[a:b] for a, b in hit.highlights}
        assert {one.text[a:b] for a, b in one.highlights} <= marked


def test_paragraphs_hold_every_word_and_mark_the_same_ones(searcher: Searcher) -> None:
    for hit in searcher.search("care leavers <b> licensing", k=50).hits:
        shown = LexborHTMLParser(f"<main>{in_paragraphs(hit.text, hit.highlights)}</main>")
        assert folded(shown.css_first("main").text()) == folded(hit.text)
        assert [mark.text() for mark in shown.css("mark")] == [hit.text[a:b] for a, b in hit.highlights]
    assert in_paragraphs("  a < b\nc\n\n1. d", [(2, 3)]) == "<p><mark>a</mark> &lt; b\nc</p>\n<p>1. d</p>"


# -- ways on -----------------------------------------------------------------------------------------


def test_own_words_widen_the_search_and_can_be_taken_away(client: FlaskClient, searcher: Searcher) -> None:
    before = searcher.search("landlords", count=True)
    page = _page(client, q="landlords", also='swimming "pool"')
    query = page.css_first("#q").attributes["value"] or ""
    assert query == 'landlords also:"swimming pool"'
    widened = searcher.search('landlords also:"care leavers"', count=True)
    assert widened.total > before.total
    lines = [folded(line.text()) for line in page.css(".other-words li")]
    assert any("swimming pool" in line and "your own words" in line for line in lines)
    remove = next(
        line.css_first("a").attributes["href"] for line in page.css(".other-words li") if "your own" in line.text()
    )
    assert _page(client, remove or "").css_first("#q").attributes["value"] == "landlords"


def test_the_form_for_own_words_keeps_the_search(client: FlaskClient) -> None:
    page = _page(client, q="landlords", kind="minutes", order="date", page=1)
    kept = {box.attributes["name"]: box.attributes["value"] for box in page.css(".own-words input[type=hidden]")}
    assert kept == {"q": "landlords", "kind": "minutes", "order": "date"}


def test_authorities_that_are_not_shown_are_named_with_what_they_hold(client: FlaskClient) -> None:
    page = _page(client, q="council", k=3)
    shown = {folded(where.text()) for where in page.css(".hits > li > article .where span:first-child")}
    others = page.css(".others li")
    assert others
    for line in others:
        name, count = folded(line.css_first("a").text()), int(line.css_first(".count").text())
        assert name not in shown
        answer = client.get("/api/v1/search", query_string={"q": "council", "authority": name}).get_json()
        assert answer["total"] == count
        only = _page(client, line.css_first("a").attributes["href"] or "")
        assert {folded(w.text()) for w in only.css(".hits > li > article .where span:first-child")} == {name}


def test_a_search_in_other_forms_asks_for_the_same(client: FlaskClient) -> None:
    page = _page(client, q="care leavers", kind="minutes", page=2)
    ways = {folded(a.text()): urlsplit(a.attributes["href"] or "") for a in page.css(".in-other-forms a")}
    answer = client.get(ways["This search as JSON"].geturl()).get_json()
    first = urlsplit(page.css_first("article.hit .govuk-heading-s a").attributes["href"] or "").fragment
    assert first in {hit["passage_id"] for hit in answer["hits"]}
    alerts = ways["Follow this search (alerts)"]
    assert alerts.path == "/alerts"
    assert parse_qs(alerts.query) == {"q": ["care leavers"], "kind": ["minutes"]}
    feed = urlsplit(page.css_first('link[type="application/atom+xml"]').attributes["href"] or "")
    assert (feed.path, feed.query) == ("/feed.atom", alerts.query)
    compare = parse_qs(ways["Compare these authorities"].query)
    shown = [folded(where.text()) for where in page.css(".hits > li > article .where span:first-child")]
    assert set(compare["authority"]) == set(shown)


def test_links_of_a_welsh_page_stay_welsh_and_lead_somewhere(client: FlaskClient) -> None:
    page = _page(client, q=QUESTION, lang="cy", kind="minutes")
    links = {link.attributes["href"] or "" for link in page.css("main a")}
    searches = [link for link in links if urlsplit(link).path == "/"]
    assert len(searches) > 5
    assert all(parse_qs(urlsplit(link).query)["lang"] == ["cy"] for link in searches)
    for link in sorted(searches)[:4]:
        _page(client, link)
    assert client.get(next(link for link in links if link.startswith("/api/v1/search"))).status_code == 200


def test_browsers_and_reference_managers_are_told_what_they_need(client: FlaskClient) -> None:
    page = _page(client)
    address = page.css_first("link[rel=search]").attributes["href"] or ""
    described = client.get(address)
    assert described.mimetype == "application/opensearchdescription+xml"
    assert 'template="http://localhost/?q={searchTerms}"' in described.get_data(as_text=True)
    results = _page(client, q="buses")
    for article in results.css("article.hit"):
        fields = parse_qs(article.css_first(".Z3988").attributes["title"] or "")
        assert fields["rft.title"] == [folded(article.css_first(".govuk-heading-s").text())]
        assert fields["rft.identifier"][0].startswith("http")


def test_a_page_of_results_is_small(client: FlaskClient) -> None:
    for query in (QUESTION, "council", "care leavers"):
        assert len(client.get("/", query_string={"q": query}).get_data()) < 80_000


def test_a_passage_that_only_recommends_says_so(client: FlaskClient) -> None:
    page = _page(client, q="the Committee is recommended to note the performance of the leaving care service")
    article = next(
        node for node in page.css("article.hit") if "is recommended to note" in node.css_first("blockquote").text()
    )
    assert "Recommendation, not a decision" in [folded(tag.text()) for tag in article.css(".tag")]
    for node in page.css("article.hit"):
        if "RESOLVED" in node.css_first("blockquote").text():
            assert not node.css(".tag-recommendation")


def test_a_passage_can_be_added_to_a_collection_and_the_links_out_lead_somewhere(client: FlaskClient) -> None:
    page = _page(client, q="care leavers")
    add = page.css_first("article.hit").css("a")
    address = next(link.attributes["href"] or "" for link in add if "Add to a collection" in link.text())
    assert text_of(page, "article.hit blockquote")[:40] in text_of(_page(client, address), "main")
    for link in page.css(".in-other-forms a"):
        assert client.get(link.attributes["href"] or "").status_code == 200


def test_what_does_not_fit_stands_apart_from_the_answer(client: FlaskClient) -> None:
    page = checked(client.get("/", query_string={"q": "Which motions about a 20 mph speed limit were withdrawn?"}))
    answer = page.css_first("section.answer")
    assert "No evidence found in" in answer.text()
    assert "Nothing found is a motion that was withdrawn." in answer.text()
    apart = page.css_first("section.near")
    assert "On the matter, but not what was asked for" in apart.text()
    assert apart.css("li.said")
    assert "withdrawn" not in " ".join(tag.text() for tag in apart.css(".tag"))
