"""Small transformers on the processor: onnxruntime and tokenizers, whose only importer this is.

The weights are files that ``index.export`` makes. Each text (or pair of texts) is run by itself: that is
quicker than in padded batches, since several run at once in threads, and what comes out for a text depends
on this text alone. onnxruntime itself is held to the calling thread, so that workers of the web app do not
compete for processors.
"""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import tokenizers
from numpy.typing import NDArray

from corpus.errors import ModelError

_ERRORS_ONLY = 3


class OnnxModel:
    """An opened model. It may be used by several threads at once."""

    def __init__(
        self, weights: Path, tokenizer: Path, max_tokens: int, sha256: str | None = None, threads: int | None = None
    ) -> None:
        """Open a model.

        Args:
            weights: an .onnx file as ``index.export`` makes it.
            tokenizer: the tokenizer.json that belongs to it.
            max_tokens: the most tokens of a text or pair, those that the model adds counted; the rest is cut.
            sha256: what the weights must hash to, if that is known.
            threads: how many texts are run at once; as many as there are processors without.

        Raises:
            ModelError: a file is missing or damaged, or is not the one expected.
        """
        import onnxruntime  # here: it starts a thread, and a process forked after that would crash at its end

        try:
            content = weights.read_bytes()
            self._tokenizer = tokenizers.Tokenizer.from_str(tokenizer.read_text(encoding="utf-8"))
        except Exception as exc:  # tokenizers raises plain Exception
            raise ModelError(
                f"The model {weights} or its {tokenizer.name} cannot be read ({exc}): install Minutebook again."
            ) from exc
        if sha256 and hashlib.sha256(content).hexdigest() != sha256:
            raise ModelError(f"The weights in {weights} are not the expected ones: install Minutebook again.")
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self.max_tokens, self._threads = max_tokens, threads or _processors()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = _ERRORS_ONLY
        try:
            self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as exc:  # onnxruntime has a dozen kinds without a common base
            reason = (str(exc).splitlines() or [type(exc).__name__])[0]
            raise ModelError(f"The model {weights} is damaged ({reason}): install Minutebook again.") from exc

    def added_tokens(self, pair: bool = False) -> int:
        """Return how many tokens the model adds to a text, or to a pair of texts."""
        return int(self._tokenizer.num_special_tokens_to_add(pair))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, those that the model adds not counted and nothing cut."""
        return [len(self._tokenizer.encode(text, add_special_tokens=False).ids) for text in texts]

    def run(self, texts: Sequence[str] | Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Return what the model says of each text or pair, shape (texts, width): a unit vector, or one logit.

        Of a pair that is too long the second text is cut, and the first at half of what the model reads.
        """
        at_once = min(len(texts), self._threads)
        if at_once > 1:
            with ThreadPoolExecutor(at_once) as threads:
                outputs = list(threads.map(self._run_one, texts))
        else:
            outputs = [self._run_one(text) for text in texts]
        width = int(self._session.get_outputs()[0].shape[1])
        return np.concatenate(outputs) if outputs else np.empty((0, width), np.float32)

    def _run_one(self, text: str | tuple[str, str]) -> NDArray[np.float32]:
        if isinstance(text, str):
            encoded = self._tokenizer.encode(text, add_special_tokens=False)
            encoded.truncate(self.max_tokens - self.added_tokens())
            whole = self._tokenizer.post_process(encoded)
            inputs = {"ids": whole.ids}
        else:
            first, second = (self._tokenizer.encode(part, add_special_tokens=False) for part in text)
            first.truncate(self.max_tokens // 2)
            second.truncate(self.max_tokens - self.added_tokens(pair=True) - len(first.ids))
            whole = self._tokenizer.post_process(first, second)
            inputs = {"ids": whole.ids, "types": whole.type_ids}
        arrays = {name: np.array([values], dtype=np.int32) for name, values in inputs.items()}
        output: NDArray[np.float32] = self._session.run(None, arrays)[0]
        return output


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
