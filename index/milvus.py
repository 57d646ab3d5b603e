"""A Milvus server, cluster or milvus-lite file: what Minutebook asks of it. The only importer of pymilvus.

Every call has a time in which it must be answered; whatever goes wrong is an ``EngineError`` that says what to do. A
connection that was lost is made again by the next call.
"""

import importlib
import logging
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import EngineError
from index.engine_address import Address
from index.engine_form import Form
from index.entries import FIELDS, Numbers, listed
from index.stages import engine_call

Vectors = NDArray[np.float32]
Scores = NDArray[np.float32]
SECONDS = 5.0  # for what a reader waits for
WRITING = 120.0  # seconds for a batch, or for making a collection
SETTLING = 3_600.0  # seconds in which what was written must be indexed
K1, B = 1.2, 0.75  # the constants of BM25, those of ``index.lexical``
LISTS = 2_048  # lists about centroids in each segment of the server
PROBES = 256  # of them that a search compares, where no filter asks for more
MOST = 16_384  # hits of one search
LONGEST = 65_000  # characters of what is told of the words of a passage
WHOLE_MOST = 5_000_000  # vectors that are kept whole in memory; more of them as one byte a number
AT_ONCE = 2_000  # entries of one write: 3 MB
_READ_AT_ONCE = 10_000
_PARTS_DOWN = re.compile(
    "(leader|channel|segment|node) (not available|lacks|offline|not found)|all available nodes are unreachable"
    "|empty grpc client|not (fully )?loaded|on recovering"
)
_NEEDED = "MINUTEBOOK_ENGINE needs the package pymilvus: run pip install -e '.[milvus]' in the repository."


def _pymilvus() -> Any:
    try:
        import pymilvus  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError as exc:
        raise EngineError(_NEEDED) from exc
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # what goes wrong is raised, and told once
    return pymilvus


class _Refused(EngineError):
    """The engine is there, and does not do what it was asked."""


