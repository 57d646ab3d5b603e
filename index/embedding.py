"""Embedding the texts of passages in batches: in this process, or on the workers of a cluster."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice

from corpus.errors import ClusterError, WorkersLostError
from index.encoder import Encoder, Vectors
from ingest.cluster import Cluster
from ingest.workers import Workers

AT_ONCE = 512  # texts that are embedded, and then kept
AT_ONCE_FAR = 64  # fewer, so that every worker has some to the end and little is done again where one ends

Batch = list[tuple[str, str]]


def encoded(
    texts: Iterable[tuple[str, str]], encoder: Encoder, cluster: Cluster | None
) -> Iterator[tuple[Batch, Vectors]]:
    """Yield batches of (key, text) with one unit vector a text, in order.

    Raises:
        ClusterError: the cluster has no worker left, or lost several over one batch.
    """
    if cluster is None:
        for batch in _batches(texts, AT_ONCE):
            yield batch, encoder.encode_passages(_texts_of(batch))
        return
    with Workers[Batch, Vectors](cluster, partial(passage_encoder, encoder.name), _texts_of) as workers:
        try:
            yield from workers.map(_batches(texts, AT_ONCE_FAR))
        except WorkersLostError as exc:
            raise ClusterError(f"A batch of texts to embed {exc}. What was finished is kept.") from exc


def passage_encoder(name: str) -> Callable[[Sequence[str]], Vectors]:
    """Load an encoder for a worker of one processor; return its way to embed passages.

    Raises:
        ModelError: it cannot be loaded on this machine.
    """
    encoder = Encoder(name, threads=1)
    encoder.count_tokens(["minutes"])  # loads it
    return encoder.encode_passages


def _batches(texts: Iterable[tuple[str, str]], size: int) -> Iterator[Batch]:
    remaining = iter(texts)
    while batch := list(islice(remaining, size)):
        yield batch


def _texts_of(batch: Batch) -> list[str]:
    return [text for _, text in batch]
