"""Cite this: each form read back by a reader that is not ours, whatever the minutes hold."""

import csv
import io
import json
import re
from dataclasses import asdict, replace
from datetime import date

import pytest
from markdown_it import MarkdownIt
from pybtex import database
from selectolax.lexbor import LexborHTMLParser

from corpus.catalogue import Catalogue
from corpus.collected import shown
from corpus.reading_lists import Entry, Quoted
from index.hits import Hit
from index.search import Searcher
from ingest import docx
from webapp.citing.bibtex import bibtex_of
from webapp.citing.collected import noted
from webapp.citing.csl import csl_of
from webapp.citing.lists import COLUMNS, Noted, markdown_of, rows_of
from webapp.citing.meta import ADDRESSES, head, microdata
from webapp.citing.reference import Reference, of_document, of_hit, plain_of
from webapp.citing.ris import ris_of
from webapp.citing.word import docx_of
from webapp.shown.tables import csv_of

TODAY = date(2026, 3, 9)
HERE = "https://minutes.example/passages/00ff"
HIT = Hit(
    rank=1,
    score=1.0,
    relevance=1.0,
    passage_id="00ff" * 5,
    document_id="d0c5" * 5,
    authority="Saltby and Wick Town Council",
    committee="Harbour Committee",
    meeting_date="2025-02-13",
    item_number="7",
    item_title="Ferry steps",
    kind="minutes",
    title="Minutes of the Harbour Committee",
    page=3,
    start=10,
    end=60,
    text="The ferry steps would be mended before the regatta.",
    highlights=(),
    partial=False,
    ocr=False,
    url="https://saltby.example/a_b%20c.pdf?x=1&y=2#page=3",
    path="a.pdf",
    citation="",
    also=(),
)
UNKNOWN = dict.fromkeys(["authority", "committee", "meeting_date", "item_number", "item_title", "page", "url"])
NASTY = (
    "100% & more_of #7 for $5 {or} \\emph{it} ~ ^ <b>bold</b> | `code` *stars*",
    "}",
    "{",
    "\\",
    "ends with a backslash \\",
    "@article{evil, title = {x}}",
    '"quoted", "and", more',
    "TY  - BOOK\nTI  - Another\r\nER  - \r\n",
    "one\u2028TY  - BOOK\u2029two\x85ER  - \x0bthree\x1c",
    "\x00nul\x07bell\x1b[31mred\x7f",
    "\u202egnp.exe\u2066 isolate \u061c",
    "\udcff half a character \ufffe\uffff",
    "é ŵ ½ “quotes” – 🙂 ﬁ",
    "# heading\n\n- list\n1. one\n2) two\n> quote\n    code\n---\n===\n[x](javascript:alert(1)) ![i](y) &lt; a|b",
    "=HYPERLINK(1)",
    "word " * 40_000,
)


def folded(text: str) -> str:
    """Return what of a nasty text must still stand: its words, without controls and half characters."""
    kept = re.sub(
        "[\x00-\x08\x0e-\x1b\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]", "", text
    )
    return " ".join(kept.split())


def reference(**changes: object) -> Reference:
    return of_hit(replace(HIT, **changes), HERE, TODAY)  # type: ignore[arg-type]


def nasty(text: str) -> Reference:
    return reference(title=text, authority=text, committee=text, item_number=text, item_title=text, text=text)


def ris(text: str) -> list[dict[str, list[str]]]:
    """Read RIS strictly: only lines of tag and value, each record from TY to ER."""
    assert text.endswith("ER  - \r\n")
    records: list[dict[str, list[str]]] = []
    for line in text.removesuffix("\r\n").split("\r\n"):
        found = re.fullmatch(r"([A-Z][A-Z0-9])  - ([^\r\n\x85\u2028\u2029]*)", line)
        assert found, line[:80]
        if found[1] == "TY":
            assert not records or "ER" in records[-1]
            records.append({})
        assert "ER" not in records[-1]
        records[-1].setdefault(found[1], []).append(found[2])
    assert "ER" in records[-1]
    return records


