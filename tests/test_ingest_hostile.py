"""Documents made to break readers, ingested in a process of its own: read or explained, in bounded time and memory."""

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from corpus.catalogue import Catalogue
from ingest import docx
from tests.conftest import ROOT

SECONDS = 90.0  # on a busy machine; what takes longest here takes a fifth of it alone
BYTES = 2_000_000_000  # of the whole run's largest process
_RUN = """
import json, resource, sys, time
from pathlib import Path
from corpus.catalogue import Catalogue
from ingest.pipeline import ingest
from tests.fuzz_targets import MEASURE
catalogue = Catalogue(Path(sys.argv[1]), create=True)
for file in map(Path, sys.argv[2:]):
    began = time.monotonic()
    report = ingest([file], catalogue, MEASURE)
    used = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps([report.new, report.unreadable, time.monotonic() - began, used * 1024]), flush=True)
"""
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 20}">' for a, b in pairwise("abcdefghi"))
    + "]>"
)
MANY = 100_000
FEWER = 20_000  # of what takes the reader more than a second in such numbers; one case of the kind has as many as MANY


def html(body: str) -> bytes:
    return f"<!DOCTYPE html><html><body><p>Geese.</p>{body}</body></html>".encode("utf-8", "surrogatepass")


def xml(body: str, head: str = "") -> bytes:
    return f"{head}<meeting><meetingid>7</meetingid>{body}</meeting>".encode("utf-8", "surrogatepass")


