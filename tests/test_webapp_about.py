"""What the site says about itself: help, about, accessibility, privacy."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from index.answers.answerable import THRESHOLD
from index.encoder import Encoder
from tests.browser_checks import problems_of
from tests.page_checks import checked, text_of
from webapp import create_app

PAGES = ("/help", "/about", "/accessibility", "/privacy")


@pytest.mark.parametrize("address", PAGES)
def test_every_page_leads_to_them(client: FlaskClient, address: str) -> None:
    """By its foot."""
    for page in ("/", "/coverage", "/no/such/page"):
        links = {link.attributes["href"] for link in checked(client.get(page)).css("footer a")}
        assert address in links


@pytest.mark.parametrize("address", PAGES)
def test_every_link_of_the_site_in_them_leads_somewhere(client: FlaskClient, address: str) -> None:
    """Whether on the same page or to another."""
    page = checked(client.get(address))
    for link in page.css("main a[href^='/']"):
        target = (link.attributes["href"] or "").partition("#")[0]
        assert client.get(target).status_code == 200, target


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize(
    ("contact", "shown"),
    [
        ("", "the host of this site has given no contact"),
        ("minutes@council.example", 'href="mailto:minutes@council.example"'),
        ("https://council.example/contact", 'href="https://council.example/contact"'),
        ("The Clerk, <Town Hall>", "The Clerk, &lt;Town Hall&gt;"),
        ("javascript:alert(1)", "<bdi>javascript:alert(1)</bdi>"),
    ],
)
def test_the_contact_is_that_of_the_host(
    monkeypatch: pytest.MonkeyPatch, sample_data: Path, encoder: Encoder, address: str, contact: str, shown: str
) -> None:
    """A link where it can be one; and where there is none, that is said."""
    monkeypatch.setenv("MINUTEBOOK_CONTACT", contact)
    response = create_app(data=sample_data, encoder=encoder).test_client().get(address)
    checked(response)
    assert shown in response.get_data(as_text=True)


def test_the_examples_of_the_help_can_be_searched(client: FlaskClient) -> None:
    """Each leads to a search that is understood."""
    examples = [link.attributes["href"] or "" for link in checked(client.get("/help")).css("main a[href*='q=']")]
    assert len(examples) >= 2
    assert all(client.get(example).status_code == 200 for example in examples)


def test_the_operators_of_the_help_are_understood(client: FlaskClient) -> None:
    """Each filter that the help shows takes effect; none is searched for as a word."""
    shown = [code.text() for code in checked(client.get("/help")).css("main dt code")]
    operators = [one for one in shown if one.partition(":")[0] in ("committee", "kind", "from", "to")]
    assert len(operators) >= 4
    for operator in operators:
        response = client.get("/api/v1/search", query_string={"q": f"{operator} parking"})
        if response.status_code == 200:
            assert response.get_json()["understood"]["found"], operator
        else:
            assert "holds no" in response.get_json()["error"]["message"]


def test_about_names_the_limit_that_answers_have(client: FlaskClient) -> None:
    """The figure is that of the code."""
    assert f"at least {THRESHOLD * 100:g} per cent" in text_of(checked(client.get("/about")), "main")


@pytest.mark.parametrize("address", ["/about", "/privacy"])
def test_the_host_of_a_language_model_is_named_without_its_secrets(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Whoever asks can know where the question goes; keys in the address are not shown."""
    assert "No language model is set" in text_of(checked(client.get(address)), "main")
    monkeypatch.setenv("MINUTEBOOK_LLM_URL", "https://someone:s3cret@models.example:8443/v1?key=sesame")
    text = checked(client.get(address)).html or ""
    assert "models.example" in text
    assert "s3cret" not in text
    assert "sesame" not in text


@pytest.mark.parametrize("address", PAGES)
def test_pages_have_no_barriers(site: str, browser: Browser, address: str) -> None:
    """In a real browser, at every width."""
    assert problems_of(browser, f"{site}{address}", site) == []