def bibtex(text: str) -> dict[str, database.Entry]:
    return dict(database.parse_string(text, "bibtex").entries)


def spoken(field: str) -> str:
    """Return a BibTeX field as LaTeX would set it."""
    signs = {
        "backslash": "\\", "braceleft": "{", "braceright": "}", "asciitilde": "~", "asciicircum": "^", "less": "<",
        "greater": ">", "bar": "|",
    }  # fmt: skip
    return re.sub(r"\{\\text(\w+)\}|\\([%&_#$])", lambda found: signs[found[1]] if found[1] else found[2], field)


# -- what a reference holds ------------------------------------------------------------------------------


def test_ris_holds_all_that_is_known() -> None:
    (record,) = ris(ris_of([reference()]))
    assert record == {
        "TY": ["RPRT"],
        "TI": ["Minutes of the Harbour Committee"],
        "AU": ["Saltby and Wick Town Council"],
        "PB": ["Saltby and Wick Town Council"],
        "T2": ["Harbour Committee"],
        "M3": ["Minutes"],
        "PY": ["2025"],
        "DA": ["2025/02/13"],
        "SP": ["3"],
        "AB": ["The ferry steps would be mended before the regatta."],
        "UR": ["https://saltby.example/a_b%20c.pdf?x=1&y=2#page=3"],
        "Y2": ["2026/03/09"],
        "N1": ["Item 7: Ferry steps", f"Read at {HERE}"],
        "ID": ["00ff" * 5],
        "ER": [""],
    }


def test_name_with_a_comma_is_not_parted_in_ris() -> None:
    (record,) = ris(ris_of([reference(authority="Saltby, Wick and Moor Council")]))
    assert "AU" not in record
    assert record["PB"] == ["Saltby, Wick and Moor Council"]


@pytest.mark.parametrize("authority", ["Saltby and Wick Town Council", "Saltby, Wick and Moor Council", "von Moor"])
def test_bibtex_keeps_the_authority_whole(authority: str) -> None:
    (entry,) = bibtex(bibtex_of([reference(authority=authority)])).values()
    (author,) = entry.persons["author"]
    assert author.last_names == [f"{{{authority}}}"]
    assert (author.first_names, author.prelast_names) == ([], [])
    assert entry.fields["institution"] == authority


def test_bibtex_holds_all_that_is_known() -> None:
    (entry,) = bibtex(bibtex_of([reference()])).values()
    assert entry.type == "techreport"
    assert entry.key == "saltby2025-00ff00ff"
    fields = {name: entry.fields[name] for name in ("year", "month", "date", "pages", "type", "url", "urldate")}
    assert fields == {
        "year": "2025",
        "month": "February",
        "date": "2025-02-13",
        "pages": "3",
        "type": "Minutes",
        "url": "https://saltby.example/a_b%20c.pdf?x=1&y=2#page=3",
        "urldate": "2026-03-09",
    }
    assert spoken(entry.fields["title"]) == f"{{{HIT.title}}}"
    assert entry.fields["abstract"] == HIT.text
    for part in ("Harbour Committee", "Item 7: Ferry steps", HERE):
        assert part in entry.fields["note"]


def test_csl_holds_all_that_is_known_in_fields_of_its_schema() -> None:
    (item,) = json.loads(csl_of([reference(partial=True, ocr=True)]))
    assert item["type"] == "report"
    assert item["author"] == [{"literal": "Saltby and Wick Town Council"}]
    assert item["issued"] == {"date-parts": [[2025, 2, 13]]}
    assert item["accessed"] == {"date-parts": [[2026, 3, 9]]}
    assert (item["page"], item["section"]) == ("3", "Item 7: Ferry steps")
    assert (item["collection-title"], item["abstract"]) == ("Harbour Committee", HIT.text)
    assert "Partial record" in item["note"]
    assert "optical character recognition" in item["note"]
    standard = {"abstract", "collection-title", "genre", "note", "page", "publisher", "section", "title", "URL"}
    assert set(item) <= standard | {"id", "type", "author", "issued", "accessed"}
    assert all(isinstance(item[name], str) for name in standard & set(item))