def word(body: str, head: str = "", kind: int = zipfile.ZIP_DEFLATED, pad: int = 0) -> bytes:
    """Return a Word document whose main part is given, with so many bytes of white space after it."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(docx.write("Minutes", [("Normal", "x")]))) as old,
        zipfile.ZipFile(out, "w", kind) as new,
    ):
        for entry in old.namelist():
            if entry != "word/document.xml":
                new.writestr(entry, old.read(entry))
        with new.open("word/document.xml", "w", force_zip64=True) as part:
            part.write(f"{head}<w:document {W}><w:body>{body}</w:body></w:document>".encode())
            for _ in range(pad // 1_000_000):
                part.write(b" " * 1_000_000)
    return out.getvalue()


def lying_word() -> bytes:
    """Return a Word document that says it unpacks to little and unpacks to 700 MB."""
    data = bytearray(word(paragraphs(1), pad=700_000_000))
    place = data.rfind(b"PK\x01\x02")
    while b"word/document.xml" not in bytes(data[place : place + 80]):
        place = data.rfind(b"PK\x01\x02", 0, place)
    data[place + 24 : place + 28] = (1000).to_bytes(4, "little")
    return bytes(data)


def paragraphs(count: int) -> str:
    return "".join(f"<w:p><w:r><w:t>Geese {n}.</w:t></w:r></w:p>" for n in range(count))


def table(rows: int, columns: int) -> str:
    row = f"<w:tr>{'<w:tc><w:p><w:r><w:t>Geese</w:t></w:r></w:p></w:tc>' * columns}</w:tr>"
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{row * rows}</w:tbl>"


def item(number: int) -> str:
    return (
        f"<tr><td class='mgItemNumberCell'><a name='AI{number}'></a>{number}.</td>"
        f"<td><p class='mgAiTitleTxt'>Geese {number}</p><p>Seen.</p></td></tr>"
    )


READ = "read"
CASES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "html: items": ("a.html", lambda: html(f"<table>{''.join(map(item, range(1, MANY + 1)))}</table>"), READ),
    "html: list entries": ("a.html", lambda: html(f"<ul>{'<li>Geese' * FEWER}</ul>"), READ),
    "html: nested divs": ("a.html", lambda: html("<div>" * MANY + "Ducks"), READ),
    "html: nested bold": ("a.html", lambda: html("<b>" * FEWER + "Swans"), READ),
    "html: nested tables": ("a.html", lambda: html("<table><tr><td>" * FEWER + "Terns"), READ),
    "html: huge attribute": ("a.html", lambda: html(f"<p title='{'x' * 20_000_000}'>Coots</p>"), READ),
    "html: many attributes": (
        "a.html",
        lambda: html(f"<p {' '.join(f'a{n}=1' for n in range(MANY))}>Rooks</p>"),
        READ,
    ),
    "html: wide row": ("a.html", lambda: html(f"<table><tr>{'<td>Geese</td>' * FEWER}</tr></table>"), READ),
    "html: huge title": ("a.html", lambda: b"<html><title>" + b"x" * 5_000_000 + b"</title><p>Larks", READ),
    "html: entities": ("a.html", lambda: html("&amp;&#xD800;&#0;&nosuch;" * FEWER), READ),
    "html: control characters": ("a.html", lambda: html("\u202eGeese\u2066\ufeff\x07\x1b[2J" * 50_000), READ),
    "html: NUL": ("a.html", lambda: html("\0" * 100_000), "is not text: it holds binary data"),
    "html: half characters": ("a.html", lambda: html("\ud800Geese\udfff" * 50_000), READ),
    "html: open comment": ("a.html", lambda: html("<!--" * MANY), READ),
    "xml: entity bomb": ("a.xml", lambda: xml("&i;", BOMB), "is XML with a document type: it was not read"),
    "xml: outside entity": (
        "a.xml",
        lambda: xml("&x;", '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        "is XML with a document type: it was not read",
    ),
    "xml: items": (
        "a.xml",
        lambda: xml("<agendaitem><agendaitemtitle>Geese</agendaitemtitle></agendaitem>" * 20_000),
        READ,
    ),
    "xml: nested": ("a.xml", lambda: xml("<a>" * FEWER + "</a>" * FEWER), READ),
    "xml: huge attribute": (
        "a.xml",
        lambda: xml(f"<committeetitle b='{'x' * 20_000_000}'>Larks</committeetitle>"),
        READ,
    ),
    "xml: half characters": (
        "a.xml",
        lambda: xml("<committeetitle>\ud800&#xDFFF;</committeetitle>"),
        "is not whole XML",
    ),
    "xml: forbidden characters": ("a.xml", lambda: xml("<committeetitle>Geese&#0;\x01</committeetitle>"), READ),
    "docx: bomb": ("a.docx", lambda: word(paragraphs(1), pad=600_000_000), "unpacks to more than 500 MB"),
    "docx: bomb that lies": ("a.docx", lying_word, "is a damaged Word document"),
    "docx: entity bomb": (
        "a.docx",
        lambda: word("<w:p><w:r><w:t>&i;</w:t></w:r></w:p>", BOMB),
        "damaged|holds no text",
    ),
    "docx: paragraphs": ("a.docx", lambda: word(paragraphs(FEWER)), READ),
    "docx: tall table": ("a.docx", lambda: word(table(3_000, 4)), READ),
    "docx: wide table": ("a.docx", lambda: word(table(2, 3_000)), READ),
    "docx: nested": ("a.docx", lambda: word("<w:sdt>" * 50_000 + "</w:sdt>" * 50_000), "is a damaged Word document"),
    "docx: huge attribute": ("a.docx", lambda: word(f"<w:p w:x='{'x' * 15_000_000}'/>{paragraphs(2)}"), "damaged"),
    "md: items": ("a.md", lambda: "".join(f"{n}. Geese\n" for n in range(FEWER)).encode(), READ),
    "md: nested quotes": ("a.md", lambda: b"> " * 50_000 + b"Geese", "holds no text"),
    "md: nested lists": ("a.md", lambda: "".join(f"{'  ' * n}- Geese\n" for n in range(1_000)).encode(), READ),
    "md: brackets": ("a.md", lambda: b"[" * 50_000 + b"Geese", READ),
    "md: links": ("a.md", lambda: b"[a](" * 50_000 + b"Geese", READ),
    "md: stars": ("a.md", lambda: b"*a **b " * 50_000, READ),
    "md: ticks": ("a.md", lambda: " ".join("`" * n for n in range(1, 1_000)).encode() + b" Geese", READ),
    "md: wide table": ("a.md", lambda: b"| a " * 10_000 + b"|\n" + b"|---" * 10_000 + b"|\n" + b"| b |\n" * 500, READ),
    "md: tags": ("a.md", lambda: b"<a b='" * 50_000 + b"Geese", READ),
    "txt: items": ("a.txt", lambda: "".join(f"{n}. Geese Seen\n\nNoted.\n\n" for n in range(FEWER)).encode(), READ),
    "txt: NUL": ("a.txt", lambda: b"Geese\0" * 1000, "is not text: it holds binary data"),
    "txt: half characters": ("a.txt", lambda: "Geese \ud800 \udfff".encode("utf-16", "surrogatepass"), READ),
    "txt: bidi": ("a.txt", lambda: "\u202eGeese\u2066\u2069\u200f\n".encode() * 50_000, READ),
    "txt: accents": ("a.txt", lambda: ("e" + "\u0301" * 500_000).encode(), READ),
    "txt: votes": ("a.txt", lambda: b"For (1) Against (2) " * 20_000, READ),
    "txt: spaces": ("a.txt", lambda: b"RESOLVED" + b" " * 300_000 + b"that geese be seen", READ),
    "txt: motion": (
        "a.txt",
        lambda: b"Moved by Cllr Fern, seconded by Cllr Vole, that geese be seen. LOST\n" * 5_000,
        READ,
    ),
}


Outcome = tuple[int, list[tuple[str, str]], float, int]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Catalogue, dict[str, Outcome]]:
    """Ingest every case, one after the other in one process; that process must live through all of them."""
    folder = tmp_path_factory.mktemp("hostile")
    files = {}
    for number, (case, (name, made, _)) in enumerate(CASES.items()):
        files[case] = folder / f"{number}{Path(name).suffix}"
        files[case].write_bytes(made())
    command = [sys.executable, "-W", "ignore", "-c", _RUN, folder / "data", *files.values()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS * len(files))
    assert done.returncode == 0, done.stderr
    return Catalogue(folder / "data"), dict(zip(files, map(json.loads, done.stdout.splitlines()), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_hostile_document_is_read_or_explained_in_bounded_time_and_memory(
    case: str, ran: tuple[Catalogue, dict[str, Outcome]]
) -> None:
    """One line says what is wrong where it cannot be read, and what is kept can be stored and encoded."""
    catalogue, outcomes = ran
    new, unreadable, seconds, memory = outcomes[case]
    expected = CASES[case][2]
    assert seconds < SECONDS
    assert memory < BYTES
    if expected == READ:
        assert (new, unreadable) == (1, [])
        number = list(CASES).index(case)
        found = "SELECT document_id FROM sources WHERE path LIKE ?"
        (row,) = catalogue.connection.execute(found, (f"{number}.%",)).fetchall()
        document = catalogue.document(row[0])
        assert all(document.text[one.start : one.end] == one.text for one in document.passages)
        assert not re.search(r"[\x00-\x08\x0e-\x1f\ud800-\udfff]", document.text)
    else:
        ((_, reason),) = unreadable
        assert re.search(expected, reason), reason
        assert "\n" not in reason
