"""Judging of answers for measure_answers.py: from an answer's JSON, the catalogue's SQLite file and the question alone.

Nothing of the code that makes or verifies answers is used here, so that it cannot vouch for itself.
"""

import csv
import re
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from corpus import register

UNKNOWN = "(unknown)"
_WORDS = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_TYPOGRAPHY = str.maketrans("‘’‚“”„′″‐‑‒–—−", "''''''''------")


def squeezed(text: str) -> str:
    """Return a text with each run of white space as one space."""
    return " ".join(text.split())


def plain(text: str) -> str:
    """Return a text without regard to case, typography and white space."""
    return squeezed(unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHY).replace("''", "'").casefold())


@dataclass(frozen=True, slots=True)
class Target:
    """A place that answers a question: its documents (those with the same text, too), page, facts and grade."""

    documents: frozenset[str]
    page: int | None
    facts: tuple[str, ...]
    grade: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passage stands: half-open offsets into the document's text."""

    document: str
    page: int | None
    start: int
    end: int


class Store:
    """The documents of a data directory, read from its SQLite file; ``manifest``: authorities by source path."""

    def __init__(self, data: Path, manifest: Path | None) -> None:
        self.connection = sqlite3.connect(f"file:{data / 'catalogue.sqlite'}?mode=ro", uri=True)
        self.documents_of: dict[str, set[str]] = {}
        self.paths_of: dict[str, list[str]] = {}
        for path, document in self.connection.execute("SELECT path, document_id FROM sources WHERE document_id > ''"):
            self.documents_of.setdefault(path, set()).add(document)
            self.paths_of.setdefault(document, []).append(path)
        rows = self.connection.execute("SELECT document_id, authority, replaced_by FROM documents").fetchall()
        self._stored = {document: authority for document, authority, _ in rows}
        self._replaced = {document: by for document, _, by in rows if by}
        self._listed: dict[str, str] = {}
        if manifest and manifest.is_file():
            with manifest.open(encoding="utf-8", newline="") as lines:
                self._listed = {row["path"]: row["authority"] for row in csv.DictReader(lines)}
        self.text = lru_cache(maxsize=64)(self._text)

    def _text(self, document: str) -> str:
        row = self.connection.execute("SELECT text FROM documents WHERE document_id = ?", (document,)).fetchone()
        return row[0] if row else ""

    def size(self) -> str:
        """Return how much there is, in words."""
        (passages,) = self.connection.execute("SELECT COUNT(*) FROM passages").fetchone()
        return f"{len(self._stored):,} documents, {passages:,} passages"

    def documents(self, path: str) -> set[str]:
        """Return the documents that hold a file, and those that took the place of one of them."""
        found = set(self.documents_of.get(path, ()))
        return found | {self._replaced[document] for document in found if document in self._replaced}

    def authority(self, document: str) -> str:
        """Return whose document it is: by the manifest, or by the catalogue where the manifest does not list it."""
        listed = {self._listed[path] for path in self.paths_of.get(document, ()) if path in self._listed}
        return named(next(iter(listed)) if listed else self._stored.get(document))

    def stored_authority(self, document: str) -> str:
        """Return whose document it is by the catalogue."""
        return named(self._stored.get(document))

    def passage(self, passage_id: str) -> tuple[Any, ...] | None:
        """Return document, start, end and page of a passage."""
        found: tuple[Any, ...] | None = self.connection.execute(
            'SELECT document_id, start, "end", page FROM passages WHERE passage_id = ?', (passage_id,)
        ).fetchone()
        return found


def named(authority: str | None) -> str:
    """Return an authority's name as the register spells it, ``UNKNOWN`` for none."""
    known = register.by_name(authority) if authority else None
    return known.name if known else authority or UNKNOWN


def targets(store: Store, question: Mapping[str, Any]) -> list[Target]:
    """Return the places that answer a question; a file and its duplicates are one place."""
    found: dict[tuple[str, int | None], Target] = {}
    for place in question.get("relevant", ()):
        key = (place.get("duplicate_of") or place["path"], place["page"])
        before = found.get(key)
        found[key] = Target(
            documents=frozenset(store.documents(place["path"]) | (before.documents if before else frozenset())),
            page=place["page"],
            facts=tuple(dict.fromkeys((*(before.facts if before else ()), *place["facts"]))),
            grade=max(place.get("grade", 2), before.grade if before else 0),
        )
    return list(found.values())


def places(hit: Mapping[str, Any]) -> list[Place]:
    """Return where a hit's passage stands, and where the same words stand too."""
    same = [other for other in hit.get("also") or () if other["identical"]]
    return [Place(one["document_id"], one["page"], one["start"], one["end"]) for one in (hit, *same)]


