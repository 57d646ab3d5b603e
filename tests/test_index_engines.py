"""The same search whatever engine has the vectors: FAISS here, milvus-lite, or a Milvus server.

milvus-lite is tested where it is installed; the server where MINUTEBOOK_TEST_MILVUS=1 says that it may be started,
and a cluster in its place where MINUTEBOOK_TEST_MILVUS=cluster does.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from corpus.catalogue import Catalogue
from corpus.errors import EngineError, IndexMismatchError, MinutebookError, QueryError
from corpus.filters import Filters, resolve
from index import engine, engine_index, milvus
from index.build import index_directory, update
from index.encoder import Encoder
from index.engine_address import address
from index.entries import entries
from index.generations import current
from index.migrate import migrate
from index.search import Searcher
from ingest.pipeline import ingest
from tests import milvus_cluster, milvus_server
from tests.conftest import ROOT, SAMPLES
from webapp import create_app
from webapp.cli import main

OVERLAP = 0.98  # of the nearest passages that every engine must have in common with FAISS
COSINE = 1e-4  # how far a cosine may differ
WORDS, WORDS_MEAN = 0.8, 0.9  # of the 50 best by words, where the engine ranks them by BM25 of its own: least, and mean
SCORE = 0.2  # how far such scores may differ on average, as a share of ours: fields count as one text, with one length
QUESTIONS = ("How are care leavers housed?", "school transport", "Was the budget agreed?", "cycle lanes", "flooding")
SERVER = "MINUTEBOOK_TEST_MILVUS"
FILTERS = [
    Filters(),
    Filters(kinds=("decision",)),
    Filters(date_from="2023-06-01"),
    Filters(date_to="2023-12-31", kinds=("minutes", "motion")),
    Filters(date_from="2024-01-01", unknown_too=("date", "authority")),
    Filters(types=("London borough",)),
]


Started = milvus_server.MilvusServer | milvus_cluster.MilvusCluster


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """A Milvus server or cluster of its own."""
    kind = os.environ.get(SERVER)
    if kind not in ("1", "cluster"):
        pytest.skip(f"set {SERVER}=1 to start a Milvus server, or {SERVER}=cluster")
    if not (milvus_server.installed() and find_spec("pymilvus")):
        pytest.skip("the packages milvus and pymilvus are not installed")
    if kind == "cluster" and milvus_cluster.missing():
        pytest.skip(milvus_cluster.missing())
    running = milvus_cluster.running if kind == "cluster" else milvus_server.running
    try:
        with running(tmp_path_factory.mktemp("milvus")) as started:
            yield started
    except TimeoutError as exc:
        pytest.skip(str(exc))


@pytest.fixture(scope="module", params=["embedded", "lite", "server"])
def where(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The setting of each engine."""
    if request.param == "server":
        return request.getfixturevalue("server").engine  # type: ignore[no-any-return]
    if request.param == "embedded":
        return ""
    if not (find_spec("milvus_lite") and find_spec("pymilvus")):
        pytest.skip("the packages milvus-lite and pymilvus are not installed")
    return f"milvus+lite://{tmp_path_factory.mktemp('lite') / 'vectors.db'}"