def test_what_is_unknown_is_left_out_and_never_invented() -> None:
    nothing = reference(**UNKNOWN)
    (record,) = ris(ris_of([nothing]))
    assert set(record) == {"TY", "TI", "M3", "AB", "UR", "Y2", "ID", "ER"}
    assert record["UR"] == [HERE]  # where there is no original, the passage itself is the address
    (entry,) = bibtex(bibtex_of([nothing])).values()
    assert (entry.type, dict(entry.persons)) == ("misc", {})
    assert set(entry.fields) == {"title", "type", "url", "urldate", "abstract"}
    (item,) = json.loads(csl_of([nothing]))
    assert set(item) == {"id", "type", "title", "genre", "abstract", "URL", "accessed"}
    assert {name for name, _ in head(nothing)} == {
        "citation_title", "citation_abstract", "citation_public_url", "DC.title", "DC.type", "DC.description",
        "DC.identifier",
    }  # fmt: skip
    assert {name for name, _ in microdata(nothing)} == {"name", "genre", "abstract", "url"}
    text = plain_of(nothing)
    assert text.startswith("Authority unknown, committee unknown, date unknown")
    assert text.endswith(f"{HERE} (accessed 9 March 2026)")


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://", "http://[bad", "", "//x.example"],
)
def test_address_that_is_none_is_not_cited(url: str) -> None:
    found = of_hit(replace(HIT, url=url), HERE, TODAY)
    assert (found.source, found.url) == (None, HERE)


def test_address_is_written_in_characters_that_break_nothing() -> None:
    found = reference(url=' https://saltby.example/a b{c}\\d"e\nTY  - x<>é|`^')
    (record,) = ris(ris_of([found]))
    (entry,) = bibtex(bibtex_of([found])).values()
    (item,) = json.loads(csl_of([found]))
    assert record["UR"] == [entry.fields["url"]] == [item["URL"]]
    assert item["URL"] == "https://saltby.example/a%20b%7Bc%7D%5Cd%22e%0ATY%20%20-%20x%3C%3E%C3%A9%7C%60%5E"


# -- nasty texts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_nasty_text_stays_inside_its_ris_record(text: str) -> None:
    records = ris(ris_of([nasty(text), reference()]))
    assert [record["ID"] for record in records] == [["00ff" * 5]] * 2
    assert records[0]["AB"] == records[0]["TI"] == records[0]["T2"] == [folded(text)]
    assert records[1] == ris(ris_of([reference()]))[0]


@pytest.mark.parametrize("text", NASTY[:-1], ids=range(len(NASTY) - 1))
def test_nasty_text_stays_inside_its_bibtex_entry(text: str) -> None:
    entries = bibtex(bibtex_of([nasty(text), reference()]))
    assert len(entries) == 2
    first, second = entries.values()
    assert spoken(first.fields["abstract"]) == folded(text)
    assert spoken(first.fields["title"]) == f"{{{folded(text)}}}"
    assert spoken(first.persons["author"][0].last_names[0]) == f"{{{folded(text)}}}"
    assert second.fields["abstract"] == HIT.text


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_nasty_text_stays_inside_its_csl_item(text: str) -> None:
    written = csl_of([nasty(text), reference()])
    first, second = json.loads(written.encode("utf-8"))
    assert first["abstract"] == first["title"] == first["author"][0]["literal"] == folded(text)
    assert second["abstract"] == HIT.text


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_nasty_text_is_text_in_markdown(text: str) -> None:
    page = LexborHTMLParser(
        MarkdownIt("commonmark")
        .enable(["table", "strikethrough"])
        .render(markdown_of(text, [Noted(nasty(text), text), Noted(reference())]))
    )
    assert {node.tag for node in page.body.css("*")} <= {"body", "h1", "blockquote", "p", "a"}  # type: ignore[union-attr]
    links = {node.attributes["href"] for node in page.css("a")}
    assert links <= {reference().url, HERE}
    assert folded(page.css("blockquote")[0].text()) == folded(text)
    assert folded(page.css_first("h1").text()) == folded(text)  # type: ignore[union-attr]
    assert f"Note: {folded(text)}" in folded(page.body.text())  # type: ignore[union-attr]
    assert folded(page.css("blockquote")[1].text()) == HIT.text


