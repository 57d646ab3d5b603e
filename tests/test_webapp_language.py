"""The Welsh pages: the catalogue holds every text, and what a source says stays as it is."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from selectolax.lexbor import LexborHTMLParser, LexborNode

import corpus
import index
from corpus.filters import regions, types
from index.search import Searcher
from tests.browser_checks import problems_of
from tests.page_checks import checked, folded, text_of
from webapp.pages.errors import OF_THE_LAYERS_BELOW
from webapp.shown.register_words import REGIONS, TYPES

ROOT = Path(__file__).parent.parent
QUESTION = "How often must care leavers be contacted?"
PAGES = {
    "home": "/",
    "answer": f"/?q={QUESTION}",
    "filtered": "/?q=care+leavers+since+2020&kind=minutes&committee=Corporate+Parenting&type=County",
    "by date": "/?q=buses&order=date&page=2",
    "nothing found": "/?q=xyzzyq&kind=minutes",
    "wrong date": "/?q=buses&from=2024-13-01",
    "document": "/document/{document_id}",
    "document at a passage": "/document/{document_id}?passage={passage_id}",
    "similar": "/similar/{passage_id}",
    "not found": "/document/nope",
    "compare": "/compare",
    "comparison": "/compare?q=care+leavers",
    "comparison with errors": "/compare?q=care+leavers&from=x&region=100%25",
    "precedents": "/precedents?text=That+this+Council+supports+20+mph+limits",
    "coverage": "/coverage?held=yes",
    "coverage with an error": "/coverage?order=x",
    "unread files": "/coverage/unread",
    "authority": "/authority/port-ansel-city-council",
    "meetings": "/authority/port-ansel-city-council/meetings",
    "meetings to come": "/meetings",
    "collections": "/collections",
    "alerts": "/alerts?q=care+leavers",
    "lost collection": "/collection/nope",
    "interface for programs": "/api",
    "help": "/help",
    "about": "/about",
    "accessibility": "/accessibility",
    "privacy": "/privacy",
}
_PLACEHOLDER = re.compile(r"%\(\w+\)s|%%\{\w+\}|%%|<[^>]+>")
_OF_SOURCES = "bdi, blockquote, [dir=auto], [lang=en], code, pre, cite, time, title, .Z3988, .copy"


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The texts of the code, as `make texts` takes them out of it."""
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").split("\ntexts:")[1].split("\n\n")[0]
    options = re.search(r"pybabel (-q extract .*?) -o texts\.pot", recipe.replace("\\\n", " "), re.DOTALL)
    assert options
    texts = tmp_path_factory.mktemp("texts") / "texts.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", *options[1].split(), "-o", str(texts), "webapp"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with texts.open(encoding="utf-8") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def welsh() -> Catalog:
    """The Welsh catalogue."""
    with (ROOT / "webapp" / "translations" / "cy.po").open(encoding="utf-8") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def place(searcher: Searcher) -> dict[str, str]:
    """A hit of the samples, to fill the addresses with."""
    hit = searcher.search(QUESTION).hits[0]
    return {"document_id": hit.document_id, "passage_id": hit.passage_id}


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def test_every_text_of_the_code_is_translated(extracted: Catalog, welsh: Catalog) -> None:
    texts = [message.id for message in extracted if message.id]
    assert len(texts) > 500
    left = []
    for text in texts:
        found = welsh.get(text if isinstance(text, str) else text[0])
        if found is None or found.fuzzy or found.id != text or not all(_forms(found)):
            left.append(text)
        elif isinstance(text, tuple) and len(_forms(found)) != welsh.num_plurals:
            left.append(text)
    assert left == []


def test_a_translation_keeps_what_is_filled_in_and_the_markup(welsh: Catalog) -> None:
    for message in (message for message in welsh if message.id):
        originals = (message.id,) if isinstance(message.id, str) else message.id
        allowed = [sorted(_PLACEHOLDER.findall(original)) for original in originals]
        for form in _forms(message):
            assert sorted(_PLACEHOLDER.findall(form)) in allowed, form