class Server:
    """An engine at an address. It is reached for by the first call."""

    def __init__(self, where: Address) -> None:
        self._where = where
        self._pymilvus = _pymilvus()
        self._grpc_error = importlib.import_module("grpc").RpcError
        self._lock = threading.Lock()
        self._opened: Any = None
        self._ranks_words: bool | None = None

    @property
    def shown(self) -> str:
        """Return the address without the password."""
        return self._where.shown

    @property
    def not_whole(self) -> str:
        """Return what is said where the engine answers and cannot search everything."""
        return (
            f"The engine {self.shown} cannot search all it holds: a part of it is down, or still loading. Try again in"
            " a minute; if that goes on, see how its query nodes are."
        )

    def _client(self) -> Any:
        with self._lock:
            if self._opened is None:
                where = self._where
                client = self._pymilvus.MilvusClient(uri=where.uri, token=where.token, timeout=SECONDS)
                for name in client.list_collections(timeout=SECONDS) if where.lite else ():
                    client.load_collection(name, timeout=WRITING)  # a file forgets between processes that it was
                self._opened = client
            return self._opened

    @contextmanager
    def _asked(self) -> Iterator[Any]:
        try:
            with engine_call():
                yield self._client()
        except (self._pymilvus.MilvusException, self._grpc_error, OSError) as exc:
            raise self._explained(exc) from exc
        except ImportError as exc:
            raise EngineError("milvus+lite needs the package milvus-lite: run pip install milvus-lite.") from exc

    def _explained(self, exc: Exception) -> EngineError:
        code = exc.code() if isinstance(exc, self._grpc_error) else getattr(exc, "code", None)
        text = " ".join((getattr(exc, "message", "") or str(exc)).split())
        name = getattr(code, "name", "")
        if name == "DEADLINE_EXCEEDED" or "DEADLINE_EXCEEDED" in text:
            return EngineError(
                f"The engine {self.shown} does not answer in time: try again; if that goes on, see how it is."
            )
        if "nodes not enough" in text:
            copies = f"{self._where.copies} copies"
            return EngineError(
                f"The engine {self.shown} has too few query nodes for {copies}: start more, or ask for fewer."
            )
        if _PARTS_DOWN.search(text):
            return EngineError(self.not_whole)
        if name == "UNAVAILABLE" or re.search(r"UNAVAILABLE|[Ff]ail(ed)? connecting|Retry (run out|timeout)", text):
            return EngineError(
                f"The engine {self.shown} is not reached: start it, or set MINUTEBOOK_ENGINE to where it is."
            )
        return _Refused(f"The engine {self.shown} refuses ({text[:200]}): see its log, or run 'minutebook rebuild'.")

    # -- collections ---------------------------------------------------------------------------------

    def collections(self, prefix: str) -> list[str]:
        """Return the names of the collections that begin with a prefix, sorted."""
        with self._asked() as client:
            names: list[str] = client.list_collections(timeout=SECONDS)
        return sorted(name for name in names if name.startswith(prefix))

    def dimension(self, collection: str) -> int:
        """Return the length of the vectors of a collection."""
        with self._asked() as client:
            described = client.describe_collection(collection, timeout=SECONDS)
        return int(next(field["params"]["dim"] for field in described["fields"] if field["name"] == "vector"))

    def create(self, collection: str, dimension: int, expected: int, *, worded: bool) -> None:
        """Make a collection that is ready to be written and searched.

        Args:
            expected: how many entries it is to hold, which decides how the vectors are kept.
            worded: it holds words too (see ``ranks_words``).
        """
        types = self._pymilvus.DataType
        with self._asked() as client:
            schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
            schema.add_field("entry", types.INT64, is_primary=True)
            for name in FIELDS:
                schema.add_field(name, types.INT64)
            schema.add_field("vector", types.FLOAT_VECTOR, dim=dimension)
            index = client.prepare_index_params()
            kind = "IVF_FLAT" if expected <= WHOLE_MOST else "IVF_SQ8"
            index.add_index("vector", index_type=kind, metric_type="IP", params={"nlist": LISTS})
            if worded:
                self._add_words(schema, index)
            client.create_collection(collection, schema=schema, consistency_level="Strong", timeout=WRITING)
            client.create_index(collection, index, timeout=WRITING)
        self.load(collection)

    def form(self, collection: str, since: int) -> Form:
        """Return how a collection is held; the answer, or an error, comes in about ``SECONDS``.

        Args:
            since: as in ``count``.
        """
        until = time.monotonic() + SECONDS
        with self._asked() as client:

            def asked(call: Any, *about: str) -> Any:
                return call(*about, timeout=max(0.5, until - time.monotonic()))

            version = asked(client.get_server_version)
            index = asked(client.describe_index, collection, "vector")
            copies = 1 if self._where.lite else len(asked(client.describe_replica, collection))
            rest = max(0.5, until - time.monotonic())
            found = client.query(collection, filter="", output_fields=["count(*)"], timeout=rest, **_seen(since))
        return Form(
            engine=self.shown,
            version=version,
            index=index["index_type"],
            entries=int(found[0]["count(*)"]),
            lists=int(index.get("nlist", 0)),
            probes=PROBES,
            copies=copies,
            wanted=self._where.copies,
        )

    def _add_words(self, schema: Any, index: Any) -> None:
        types, kinds = self._pymilvus.DataType, self._pymilvus.FunctionType
        told = {"enable_analyzer": True, "analyzer_params": {"tokenizer": "standard"}}  # which milvus-lite has too
        schema.add_field("words", types.VARCHAR, max_length=LONGEST, mmap_enabled=True, **told)  # it is never read back
        schema.add_field("terms", types.SPARSE_FLOAT_VECTOR)
        schema.add_function(self._pymilvus.Function("bm25", kinds.BM25, ["words"], ["terms"]))
        constants = {"params": {"bm25_k1": K1, "bm25_b": B}}  # milvus-lite reads them in this form only
        index.add_index("terms", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params=constants)

    def ranks_words(self, spare: str) -> bool:
        """Tell whether the engine has BM25 of its own, found out once by having it rank a passage.

        Args:
            spare: a name for a collection that is made to try, and dropped.
        """
        if self._ranks_words is None:
            self.drop(spare)  # an earlier trial may have been killed
            entry = np.zeros(1, np.int64)
            try:
                self.create(spare, 2, 1, worded=True)
                self.put(spare, entry, dict.fromkeys(FIELDS, entry), np.ones((1, 2), np.float32), ["one word"])
                self._ranks_words = bool(len(self.worded(spare, "word", 1, "", 0)[0]))
            except _Refused:
                self._ranks_words = False
            self.drop(spare)
        return self._ranks_words

    def drop(self, collection: str) -> None:
        """Delete a collection."""
        with self._asked() as client:
            client.drop_collection(collection, timeout=WRITING)

    def load(self, collection: str) -> None:
        """See that a collection that nobody searches yet can be searched, in as many copies as the address says."""
        with self._asked() as client:
            client.release_collection(collection, timeout=WRITING)  # a number of copies is changed in no other way
            client.load_collection(collection, replica_number=self._where.copies, timeout=WRITING)

    # -- writing -------------------------------------------------------------------------------------

    def put(
        self,
        collection: str,
        entry: Numbers,
        fields: dict[str, Numbers],
        vectors: Vectors,
        texts: Sequence[str] = (),
    ) -> None:
        """Store entries, at most ``AT_ONCE``; those that are there already are replaced by themselves.

        Args:
            texts: what is told of their words, where the collection holds them.
        """
        names = ("entry", *FIELDS)
        columns = [entry.tolist(), *(fields[name].tolist() for name in FIELDS)]
        lines = [
            {**dict(zip(names, values, strict=True)), "vector": vector}
            for values, vector in zip(zip(*columns, strict=True), vectors, strict=True)
        ]
        if texts:
            lines = [{**line, "words": text} for line, text in zip(lines, texts, strict=True)]
        with self._asked() as client:
            client.upsert(collection, lines, timeout=WRITING)

    def delete(self, collection: str, entry: Numbers) -> None:
        """Forget entries; those that are not there are none."""
        for start in range(0, len(entry), _READ_AT_ONCE):
            with self._asked() as client:
                client.delete(collection, filter=listed(entry[start : start + _READ_AT_ONCE]), timeout=WRITING)

    def settle(self, collection: str) -> int:
        """Wait until all that was written is kept and indexed; return the engine's time after that (0: it has none)."""
        with self._asked() as client:
            client.flush(collection, timeout=WRITING)
            if self._where.lite:
                return 0
            until = time.monotonic() + SETTLING
            while self._pending(client, collection):
                if time.monotonic() > until:
                    raise EngineError(f"The engine {self.shown} has not indexed what was written: run this again.")
                time.sleep(0.2)
            client.refresh_load(collection, timeout=WRITING)  # until then its readers keep to what is not indexed
            return int(client._get_connection().alloc_timestamp(timeout=SECONDS))

    def _pending(self, client: Any, collection: str) -> bool:
        names = client.list_indexes(collection, timeout=SECONDS)
        return any(client.describe_index(collection, name, timeout=SECONDS).get("pending_index_rows") for name in names)

    # -- reading -------------------------------------------------------------------------------------

    def count(self, collection: str, since: int = 0) -> int:
        """Return how many entries there are, everything taken in that was ever written, or was by a time of ``settle``.

        The first waits until every proxy has told its time: for half a minute after one was lost, too long.
        """
        with self._asked() as client:
            found = client.query(collection, filter="", output_fields=["count(*)"], timeout=4 * SECONDS, **_seen(since))
            return int(found[0]["count(*)"])

    def entries(self, collection: str) -> Numbers:
        """Return all entries, ascending."""
        parts = [np.empty(0, np.int64)]
        with self._asked() as client:
            found = client.query_iterator(
                collection, batch_size=_READ_AT_ONCE, filter="", output_fields=["entry"], timeout=WRITING
            )
            try:
                while lines := found.next():
                    parts.append(np.array([line["entry"] for line in lines], np.int64))
            finally:
                found.close()
        return np.sort(np.concatenate(parts))

    def vectors(self, collection: str, entry: Numbers, since: int) -> tuple[Numbers, Vectors]:
        """Return the entries that are there of those asked for, and their vectors.

        Args:
            since: a time of ``settle``: all that was written before it is seen.
        """
        with self._asked() as client:
            found = client.query(
                collection, filter=listed(entry), output_fields=["vector"], timeout=SECONDS, **_seen(since)
            )
            held = np.array([line["entry"] for line in found], np.int64)
            return held, np.array([line["vector"] for line in found], np.float32)

    def nearest(
        self, collection: str, query: Vectors, limit: int, where: str, probes: int, since: int
    ) -> tuple[Numbers, Scores]:
        """Return the entries nearest to a unit vector and their cosines, best first.

        Args:
            limit: how many at the most, at most ``MOST``.
            where: an expression that entries must meet; "" for all.
            probes: how many lists of each segment are compared, of ``LISTS``.
            since: a time of ``settle``: all that was written before it is seen.
        """
        params = {"metric_type": "IP", "params": {"nprobe": probes}}
        return self._search(collection, "vector", query, limit, where, params, since)

    def worded(self, collection: str, text: str, limit: int, where: str, since: int) -> tuple[Numbers, Scores]:
        """Return the entries that have words of a text (see ``engine_words.asked``) and their BM25 scores, best first.

        The other arguments are those of ``nearest``.
        """
        found, scores = self._search(collection, "terms", text, limit, where, {"metric_type": "BM25"}, since)
        return found, np.abs(scores)  # milvus-lite gives them as distances, below 0

    def _search(
        self, collection: str, field: str, data: Vectors | str, limit: int, where: str, params: Any, since: int
    ) -> tuple[Numbers, Scores]:
        with self._asked() as client:
            found = client.search(
                collection,
                [data],
                anns_field=field,
                filter=where,
                limit=limit,
                output_fields=["entry"],
                search_params=params,
                timeout=SECONDS,
                **_seen(since),
            )[0]
            pairs = [(hit.id, hit.distance) for hit in found]
        return np.array([pair[0] for pair in pairs], np.int64), np.array([pair[1] for pair in pairs], np.float32)


def _seen(since: int) -> dict[str, Any]:
    return (
        {"consistency_level": "Customized", "guarantee_timestamp": since} if since else {"consistency_level": "Strong"}
    )
