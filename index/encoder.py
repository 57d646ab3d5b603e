"""Text to vectors: the encoders that come with Minutebook by onnxruntime, any other by sentence-transformers.

Two come with it, int8 as ``index.export`` makes them (index/weights/README.md): all-MiniLM-L6-v2, and the default,
the same trained further on minutes. They are checked against their SHA-256 and start in half a second without
PyTorch. Any other model hub name or folder may be named instead; it is run by sentence-transformers, whose only
importer this is.
"""

import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from index.onnx import OnnxModel

if TYPE_CHECKING:
    import sentence_transformers

DEFAULT_MODEL = "minutebook-minilm-1"
WEIGHTS = Path(__file__).parent / "weights"
SHIPPED = {  # by name, the SHA-256 of the weights
    "minutebook-minilm-1": "590aa3974cdc476d6f3c962c7d58918adbd0685a00a067de3b1e153dbc5c3002",
    "all-MiniLM-L6-v2": "e9b5c91149b17623a359f2af04d601ae0ba80116b0c3b70642ca2c8b8e42ed2c",
}
_MAX_TOKENS = 256  # what they were trained to read, two tokens of its own counted
BATCH = 64
LONGEST_TOKEN = 16  # characters that a token stands for at the most

Vectors = NDArray[np.float32]


class Encoder:
    """An encoder by name. Nothing is loaded until the first text is counted or encoded."""

    def __init__(self, name: str = DEFAULT_MODEL, threads: int | None = None) -> None:
        """Name the encoder, and how many texts one that is shipped runs at once: one a processor without."""
        self.name, self._threads = name, threads

    @cached_property
    def _model(self) -> "OnnxModel | _NamedModel":
        if self.name in SHIPPED:
            weights = WEIGHTS / f"{self.name}.onnx"
            return OnnxModel(weights, WEIGHTS / "tokenizer.json", _MAX_TOKENS, SHIPPED[self.name], self._threads)
        return _NamedModel(self.name)

    @property
    def model_id(self) -> str:
        """Return the name under which vectors of this model are kept.

        Vectors of all-MiniLM-L6-v2 that PyTorch made go under the same name as those of its int8 form: their
        cosine is .98 or more, and int8 queries over them lose nothing (QMSum: nDCG@10 -.002 [-.007, .004]).
        """
        return self.name

    @cached_property
    def dimension(self) -> int:
        """Return the length of a vector."""
        return int(self.encode_queries(["minutes"]).shape[1])

    @cached_property
    def token_limit(self) -> int:
        """Return the most tokens of one text, those that the model adds itself not counted."""
        return self._model.max_tokens - self._model.added_tokens()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, those that the model adds itself not counted.

        To the tokenizer a word of a thousand letters is one unknown token; here it counts by its length.
        """
        lengths = (-(-len(text) // LONGEST_TOKEN) for text in texts)
        return [max(tokens, length) for tokens, length in zip(self._model.count_tokens(texts), lengths, strict=True)]

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """Return one unit vector a query, shape (queries, dimension)."""
        return self._model.run(queries)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text, shape (texts, dimension).

        A text longer than the model reads at once is encoded in halves (as often as it takes) whose mean
        stands for it, so that no word is dropped in silence.
        """
        counts = self.count_tokens(texts)
        vectors = self._model.run(texts)
        for position, count in enumerate(counts):
            if count > self.token_limit:
                pieces = _halves(texts[position], -(-count // self.token_limit) + 1)
                mean = self.encode_passages(pieces).mean(axis=0)
                vectors[position] = mean / max(float(np.linalg.norm(mean)), 1e-12)
        return vectors


class _NamedModel:
    """A model of sentence-transformers, with the methods of ``OnnxModel``."""

    def __init__(self, name: str) -> None:
        if Path(name).is_dir():
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        try:
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.set_verbosity_error()
            logging.disable_progress_bar()
            self._model = SentenceTransformer(name, device="cpu")
        except Exception as exc:  # the hub, the tokenizer and torch each raise their own kinds
            raise ModelError(
                f"The model {name!r} cannot be loaded ({_first_line(exc)}): set MINUTEBOOK_MODEL to a folder that "
                f"holds it, to a hub name that this machine can reach, or to {DEFAULT_MODEL}."
            ) from exc
        self.max_tokens = int(self._model.max_seq_length or 512)

    def added_tokens(self) -> int:
        return len(self._model.tokenizer("")["input_ids"])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        if not texts:
            return []
        encoded = self._model.tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        return [len(tokens) for tokens in encoded["input_ids"]]

    def run(self, texts: Sequence[str]) -> Vectors:
        vectors = self._model.encode(
            list(texts), batch_size=BATCH, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)


class CrossEncoder:
    """A cross-encoder by name (a model hub name or a folder): a reranker. It is loaded by its first judgement."""

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def _model(self) -> "sentence_transformers.CrossEncoder":
        try:
            import sentence_transformers

            return sentence_transformers.CrossEncoder(self.name, device="cpu")
        except Exception as exc:
            raise ModelError(
                f"The cross-encoder {self.name!r} cannot be loaded ({_first_line(exc)}): set MINUTEBOOK_RERANKER to a "
                "folder that holds one, to a hub name that this machine can reach, or to nothing."
            ) from exc

    def judge(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return how well each text answers the query: any number, more is better."""
        pairs = [(query, text) for text in texts]
        return [float(judged) for judged in self._model.predict(pairs, show_progress_bar=False)]


def _halves(text: str, pieces: int) -> list[str]:
    """Cut a text into about equal pieces between words (or between characters, where it has one word)."""
    words: Iterable[str] = text.split()
    words = list(words)
    if len(words) < pieces:
        size = -(-len(text) // pieces)
        return [text[start : start + size] for start in range(0, len(text), size)]
    size = -(-len(words) // pieces)
    return [" ".join(words[start : start + size]) for start in range(0, len(words), size)]


def _first_line(exc: BaseException) -> str:
    return (str(exc).strip().splitlines() or [type(exc).__name__])[0][:160]