def test_welsh_has_a_form_for_each_number_after_which_words_change(welsh: Catalog) -> None:
    assert "nplurals=5" in welsh.plural_forms
    meetings = welsh.get("%(number)s meeting")
    assert meetings is not None
    forms = _forms(meetings)
    assert [forms[n].split()[1] for n in range(5)] == ["cyfarfod", "cyfarfod", "gyfarfod", "chyfarfod", "chyfarfod"]


def test_what_the_register_and_the_layers_below_say_is_what_is_translated() -> None:
    assert set(regions()) == set(REGIONS)
    assert set(types()) <= set(TYPES)
    below = [Path(layer.__file__ or "").parent for layer in (corpus, index)]
    code = "\n".join(path.read_text(encoding="utf-8") for layer in below for path in layer.rglob("*.py"))
    assert [message for message in OF_THE_LAYERS_BELOW if message not in code] == []


def _welsh(address: str, place: dict[str, str]) -> str:
    filled = address.format(**place)
    return f"{filled}{'&' if '?' in filled else '?'}lang=cy"


@pytest.mark.parametrize("state", PAGES)
def test_page_is_in_welsh_and_leads_on_in_welsh(client: FlaskClient, place: dict[str, str], state: str) -> None:
    english, address = PAGES[state].format(**place), _welsh(PAGES[state], place)
    response = client.get(address)
    assert response.status_code == client.get(english).status_code
    page = checked(response)
    assert page.css_first("html").attributes["lang"] == "cy"
    switch = _one(page, ".languages a").attributes["href"] or ""
    assert urlsplit(switch).path == urlsplit(english).path or state == "not found"
    assert _without_language(switch) == _without_language(english)
    for link in page.css("nav a[href^='/'], footer a[href^='/'], main a[href^='/']"):
        target = link.attributes["href"] or ""
        if _is_page(client, target):
            assert parse_qs(urlsplit(target).query).get("lang") == ["cy"], f"{target} leaves Welsh"
    for form in page.css("form[method=get]"):
        assert [node.attributes["value"] for node in form.css("input[name=lang]")] == ["cy"]


def _one(page: LexborHTMLParser, selector: str) -> LexborNode:
    node = page.css_first(selector)
    assert node is not None
    return node


def _without_language(address: str) -> dict[str, list[str]]:
    return {name: values for name, values in parse_qs(urlsplit(address).query).items() if name != "lang"}


def _is_page(client: FlaskClient, address: str) -> bool:
    """Tell whether an address is one of a page, and not of a file or of the interface for programs."""
    path = urlsplit(address).path
    return not re.search(r"^/(api|static|original|collected)/|\.\w+$|/(cite|export)/", path)


@pytest.mark.parametrize("state", PAGES)
def test_no_text_of_ours_stays_english(client: FlaskClient, place: dict[str, str], state: str) -> None:
    """This test ensures that a page has no text in both languages but names, and words that are marked as English."""
    english = _texts(client.get(PAGES[state].format(**place)).get_data(as_text=True))
    welsh = _texts(client.get(_welsh(PAGES[state], place)).get_data(as_text=True))
    page = checked(client.get(_welsh(PAGES[state], place)))
    named = " ".join(folded(node.text()) for node in page.css("bdi, blockquote, article h2, article h3"))
    kept = {"Minutebook", "Cymraeg", "API", "Minutebook: care leavers"}
    assert [text for text in (english & welsh) - kept if text.strip(": ") not in named] == []


def _texts(html: str) -> set[str]:
    """Return the texts of a page with a word in them, outside what is the sources' own or marked as English."""
    page = LexborHTMLParser(html)
    for node in page.css(_OF_SOURCES):
        node.decompose()
    texts = {folded(node.text()) for node in _one(page, "body").traverse(include_text=True) if node.tag == "-text"}
    for name in ("aria-label", "title", "placeholder", "alt", "data-label"):
        texts |= {folded(node.attributes[name] or "") for node in page.css(f"[{name}]")}
    return {text for text in texts if re.search("[A-Za-z]{3}", text)}