def test_long_bibtex_entry_is_written_whole() -> None:
    written = bibtex_of([reference(text="ferry " * 200_000)])
    assert written.count("ferry") == 200_000
    assert written.endswith("},\n}\n")


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_nasty_text_is_one_line_in_meta(text: str) -> None:
    for name, value in (*head(nasty(text)), *microdata(nasty(text))):
        assert value == folded(value), name


# -- pages and lists -------------------------------------------------------------------------------------


def test_head_names_no_author_that_zotero_would_take_for_a_person() -> None:
    pairs = dict(head(reference()))
    assert pairs["citation_technical_report_institution"] == "Saltby and Wick Town Council"
    assert (pairs["citation_date"], pairs["DC.date"]) == ("2025/02/13", "2025-02-13")
    assert (pairs["DC.identifier"], pairs["DC.source"]) == (HERE, reference().source)
    assert not {"citation_author", "DC.creator"} & set(pairs)


def test_microdata_claims_no_day_of_publication() -> None:
    pairs = dict(microdata(reference()))
    assert (pairs["author"], pairs["contentReferenceTime"]) == ("Saltby and Wick Town Council", "2025-02-13")
    assert "datePublished" not in pairs
    assert {name for name, value in pairs.items() if value.startswith("https:")} == ADDRESSES


def test_every_entry_of_a_list_has_a_key_of_its_own() -> None:
    twin = reference(passage_id="00ff00ff" + "a" * 12)
    entries = bibtex(bibtex_of([reference(), twin, reference(), reference(), reference(authority="Ŵ", url=None)]))
    assert len(entries) == 5
    assert all(re.fullmatch(r"[a-z]+\d{4}-[0-9a-f]+(-\d+)?", key) for key in entries)
    assert bibtex_of([reference()]) == bibtex_of([reference()])


def test_no_references_are_written_as_none() -> None:
    assert (ris_of([]), bibtex_of([]), json.loads(csl_of([]))) == ("", "", [])


def test_list_says_what_cannot_be_verified() -> None:
    gone = Noted(None, "Check the paper copy.", "Saltby Town Council, Harbour_Committee, date unknown.")
    text = markdown_of("Ferries", [Noted(reference(ocr=True), "First\n\nSecond"), gone])
    assert text.startswith(f"# Ferries\n\n> {HIT.text}\n\nSaltby and Wick Town Council, Harbour Committee, 13 February")
    assert f"<{HERE}>" in text
    assert "(Text read by optical character recognition)" in text
    assert "Note: First\n\nSecond" in text
    assert "Harbour\\_Committee, date unknown. The document this passage stands in is not held" in text
    assert "Note: Check the paper copy." in text
    _, row = rows_of([Noted(reference()), gone])
    assert row[1] is None
    assert str(row[0]).endswith("cannot be verified or shown.")


@pytest.mark.parametrize("text", NASTY[:-1], ids=range(len(NASTY) - 1))
def test_rows_of_a_list_are_read_back_from_a_table(text: str) -> None:
    rows = list(rows_of([Noted(nasty(text), "why"), Noted(reference()), Noted(None, "", text)]))
    assert all(len(row) == len(COLUMNS) for row in rows)
    read = list(csv.DictReader(io.StringIO(csv_of(COLUMNS, rows), newline="")))
    assert read[0]["quote"].removeprefix("'") == text
    assert read[1]["page"] == "3"
    assert read[1]["meeting_date"] == "2025-02-13"


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_word_document_holds_the_list(text: str) -> None:
    entries = [Noted(nasty(text), text), Noted(reference(ocr=True), "Why"), Noted(None, "", text)]
    reading = docx.read(docx_of(text, entries))
    words = folded(reading.text)
    said = folded(text).replace("ﬁ", "fi")  # which our reader does to every document
    assert words.startswith(f"{said} {said} ")  # the title, the quote
    assert f"Note: {said}" in words
    assert f"{HIT.text} Saltby and Wick Town Council, Harbour Committee, 13 February 2025" in words
    assert f"(Text read by optical character recognition) {reference().url} {HERE} Note: Why" in words
    assert words.endswith("cannot be verified or shown.")


