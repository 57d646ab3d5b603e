"""What people see, and what the log says, while a page of the catalogue or a file of the index is damaged."""

import json
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from index.encoder import Encoder
from webapp import create_app
from webapp.logs import log_requests

PAGE = 4096


@pytest.fixture
def data(sample_data: Path, tmp_path: Path) -> Path:
    """A copy of the samples' data directory, to be damaged."""
    shutil.copytree(sample_data, tmp_path / "data")
    with closing(sqlite3.connect(tmp_path / "data" / "catalogue.sqlite")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return tmp_path / "data"


@pytest.fixture
def served(data: Path, encoder: Encoder) -> FlaskClient:
    """A client of an app over that copy."""
    return create_app(data=data, encoder=encoder).test_client()


def invert(file: Path, page: int) -> None:
    """Flip every bit of a page of a file."""
    with file.open("r+b") as opened:
        opened.seek(page * PAGE)
        content = opened.read(PAGE)
        opened.seek(page * PAGE)
        opened.write(bytes(byte ^ 0xFF for byte in content))


def damaged_document(data: Path) -> tuple[str, str]:
    """Damage a page in the middle of the longest document; return its id and that of another one."""
    with closing(sqlite3.connect(data / "catalogue.sqlite")) as connection:
        rows = connection.execute("SELECT document_id, text FROM documents ORDER BY length(text)").fetchall()
    document_id, text = rows[-1]
    content, middle = (data / "catalogue.sqlite").read_bytes(), text.encode()
    places = (content.find(middle[at : at + 60]) for at in range(len(middle) // 2, len(middle), 60))
    invert(data / "catalogue.sqlite", next(place for place in places if place >= 0) // PAGE)
    return document_id, rows[0][0]


def test_a_damaged_page_of_the_catalogue_costs_what_stands_on_it(
    capsys: pytest.CaptureFixture[str], data: Path, served: FlaskClient
) -> None:
    log_requests(served.application)
    assert served.get("/readyz").status_code == 200
    document_id, _ = damaged_document(data)
    capsys.readouterr()
    page = served.get(f"/document/{document_id}")
    page.close()
    assert page.status_code == 503
    assert "minutebook check" in page.get_data(as_text=True)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["failure", "request"]
    assert {line["request_id"] for line in lines} == {page.headers["X-Request-ID"]}
    assert "malformed" in lines[0]["exception"]


def test_what_stands_on_other_pages_is_shown(data: Path, served: FlaskClient) -> None:
    document_id, other = damaged_document(data)
    answer = served.get(f"/api/v1/document/{document_id}")
    assert answer.status_code == 503
    assert "minutebook check" in answer.get_json()["error"]["message"]
    assert served.get(f"/document/{other}").status_code == 200
    assert served.get(f"/api/v1/document/{other}").status_code == 200
    assert "difrodi" in served.get(f"/document/{document_id}?lang=cy").get_data(as_text=True)


def test_a_catalogue_that_is_none_any_more_is_explained_and_what_needs_none_goes_on(
    data: Path, served: FlaskClient
) -> None:
    invert(data / "catalogue.sqlite", 0)
    answer = served.get("/api/v1/document/0123456789abcdef")
    assert answer.status_code == 503
    assert "minutebook" in answer.get_json()["error"]["message"]
    assert served.get("/healthz").status_code == 200
    assert served.get("/api").status_code == 200


@pytest.mark.parametrize("name", ["columns.npz", "dense.faiss", "lexical/meta.json", "words.tsv"])
def test_a_damaged_file_of_the_index_is_explained_when_it_is_opened(data: Path, served: FlaskClient, name: str) -> None:
    (file,) = (data / "index").glob(f"g-*/{name}")
    content = file.read_bytes()
    file.write_bytes(bytes(byte ^ 0xFF for byte in content))
    answer = served.get("/api/v1/search?q=care+leavers")
    assert answer.status_code == 503
    assert "minutebook rebuild" in answer.get_json()["error"]["message"]
    assert "minutebook rebuild" in served.get("/?q=care+leavers").get_data(as_text=True)
    assert served.get("/readyz").status_code == 503
    assert served.get("/about").status_code == 200
    file.write_bytes(content)
    assert served.get("/api/v1/search?q=care+leavers").status_code == 200


def test_words_that_are_damaged_while_they_are_searched_are_explained_or_do_no_harm(
    data: Path, served: FlaskClient, encoder: Encoder
) -> None:
    """Bytes flipped under a server may change what is found; they never make it fail without a word."""
    chance, statuses = random.Random(3), list[int]()
    for file in sorted(file for file in data.glob("index/g-*/lexical/*.*") if file.suffix not in (".json", ".lock")):
        content = file.read_bytes()
        for share in (0.002, 0.05, 1.0):
            client = create_app(data=data, encoder=encoder).test_client()
            assert client.get("/api/v1/search?q=lamps").status_code == 200
            flipped = bytearray(content)
            for _ in range(int(len(content) * share) + 1):
                flipped[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
            with file.open("r+b") as opened:  # in place: the file is mapped
                opened.write(flipped)
            for query in ("care+leavers", "%22selective+licensing%22", "planning+-budget"):
                answer = client.get(f"/api/v1/search?q={query}")
                statuses.append(answer.status_code)
                if answer.status_code != 200:
                    assert "minutebook rebuild" in answer.get_json()["error"]["message"]
            with file.open("r+b") as opened:
                opened.write(content)
    assert set(statuses) == {200, 503}