def test_dates_and_outcomes_are_welsh_and_quotes_stand(client: FlaskClient) -> None:
    query = {"q": "care leavers", "authority": "London Borough of Eastmarsh", "committee": "Cabinet"}
    english = checked(client.get("/", query_string=query))
    welsh = checked(client.get("/", query_string=query | {"lang": "cy"}))
    assert text_of(english, "article.hit time") == "15 September 2021"
    assert text_of(welsh, "article.hit time") == "15 Medi 2021"
    quotes = [[node.text() for node in page.css("blockquote")] for page in (english, welsh)]
    assert quotes[0]
    assert quotes[0] == quotes[1]
    assert re.search(r"Chwiliwyd \d+ (d|dd)ogfen gan \d+ awdurdod", text_of(welsh, ".searched"))


def test_a_collection_is_kept_in_welsh(client: FlaskClient, place: dict[str, str]) -> None:
    """This test ensures that a change leads on in Welsh, though it is sent by a form."""
    page = checked(client.get("/collections?lang=cy"))
    start = next(form for form in page.css("form[method=post]") if form.css("input[name=title]"))
    started = client.post(start.attributes["action"] or "", data={"title": "Bysiau"}, follow_redirects=True)
    assert "Dechreuwyd y casgliad." in text_of(checked(started), "main")
    cookie = client.get_cookie("collection")
    assert cookie is not None
    add = _welsh("/collections/add?passage={passage_id}", place)
    added = client.post(add, data={"note": "", "collection": cookie.value}, follow_redirects=True)
    assert "lang=cy" in added.request.url
    assert "1 darn" in text_of(checked(added), "main")


def test_numbers_take_the_form_that_welsh_gives_them(client: FlaskClient) -> None:
    page = checked(client.get("/?lang=cy"))
    assert "26 dogfen gan 8 awdurdod" in text_of(page, "main")


def test_messages_of_the_layers_below_are_welsh_or_marked_as_english(client: FlaskClient) -> None:
    known = checked(client.get("/?q=-buses&lang=cy"))
    assert "Dim ond dweud beth i’w hepgor" in text_of(known, ".govuk-error-summary")
    composed = checked(client.get("/?q=buses&from=2024-13-01&lang=cy"))
    assert "2024-13-01" in text_of(composed, ".govuk-error-summary [lang=en]")
    form = checked(client.get("/compare?q=&from=x&lang=cy"))
    assert "Teipiwch gwestiwn." in text_of(form, ".govuk-error-summary")
    assert not form.css('.govuk-error-summary [href="#q"] [lang=en]')
    assert form.css('.govuk-error-summary [href="#from"] [lang=en]')
    told = checked(client.get("/coverage/unread?page=0&lang=cy"))
    assert text_of(told, "main .govuk-body-l") == "Rhif o 1 i fyny yw tudalen."
    assert not told.css("main .govuk-body-l [lang=en]")
    escaped = checked(client.get("/?q=kind:%3Cb%3Ex%3C/b%3E&lang=cy"))
    assert "<b>x</b>" in text_of(escaped, ".govuk-error-summary [lang=en]")


def test_a_typed_percent_sign_is_no_placeholder(client: FlaskClient) -> None:
    for address in ("/compare?q=x&region=100%25", "/?q=buses&type=%25(number)s", "/coverage?type=%25d"):
        assert client.get(f"{address}&lang=cy").status_code == 400


@pytest.mark.parametrize("state", ["answer", "document at a passage", "comparison with errors"])
def test_welsh_page_has_no_barrier(browser: Browser, site: str, place: dict[str, str], state: str) -> None:
    assert problems_of(browser, site + _welsh(PAGES[state], place), site) == []
