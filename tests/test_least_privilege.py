"""The web process reads the catalogue and the indexes, and cannot write them."""

import hashlib
import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from corpus.catalogue import Catalogue
from corpus.errors import CatalogueError
from index.build import update
from index.encoder import Encoder
from ingest.pipeline import ingest
from webapp import create_app

CARE = "What did councils decide about support for care leavers?"


@pytest.fixture
def own_data(sample_data: Path, tmp_path: Path) -> Path:
    """A copy of the samples' data directory."""
    return Path(shutil.copytree(sample_data, tmp_path / "data"))


def digests(data: Path) -> dict[str, str]:
    """What the catalogue and the indexes hold, byte by byte; collections are what people write."""
    files = [file for file in data.rglob("*") if file.is_file() and not file.name.startswith("collections.db")]
    kept = [file for file in files if file.stat().st_size and not file.name.endswith("-shm")]
    return {str(file.relative_to(data)): hashlib.sha256(file.read_bytes()).hexdigest() for file in kept}


def use(client: FlaskClient) -> set[int]:
    """Use every part of the site; the statuses."""
    hit = client.get("/api/v1/search?q=buses&facets=1").get_json()["hits"][0]
    passage, document = hit["passage_id"], hit["document_id"]
    key = client.post("/api/v1/collections", json={"title": "Buses"}).get_json()["edit_key"]
    client.post(f"/api/v1/collections/{key}/entries", json={"passage_id": passage})
    pages = (
        "/", f"/?q={CARE}", f"/document/{document}", f"/passage/{passage}", f"/similar/{passage}",
        f"/cite/{passage}.ris",
        f"/compare?q={CARE}", f"/precedents?text={CARE}", "/coverage", "/coverage.csv", "/coverage/unread", "/meetings",
        "/alerts?q=buses", "/feed.atom", "/help", f"/collection/{key}", f"/collection/{key}/export?format=docx",
        "/api/v1/coverage", f"/api/v1/document/{document}", f"/api/v1/export?format=xlsx&q={CARE}", "/metrics",
    )  # fmt: skip
    found = set()
    for page in pages:
        with client.get(page) as response:
            response.get_data()
            found.add(response.status_code)
    for path, body in (("ask", {"question": CARE}), ("compare", {"question": CARE}), ("precedents", {"text": CARE})):
        found.add(client.post(f"/api/v1/{path}", json=body).status_code)
    return found


def test_no_request_changes_catalogue_or_index(own_data: Path, encoder: Encoder) -> None:
    before = digests(own_data)
    assert use(create_app(data=own_data, encoder=encoder).test_client()) <= {200, 302, 308}
    assert digests(own_data) == before
    assert (own_data / "collections.db").exists()


def test_what_the_web_opens_cannot_write(own_data: Path) -> None:
    catalogue = Catalogue(own_data, read_only=True)
    location = catalogue.connection.execute("SELECT location FROM sources LIMIT 1").fetchone()[0]
    with pytest.raises(CatalogueError, match="read only"):
        catalogue.remove([location])
    for statement in ("DELETE FROM sources", "CREATE TABLE x (y)", "PRAGMA user_version = 9"):
        with pytest.raises(Exception, match=r"readonly|read-only"):
            catalogue.connection.execute(statement)
    assert Catalogue(own_data).source(location) is not None


def test_a_reader_sees_what_is_ingested_later(own_data: Path, encoder: Encoder, tmp_path: Path) -> None:
    client = create_app(data=own_data, encoder=encoder).test_client()
    assert client.get("/readyz").get_json()["documents"] == 26
    folder = tmp_path / "more"
    folder.mkdir()
    words = "The Parks Committee resolved that the bandstand at Lower Quellingford be painted green."
    (folder / "parks.txt").write_text(f"Parks Committee\n3 June 2024\n\n1. Bandstand\n{words}\n", encoding="utf-8")
    catalogue = Catalogue(own_data)
    ingest([folder], catalogue, encoder, authority="Quellingford")
    update(catalogue, encoder)
    catalogue.close()
    hits = client.get("/api/v1/search?q=bandstand painted green").get_json()["hits"]
    assert words in hits[0]["text"]
    with client.get(f"/document/{hits[0]['document_id']}") as page:
        assert page.status_code == 200