def test_found_passages_and_their_documents_can_be_cited(searcher: Searcher) -> None:
    hits = searcher.search("speed limit").hits
    assert hits
    references = [of_hit(hit, f"http://localhost:8000/documents/{hit.document_id}", TODAY) for hit in hits]
    records, items = ris(ris_of(references)), json.loads(csl_of(references))
    entries = bibtex(bibtex_of(references))
    assert len(records) == len(items) == len(entries) == len(hits)
    for hit, item, record in zip(hits, items, records, strict=True):
        assert item["abstract"] == record["AB"][0] == " ".join(hit.text.split())
        assert item.get("publisher") == hit.authority
        assert record.get("UR") == [hit.url or f"http://localhost:8000/documents/{hit.document_id}"]
    assert all(hit.citation.split(" https://")[0] in plain_of(one) for hit, one in zip(hits, references, strict=True))


def test_collection_is_cited_with_what_is_still_held(searcher: Searcher) -> None:
    catalogue = searcher.catalogue
    hit = searcher.search("speed limit").hits[0]
    text = catalogue.document(hit.document_id).text
    whole = Quoted(hit.passage_id, hit.document_id, hit.text, hit.start, hit.end, hit.citation)
    recut = Quoted("f" * 20, hit.document_id, text[hit.start : hit.end - 1], hit.start, hit.end - 1, hit.citation)
    gone = Quoted("e" * 20, "e" * 20, "These words are kept nowhere.", 0, 29, "Saltby Town Council, p. 2.")
    changed = replace(recut, quote=recut.quote[::-1])
    entries = shown(catalogue, [Entry(one, "why", "2026-01-01") for one in (whole, recut, gone, changed)])
    found = noted(catalogue, entries, lambda document, passage: f"https://here.example/{document}/{passage}", TODAY)
    assert found[0] == Noted(of_hit(hit, f"https://here.example/{hit.document_id}/{hit.passage_id}", TODAY), "why")
    second = found[1].reference
    assert second is not None
    assert (second.quote, second.authority, second.key) == (recut.quote, hit.authority, "f" * 20)
    assert second.permalink == f"https://here.example/{hit.document_id}/None"
    assert [one.reference for one in found[2:]] == [None, None]
    written = markdown_of("Mine", found)
    assert "Saltby Town Council, p. 2. The document this passage stands in is not held any more" in written
    assert "does not hold these words at this place any more" in written
    assert "kept nowhere" not in written
    assert changed.quote not in written
    assert noted(catalogue, (), lambda document, passage: "", TODAY) == ()


def test_document_is_cited_without_a_quote(searcher: Searcher) -> None:
    catalogue: Catalogue = searcher.catalogue
    hit = searcher.search("speed limit").hits[0]
    document = catalogue.document(hit.document_id)
    whole = of_document(document, HERE, TODAY)
    assert asdict(whole) | {"quote": None, "page": None} == asdict(whole)
    assert (whole.key, whole.title, whole.authority) == (hit.document_id, hit.title, hit.authority)
    assert "AB" not in ris(ris_of([whole]))[0]
    assert "abstract" not in json.loads(csl_of([whole]))[0]
    assert "abstract" not in bibtex(bibtex_of([whole])).popitem()[1].fields
    assert ">" not in markdown_of("", [Noted(whole)]).split("<")[0]