def on_page(where: Iterable[Place], target: Target) -> bool:
    """Tell whether a passage stands in a target's document and on its page."""
    return any(
        place.document in target.documents and (target.page is None or place.page in (None, target.page))
        for place in where
    )


def in_document(where: Iterable[Place], target: Target) -> bool:
    """Tell whether a passage stands in a target's document."""
    return any(place.document in target.documents for place in where)


def holds_fact(store: Store, hit: Mapping[str, Any], target: Target) -> bool:
    """Tell whether a hit's passage stands at a target and holds one of its facts."""
    where = places(hit)
    if not on_page(where, target):
        return False
    text = squeezed(store.text(where[0].document)[where[0].start : where[0].end])
    return not target.facts or any(squeezed(fact) in text for fact in target.facts)


def citations_of(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return an answer's citations in order, each once."""
    found: dict[tuple[str, int, int], dict[str, Any]] = {}
    for sentence in answer["sentences"]:
        for one in sentence["citations"]:
            found.setdefault((one["document_id"], one["quote_start"], one["quote_end"]), one)
    return list(found.values())


def facts_found(facts: Sequence[str], text: str, fold: Callable[[str], str] = squeezed) -> list[str]:
    """Return the facts that a text holds."""
    folded = fold(text)
    return [fact for fact in facts if fold(fact) in folded]


def said(answer: Mapping[str, Any]) -> str:
    """Return the words of an answer: its sentences and their quotes."""
    sentences = [sentence["text"] for sentence in answer["sentences"]]
    return "\n".join([*sentences, *(one["quote"] for one in citations_of(answer))])


def faults(store: Store, answer: Mapping[str, Any], extractive: bool) -> list[str]:
    """Return what breaks a promise in an answer: each must be verbatim, resolve, and be complete."""
    found = []
    sentences = answer["sentences"]
    if bool(sentences) == answer["abstained"]:
        found.append("abstained with sentences" if sentences else "neither sentences nor abstained")
    if answer["abstained"] and not answer["reason"]:
        found.append("abstained without a reason")
    listed = {position for positions in answer["by_authority"].values() for position in positions}
    if listed != set(range(len(sentences))):
        found.append(f"by_authority lists {sorted(listed)} of {len(sentences)} sentences")
    for position, sentence in enumerate(sentences):
        found += [f"sentence {position} {fault}" for fault in _sentence_faults(sentence, extractive)]
        for one in sentence["citations"]:
            found += [f"sentence {position}: {fault}" for fault in _quote_faults(store, one)]
    for hit in answer["nearest"]:
        found += [f"nearest: {fault}" for fault in _hit_faults(store, hit)]
    return found


def composed(sentence: Mapping[str, Any]) -> bool:
    """Tell whether a sentence is none of its quotes, but made of several of them or written."""
    return sentence["text"] not in [one["quote"] for one in sentence["citations"]]


def _sentence_faults(sentence: Mapping[str, Any], extractive: bool) -> list[str]:
    """Return what is wrong with a sentence; one that is composed may say no number or name that its proof lacks."""
    text, citations = sentence["text"], sentence["citations"]
    if not citations:
        return ["cites nothing"]
    if not composed(sentence):
        return []
    quotes = [one["quote"] for one in citations]
    if extractive and len(quotes) == 1:
        return [f"is not its quote{' (white space differs)' if squeezed(text) == squeezed(quotes[0]) else ''}"]
    proof = set(_WORDS.findall(" ".join([*quotes, *(one["citation"] for one in citations)])))
    said = {word for word in _WORDS.findall(text)[1:] if word[0].isdigit() or word[0].isupper()}
    return [f"says {word!r}, which none of its quotes does" for word in sorted(said - proof)]


def _quote_faults(store: Store, one: Mapping[str, Any]) -> list[str]:
    found = _hit_faults(store, one)
    start, end = one["quote_start"], one["quote_end"]
    if not 0 <= start < end or store.text(one["document_id"])[start:end] != one["quote"]:
        found.append("the quote is not the stored text at its offsets")
    if not one["start"] <= start < end <= one["end"]:
        found.append("the quote is not within its passage")
    if not re.search(r"\w", one["quote"]):
        found.append("the quote has no words")
    return found


def _hit_faults(store: Store, hit: Mapping[str, Any]) -> list[str]:
    found = []
    stored = store.passage(hit["passage_id"])
    if stored != (hit["document_id"], hit["start"], hit["end"], hit["page"]):
        found.append(f"passage {hit['passage_id']} is not stored so")
    if store.text(hit["document_id"])[hit["start"] : hit["end"]] != hit["text"]:
        found.append("the passage is not the stored text at its offsets")
    return found
