"""Opening the search as the settings say: with the encoder, thesaurus and reranker that they name."""

from pathlib import Path

from corpus.catalogue import Catalogue
from corpus.settings import setting
from index.encoder import CrossEncoder, Encoder
from index.search import Searcher
from index.understanding import expansion


def open_searcher(catalogue: Catalogue, encoder: Encoder | None = None) -> Searcher:
    """Return the searcher of a catalogue.

    Args:
        encoder: the one that is open already; that of MINUTEBOOK_MODEL without it.

    Raises:
        IndexMismatchError: there is no index yet, or it is damaged or of another model.
        SourceError: the thesaurus that is named cannot be read.
    """
    own, reranker = setting("MINUTEBOOK_THESAURUS"), setting("MINUTEBOOK_RERANKER")
    return Searcher(
        catalogue,
        encoder or Encoder(setting("MINUTEBOOK_MODEL")),
        expansion.load(Path(own)) if own else None,
        CrossEncoder(reranker) if reranker else None,
    )
