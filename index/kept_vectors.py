"""Vectors that are kept of texts read again and again: the motions and decisions that many questions come near to.

They are judged by their own words and not by those of their passage, and so have no vector in the index.
"""

from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from index.encoder import Encoder

KEPT = 4_096  # texts, 1.5 kB each


class KeptVectors:
    """Encodes texts, and keeps the vectors of the last ones; threads may share it."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._kept: dict[str, NDArray[np.float32]] = {}
        self._lock = Lock()

    def of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the unit vectors of some texts, at least one, shape (texts, dimension)."""
        with self._lock:
            known = {text: self._kept[text] for text in texts if text in self._kept}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known |= dict(zip(missing, self._encoder.encode_passages(missing), strict=True))
        with self._lock:
            for text in texts:
                self._kept.pop(text, None)
                self._kept[text] = known[text]
            for text in list(self._kept)[: max(len(self._kept) - KEPT, 0)]:
                del self._kept[text]
        return np.stack([known[text] for text in texts])
