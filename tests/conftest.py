"""What tests share: the real encoder, the samples ingested once, and where the local material stands."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from corpus.catalogue import Catalogue
from index.build import update
from index.encoder import Encoder
from index.search import Searcher
from ingest.pipeline import ingest
from webapp import create_app

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "corpus" / "samples"
SHARED = ROOT.parent / "shared"
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()

for _name in ("MINUTEBOOK_RATE_LIMIT", "MINUTEBOOK_RATE_LIMIT_DEAR"):
    os.environ[_name] = "off"  # tests ask faster than people


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The packaged encoder, loaded once."""
    return Encoder()


@pytest.fixture(scope="session")
def sample_data(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    """A data directory with the shipped samples in it. Tests only read it."""
    directory = tmp_path_factory.mktemp("samples")
    catalogue = Catalogue(directory, create=True)
    ingest([SAMPLES], catalogue, encoder)
    update(catalogue, encoder)
    return directory


@pytest.fixture(scope="session")
def searcher(sample_data: Path, encoder: Encoder) -> Searcher:
    """Search over the samples."""
    return Searcher(Catalogue(sample_data), encoder)


@pytest.fixture(scope="session")
def app(sample_data: Path, encoder: Encoder) -> Flask:
    """The web app over the samples."""
    return create_app(data=sample_data, encoder=encoder)


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    """A client of the web app over the samples."""
    with app.test_client() as test_client:
        yield test_client


@pytest.fixture(scope="session")
def shared() -> Path:
    """The local material beside the project; tests that use it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not here")
    return SHARED


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an app by a thread, and give its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def site(app: Flask) -> Iterator[str]:
    """The address of the app, served by a thread."""
    with serving(app) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless chromium."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()