@pytest.fixture(scope="module")
def samples(where: str, tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Catalogue:
    """The samples, with their vectors in the engine. Tests only read it."""
    catalogue = Catalogue(tmp_path_factory.mktemp("samples_there"), create=True)
    ingest([SAMPLES], catalogue, encoder)
    update(catalogue, encoder, where=where)
    return catalogue


@pytest.fixture(scope="module")
def there(samples: Catalogue, where: str, encoder: Encoder) -> Searcher:
    """Search over the samples with their vectors in the engine."""
    return Searcher(samples, encoder, where=where)


@pytest.fixture
def small(tmp_path: Path, where: str, encoder: Encoder) -> Catalogue:
    """Three passages, with their vectors in the engine."""
    folder = tmp_path / "minutes"
    folder.mkdir()
    for name, text in {
        "ducks": "The ducks on the village pond are fed with oats.",
        "swings": "The swings in Long Meadow are painted green.",
        "lamps": "The lamps in Church Lane burn all night.",
    }.items():
        (folder / f"{name}.txt").write_text(f"{text}\n", encoding="utf-8")
    catalogue = Catalogue(tmp_path / "data", create=True)
    ingest([folder], catalogue, encoder)
    update(catalogue, encoder, where=where)
    return catalogue


def found(searcher: Searcher, query: str, filters: Filters | None = None) -> dict[int, float]:
    """Return the cosines by row of the 50 nearest passages."""
    return searcher.near(searcher.encoded(query), 50, resolve(searcher.catalogue, filters or Filters()))


def texts(searcher: Searcher, query: str) -> list[str]:
    return [hit.text.strip() for hit in searcher.search(query).hits]


# -- the contract --------------------------------------------------------------------------------------


@pytest.mark.parametrize("filters", FILTERS)
def test_every_engine_finds_what_faiss_finds(there: Searcher, searcher: Searcher, filters: Filters) -> None:
    for query in QUESTIONS:
        here, elsewhere = found(searcher, query, filters), found(there, query, filters)
        assert len(here) == len(elsewhere)
        common = here.keys() & elsewhere.keys()
        assert len(common) >= OVERLAP * len(here)
        assert all(abs(here[row] - elsewhere[row]) < COSINE for row in common)


def test_filters_by_name_let_through_the_same(there: Searcher, searcher: Searcher) -> None:
    names = searcher.columns
    for chosen in (
        *(Filters(authorities=(name,)) for name in names.authorities),
        *(Filters(committees=(name,)) for name in names.committees[:5]),
        *(Filters(documents=(name,)) for name in names.documents[:5]),
        replace(Filters(authorities=names.authorities[:2]), unknown_too=("authority",)),
    ):
        here, elsewhere = found(searcher, QUESTIONS[0], chosen), found(there, QUESTIONS[0], chosen)
        assert len(here.keys() & elsewhere.keys()) >= OVERLAP * len(here)
        allowed = set(names.row[names.matching(resolve(searcher.catalogue, chosen))].tolist())
        assert elsewhere.keys() <= allowed


def test_phrases_and_exclusions_hold(there: Searcher, searcher: Searcher) -> None:
    for query in ('transport "school"', "school -transport", "budget -council -school", "care leavers"):
        here = [hit.passage_id for hit in searcher.search(query, k=20).hits]
        assert here == [hit.passage_id for hit in there.search(query, k=20).hits]


def test_few_of_many_are_found_too(there: Searcher, searcher: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_index, "LISTED", 60)  # of the samples; 10,000 of a large collection
    for filters in FILTERS:
        here, elsewhere = (found(one, "transport", filters) for one in (searcher, there))
        assert len(here.keys() & elsewhere.keys()) >= OVERLAP * len(here)
        for query in ('council "school"', "budget -school"):
            ids = [[hit.passage_id for hit in one.search(query, filters, k=20).hits] for one in (searcher, there)]
            assert ids[0] == ids[1]


def test_vectors_are_those_of_the_catalogue(there: Searcher) -> None:
    rows = there.columns.row[[5, 0, 17]].tolist()
    stored = dict(there.catalogue.vectors(there.encoder.model_id, sorted(rows)))
    expected = np.stack([np.frombuffer(stored[row], "<f4") for row in rows])
    assert np.allclose(there.vectors(rows), expected, atol=1e-6)


def test_hits_and_their_relevance_are_the_same(there: Searcher, searcher: Searcher) -> None:
    for query in QUESTIONS:
        here, elsewhere = (
            {hit.passage_id: hit.relevance for hit in one.search(query).hits} for one in (searcher, there)
        )
        if not worded(there):
            assert list(here) == list(elsewhere)
        common = here.keys() & elsewhere.keys()
        assert len(common) >= WORDS * len(here)
        assert all(here[hit] == pytest.approx(elsewhere[hit], abs=0.001) for hit in common)


@pytest.mark.parametrize("filters", FILTERS)
def test_words_are_ranked_as_here(there: Searcher, searcher: Searcher, filters: Filters) -> None:
    resolved, shares = resolve(searcher.catalogue, filters), []
    allowed = set(searcher.columns.row[searcher.columns.matching(resolved)].tolist())
    for query in QUESTIONS:
        here, elsewhere = (one.candidates(query, resolved)[0] for one in (searcher, there))
        assert elsewhere.keys() == here.keys()  # none without the words, none that filters keep out
        assert elsewhere.keys() <= allowed
        if not worded(there):
            assert elsewhere == here
        best, others = (sorted(one, key=one.__getitem__, reverse=True)[:50] for one in (here, elsewhere))
        if best:
            assert sum(abs(elsewhere[row] - here[row]) / here[row] for row in here) / len(here) <= SCORE
            shares.append(sum(here[row] >= here[best[-1]] for row in others) / len(best))
    assert min(shares, default=1) >= WORDS
    assert sum(shares) >= WORDS_MEAN * len(shares)


def worded(searcher: Searcher) -> bool:
    """Tell whether the engine ranks by words itself."""
    generation = current(index_directory(searcher.catalogue))
    place = engine.place(generation.directory) if generation else None
    return place is not None and place.worded


def test_words_are_in_the_engines_that_rank_them(there: Searcher, where: str) -> None:
    assert worded(there) == where.startswith("milvus+lite")  # Milvus 2.3.5 has no BM25
    if where:
        left = engine.server(where).collections(engine.prefix(there.catalogue))
        assert not [name for name in left if "trial" in name]


# -- changes -------------------------------------------------------------------------------------------


def test_what_is_removed_is_gone_at_once_and_what_is_added_is_there(
    small: Catalogue, where: str, encoder: Encoder, tmp_path: Path
) -> None:
    searcher = Searcher(small, encoder, where=where)
    assert len(found(searcher, "ducks")) == 3
    small.remove([str(tmp_path / "minutes" / "ducks.txt")])
    assert update(small, encoder, where=where).removed == 1
    searcher.refresh()
    assert len(found(searcher, "ducks on the pond")) == 2
    assert not any("ducks" in text for text in texts(searcher, "ducks on the pond"))
    (tmp_path / "minutes" / "geese.txt").write_text("The geese on the village pond are counted.\n", encoding="utf-8")
    ingest([tmp_path / "minutes"], small, encoder)
    update(small, encoder, where=where)
    searcher.refresh()
    assert "geese" in texts(searcher, "water birds")[0]


def test_a_reader_keeps_its_generation_while_another_is_made(
    small: Catalogue, where: str, encoder: Encoder, tmp_path: Path
) -> None:
    reader = Searcher(small, encoder, where=where)
    before = found(reader, "birds")
    (tmp_path / "minutes" / "geese.txt").write_text("The geese on the village pond are counted.\n", encoding="utf-8")
    ingest([tmp_path / "minutes"], small, encoder)
    update(small, encoder, where=where)
    assert found(reader, "birds") == pytest.approx(before, abs=COSINE)
    reader.refresh()
    assert len(found(reader, "birds")) == len(before) + 1


def test_nothing_is_sent_twice(small: Catalogue, where: str, encoder: Encoder) -> None:
    again = update(small, encoder, where=where)
    assert (again.added, again.removed) == (0, 0)


def test_a_rebuild_finds_the_same(small: Catalogue, where: str, encoder: Encoder) -> None:
    before = found(Searcher(small, encoder, where=where), "lamps")
    assert update(small, encoder, where=where, from_scratch=True).added == 3
    assert found(Searcher(small, encoder, where=where), "lamps") == pytest.approx(before, abs=COSINE)


def test_entries_that_were_lost_or_left_over_are_put_right(small: Catalogue, where: str, encoder: Encoder) -> None:
    if not where:
        pytest.skip("the data directory holds no entries")
    generation = current(index_directory(small))
    assert generation is not None
    place = engine.place(generation.directory)
    assert place is not None
    server, own = engine.server(where), entries(Searcher(small, encoder, where=where).columns)
    fields = {name: values[:1] for name, values in own.fields.items()}
    vector = server.vectors(place.collection, own.entry[:1], 0)[1]
    text = [""] if place.worded else []
    server.put(
        place.collection, own.entry[:1] + (99 << 23), fields, vector, text
    )  # as an update killed midway leaves it
    assert len(found(Searcher(small, encoder, where=where), "lamps")) == 3
    server.delete(place.collection, own.entry[1:])
    with pytest.raises(IndexMismatchError, match="lacks 1 passages"):
        Searcher(small, encoder, where=where)
    update(small, encoder, where=where)
    assert server.entries(place.collection).tolist() == own.entry.tolist()
    assert len(found(Searcher(small, encoder, where=where), "lamps")) == 3


# -- moving --------------------------------------------------------------------------------------------


def test_an_index_is_moved_there_and_back(
    where: str, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not where:
        pytest.skip("that is where it is")
    monkeypatch.delenv("MINUTEBOOK_ENGINE", raising=False)
    data = ["--data", str(tmp_path / "data")]
    run = CliRunner().invoke
    assert run(main, [*data, "ingest", str(SAMPLES)]).exit_code == 0
    query = [*data, "search", "care leavers", "--json"]
    before = run(main, query).stdout
    moved = run(main, [*data, "migrate", "--to", where])
    assert moved.exit_code == 0
    assert "of the same passages" in moved.output
    refused = run(main, query)
    assert refused.exit_code == 1
    assert "set MINUTEBOOK_ENGINE" in refused.stderr
    monkeypatch.setenv("MINUTEBOOK_ENGINE", where)
    assert [hit["passage_id"] for hit in _hits(run(main, query).stdout)] == [h["passage_id"] for h in _hits(before)]
    assert run(main, [*data, "migrate", "--to", "embedded"]).exit_code == 0
    assert "run 'minutebook migrate'" in run(main, query).stderr
    monkeypatch.delenv("MINUTEBOOK_ENGINE")
    assert run(main, query).stdout == before


def test_a_file_of_milvus_lite_is_searched_by_the_next_process(sample_data: Path, tmp_path: Path) -> None:
    if not (find_spec("milvus_lite") and find_spec("pymilvus")):
        pytest.skip("the packages milvus-lite and pymilvus are not installed")
    shutil.copytree(sample_data, tmp_path / "data")
    where = f"milvus+lite://{tmp_path / 'vectors.db'}"

    def run(*arguments: str, engine: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", "webapp.cli", "--data", tmp_path / "data", *arguments],
            cwd=ROOT, env=os.environ | {"MINUTEBOOK_ENGINE": engine}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    query = ("search", "care leavers", "--json")
    before = run(*query)
    run("migrate", "--to", where)
    assert [one["passage_id"] for one in _hits(run(*query, engine=where))] == [
        one["passage_id"] for one in _hits(before)
    ]


def _hits(printed: str) -> list[dict[str, str]]:
    hits: list[dict[str, str]] = json.loads(printed)["hits"]
    return hits


@pytest.mark.parametrize("how", ["migrate", "rebuild"])
def test_a_collection_made_without_words_gets_them(small: Catalogue, where: str, encoder: Encoder, how: str) -> None:
    if not where.startswith("milvus+lite"):
        pytest.skip("an engine that ranks words is needed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(milvus.Server, "ranks_words", lambda *_: False)  # as a server before an upgrade says
        update(small, encoder, where=where, from_scratch=True)
    before = Searcher(small, encoder, where=where)
    assert not worded(before)
    assert before.candidates("lamps", Filters())[0].keys() == {2}
    assert update(small, encoder, where=where).added == 0
    assert not worded(before)
    if how == "migrate":
        assert migrate(small, where, where).sent == 3
    else:
        update(small, encoder, where=where, from_scratch=True)
    assert worded(before)
    assert before.renewed().candidates("lamps", Filters())[0].keys() == {2}
    assert len(engine.server(where).collections(engine.prefix(small))) == 1


def test_what_earlier_versions_wrote_has_no_words(tmp_path: Path) -> None:
    (tmp_path / engine.FILE).write_text('{"collection": "minutebook_1", "since": 5}', encoding="utf-8")
    assert engine.place(tmp_path) == engine.Place("minutebook_1", 5, worded=False)


def test_a_move_that_is_killed_goes_on(where: str, small: Catalogue, encoder: Encoder, tmp_path: Path) -> None:
    if not where.startswith("milvus://"):
        pytest.skip("one file has one process")
    data = tmp_path / "moved"
    catalogue = Catalogue(data, create=True)
    ingest([SAMPLES], catalogue, encoder)
    update(catalogue, encoder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(milvus, "AT_ONCE", 40)
        patch.setattr(milvus.Server, "settle", _killed)
        with pytest.raises(KeyboardInterrupt):
            migrate(catalogue, "", where)
    assert len(found(Searcher(catalogue, encoder), "lamps")) == 50  # as before
    moved = migrate(catalogue, "", where)
    assert moved.sent == 0
    assert moved.passages == len(Searcher(catalogue, encoder, where=where).columns)
    assert len(engine.server(where).collections(engine.prefix(catalogue))) == 1


def _killed(*_: object) -> int:
    raise KeyboardInterrupt


# -- what goes wrong -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        *("redis://127.0.0.1", "milvus://", "milvus://host:port", "milvus+lite://file", "milvus+lite:///file.txt", "x"),
        *(
            "milvus://host?copies=0",
            "milvus://host?copies=",
            "milvus://host?copies=2&db=3",
            "milvus://host/?replicas=2",
        ),
    ],
)
def test_a_setting_that_names_no_engine_is_refused(wrong: str) -> None:
    with pytest.raises(QueryError, match="milvus://host:port"):
        address(wrong)


def test_the_password_is_never_shown() -> None:
    where = address("milvus+tls://reader:s%40cret@engine.example:19531")
    assert (where.uri, where.token) == ("https://engine.example:19531", "reader:s@cret")
    assert "cret" not in where.shown


def test_without_the_package_it_is_said_what_to_install(samples_data: Path) -> None:
    code = (
        "import sys; sys.modules['pymilvus'] = None\n"
        "from webapp.cli import main\n"
        f"main(['--data', {str(samples_data)!r}, 'migrate', '--to', 'milvus://127.0.0.1:1'])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "pip install -e '.[milvus]'" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.fixture
def samples_data(tmp_path: Path, encoder: Encoder) -> Path:
    """Samples in a directory of their own, embedded."""
    catalogue = Catalogue(tmp_path / "own", create=True)
    ingest([SAMPLES / "wexcombe-district-council"], catalogue, encoder)
    update(catalogue, encoder)
    return catalogue.directory


def test_a_file_is_searched_by_a_process_that_did_not_make_it(samples_data: Path, tmp_path: Path) -> None:
    pytest.importorskip("milvus_lite")
    where = f"milvus+lite://{tmp_path / 'vectors.db'}"
    for asked, set_to in ((["migrate", "--to", where], ""), (["search", "council"], where)):
        code = f"from webapp.cli import main; main(['--data', {str(samples_data)!r}, *{asked}])"
        run = subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"MINUTEBOOK_ENGINE": set_to}, capture_output=True, text=True
        )
        assert run.returncode == 0, run.stderr
    assert "Wexcombe" in run.stdout


def test_an_engine_that_is_down_is_said_to_be(samples_data: Path, encoder: Encoder) -> None:
    pytest.importorskip("pymilvus")
    port = milvus_server.free_ports(1)[0]
    began = time.monotonic()
    with pytest.raises(EngineError, match=f"127.0.0.1:{port} is not reached"):
        migrate(Catalogue(samples_data), "", f"milvus://127.0.0.1:{port}")
    assert time.monotonic() - began < 3 * milvus.SECONDS
    assert Searcher(Catalogue(samples_data), encoder).search("council").hits  # the index before stays in use


def test_down_slow_and_back_again(
    server: Started, encoder: Encoder, samples_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(Catalogue(samples_data), "", server.engine)
    monkeypatch.setenv("MINUTEBOOK_ENGINE", server.engine)
    client = create_app(data=samples_data, encoder=encoder).test_client()
    question = "/api/v1/search?q=council"
    assert client.get(question).status_code == 200
    server.signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        slow = client.get("/api/v1/search?q=another+question")
        assert time.monotonic() - began < 2 * milvus.SECONDS
        asked = CliRunner().invoke(main, ["--data", str(samples_data), "status"])
        assert "does not answer in time" in asked.stdout
        assert time.monotonic() - began < 4 * milvus.SECONDS
    finally:
        server.signal(signal.SIGCONT)
    assert slow.status_code == 503
    assert "does not answer in time" in slow.get_json()["error"]["message"]
    server.kill()
    down = client.get("/api/v1/search?q=a+third+question")
    assert down.status_code == 503
    assert "is not reached" in down.get_json()["error"]["message"]
    assert client.get("/?q=a+third+question").status_code == 503
    server.start()
    until = time.monotonic() + 180  # a cluster waits 30 s for those that left without a word
    while client.get(question).status_code != 200 and time.monotonic() < until:
        time.sleep(0.5)
    assert client.get(question).status_code == 200


def test_an_engine_error_is_one_that_is_explained() -> None:
    assert issubclass(EngineError, MinutebookError)
    assert EngineError.http_status == 503


def test_check_compares_the_entries_of_an_engine(small: Catalogue, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINUTEBOOK_ENGINE", where)
    asked = ["--data", str(small.directory), "check"]
    assert CliRunner().invoke(main, asked).exit_code == 0
    if where:
        monkeypatch.setenv("MINUTEBOOK_ENGINE", "")
        assert "set MINUTEBOOK_ENGINE" in CliRunner().invoke(main, asked).output


def test_the_copies_that_a_cluster_is_to_hold_are_part_of_the_address() -> None:
    where = address("milvus://engine.example?copies=2")
    assert (where.uri, where.copies) == ("http://engine.example:19530", 2)
    assert address("milvus://engine.example").copies == 1


def test_status_tells_how_an_engine_holds_the_vectors(
    small: Catalogue, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not where:
        pytest.skip("told by other tests")
    monkeypatch.setenv("MINUTEBOOK_ENGINE", where)
    asked = ["--data", str(small.directory), "status"]
    shown = CliRunner().invoke(main, asked)
    assert shown.exit_code == 0
    assert f"Vectors: 3 in the engine {address(where).shown} (Milvus " in shown.stdout
    lists = "" if "lite" in where else ", at least 256 of 2,048 lists of each segment compared in a search"
    assert f"index IVF_FLAT{lists}; " in shown.stdout
    assert "1 copy loaded.\n" in shown.stdout
    told = json.loads(CliRunner().invoke(main, [*asked, "--json"]).stdout)["vectors"]
    assert (told["entries"], told["index"], told["copies"]) == (3, "IVF_FLAT", 1)
    if where.startswith("milvus://"):
        monkeypatch.setenv("MINUTEBOOK_ENGINE", f"{where}?copies=2")
        shown = CliRunner().invoke(main, asked)
        assert "1 copy loaded (2 are asked for: 'minutebook rebuild' makes them so)" in shown.stdout


def test_status_says_that_an_engine_is_not_reached(
    small: Catalogue, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not where:
        pytest.skip("it is always reached")
    port = milvus_server.free_ports(1)[0]
    monkeypatch.setenv("MINUTEBOOK_ENGINE", f"milvus://127.0.0.1:{port}")
    began = time.monotonic()
    shown = CliRunner().invoke(main, ["--data", str(small.directory), "status"])
    assert time.monotonic() - began < 2 * milvus.SECONDS
    assert shown.exit_code == 0
    assert "3 documents" in shown.stdout
    assert f"Vectors: in an engine. The engine milvus://127.0.0.1:{port} is not reached: start it" in shown.stdout
