"""Other words for what a query names, from a thesaurus of local government that can be read and edited.

The thesaurus is a CSV file with the columns ``id``, ``terms``, ``kind`` and ``note``. Terms are parted by "|"; one
that begins with "^" is an abbreviation that counts only as it is written (LAC, not lac). In a row of the kind
"synonym" or "abbreviation" every term stands for every other; in one of the kind "narrower" the first term is
widened by the others, and they by nothing.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from corpus.errors import SourceError
from index.analysis import Token, phrase_terms, query_terms, stem, tokens

KINDS = ("synonym", "abbreviation", "narrower")
MAX_ADDED = 6
WEIGHT = 0.7
OWN = "also"  # the concept of words that whoever asks gives
_COLUMNS = ["id", "terms", "kind", "note"]
_EXACT = "^"


@dataclass(frozen=True, slots=True)
class Concept:
    """A row of the thesaurus; its terms with the mark of those that count only as written."""

    id: str
    terms: tuple[str, ...]
    kind: str
    note: str


@dataclass(frozen=True, slots=True)
class Expansion:
    """Words of a query, at half-open offsets, and the other words for them that are looked for too."""

    found: str
    start: int
    end: int
    added: tuple[str, ...]
    concept: str


@dataclass(frozen=True, slots=True)
class _Form:
    """A term as it is looked for in a query: its words' stems, and how it is written if that counts."""

    stems: tuple[str, ...]
    written: str | None
    concept: Concept
    term: str


@dataclass(frozen=True, slots=True)
class Thesaurus:
    """Concepts by id, and the forms that widen a query by their first word's stem."""

    concepts: Mapping[str, Concept]
    forms: Mapping[str, tuple[_Form, ...]]


# -- reading -----------------------------------------------------------------------------------------


def load(own: Path | None = None) -> Thesaurus:
    """Return the thesaurus that comes with Minutebook, with the rows of a user's own file put in by their id.

    A row of the user's with an id of ours takes its place; one without terms takes ours out.

    Raises:
        SourceError: a file cannot be read, or a line of it is malformed.
    """
    shipped = (files("index.understanding") / "thesaurus.csv").read_text(encoding="utf-8")
    concepts = {concept.id: concept for concept in _concepts(shipped, "thesaurus.csv")}
    if own is not None:
        try:
            text = own.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as exc:
            raise SourceError(f"The thesaurus {own} cannot be read as UTF-8 text: {exc}.") from exc
        concepts.update((concept.id, concept) for concept in _concepts(text, str(own)))
    kept = {name: concept for name, concept in concepts.items() if concept.terms}
    forms: dict[str, list[_Form]] = {}
    for form in (form for concept in kept.values() for form in _forms(concept)):
        forms.setdefault(form.stems[0], []).append(form)
    return Thesaurus(kept, {first: tuple(same) for first, same in forms.items()})


def _concepts(text: str, name: str) -> Iterator[Concept]:
    reader = csv.reader(text.splitlines())
    header = next(reader, [])
    if [column.strip() for column in header] != _COLUMNS:
        raise SourceError(f"{name}, line 1: the columns must be {', '.join(_COLUMNS)}.")
    seen = set[str]()
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                concept = _concept(row, f"{name}, line {reader.line_num}")
                if concept.id in seen:
                    raise SourceError(f"{name}, line {reader.line_num}: the id {concept.id!r} stands there twice.")
                seen.add(concept.id)
                yield concept
    except csv.Error as exc:
        raise SourceError(f"{name}, line {reader.line_num}: not CSV: {exc}.") from exc


def _concept(row: Sequence[str], where: str) -> Concept:
    if len(row) not in (3, 4):
        raise SourceError(f"{where}: {len(row)} cells, where 4 are needed: put quotation marks round commas.")
    name, terms, kind, note = (cell.strip() for cell in (*row, "")[:4])
    if not name:
        raise SourceError(f"{where}: the id is missing.")
    if kind not in KINDS:
        raise SourceError(f"{where}: the kind is {kind!r}: write {', '.join(KINDS[:-1])} or {KINDS[-1]}.")
    parted = tuple(" ".join(term.split()) for term in terms.split("|")) if terms else ()
    if len(parted) == 1:
        raise SourceError(f"{where}: there is one term only: write two or more, parted by |.")
    for term in parted:
        if not phrase_terms(term.removeprefix(_EXACT)):
            raise SourceError(f"{where}: the term {term!r} has no word that is searched for.")
    return Concept(name, parted, kind, note)


def _forms(concept: Concept) -> Iterable[_Form]:
    forms: dict[tuple[str, ...], _Form] = {}
    for term in concept.terms[:1] if concept.kind == "narrower" else concept.terms:
        plain = term.removeprefix(_EXACT)
        stems = tuple(found for token in tokens(plain) for found in _stems(plain, token))
        forms.setdefault(stems, _Form(stems, plain if term != plain else None, concept, plain))
    return forms.values()


# -- widening a query --------------------------------------------------------------------------------


def expand(text: str, thesaurus: Thesaurus) -> tuple[Expansion, ...]:
    """Return what widens a query, in the order of its words.

    Where the words of two concepts overlap the longer counts; both do where they are the same words. Plurals,
    possessives and hyphens make no difference. At most ``MAX_ADDED`` terms are added for each.
    """
    found = sorted(_found(text, thesaurus), key=lambda one: (one[0] - one[1], one[0]))
    kept: list[tuple[int, int, _Form]] = []
    for start, end, form in found:
        if all((start, end) == (s, e) or end <= s or start >= e for s, e, _ in kept):
            kept.append((start, end, form))
    named = {(form.concept.id, tuple(phrase_terms(form.term))) for _, _, form in kept}
    expansions = []
    for start, end, form in sorted(kept, key=lambda one: one[:2]):
        added = _added(form, {terms for concept, terms in named if concept == form.concept.id})
        if added:
            expansions.append(Expansion(text[start:end], start, end, added, form.concept.id))
    return tuple(expansions)


def own(text: str, words: Sequence[str]) -> tuple[Expansion, ...]:
    """Return as expansions what whoever asks gives as other words for the whole of a text."""
    return tuple(Expansion(text, 0, len(text), (one,), OWN) for one in words)


def _found(text: str, thesaurus: Thesaurus) -> Iterator[tuple[int, int, _Form]]:
    """Yield every form that a text holds, with half-open offsets."""
    flat = [(found, token) for token in tokens(text) for found in _stems(text, token)]
    for at, (first, token) in enumerate(flat):
        for form in thesaurus.forms.get(first, ()):
            run = flat[at : at + len(form.stems)]
            if tuple(found for found, _ in run) == form.stems:
                start, end = token.start, run[-1][1].end
                if form.written is None or text[start:end].startswith(form.written):
                    yield start, end, form


def _stems(text: str, token: Token) -> tuple[str, ...]:
    """Return the terms of a token, or a stop word as it is, so that "child care" is not "children in care"."""
    return token.terms or (stem(text[token.start : token.end].lower()),)


def _added(form: _Form, named: set[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the concept's other terms: none that the query names, and none that only says more than the one found."""
    said = set(phrase_terms(form.term))
    added: dict[tuple[str, ...], str] = {}
    for term in (term.removeprefix(_EXACT) for term in form.concept.terms):
        run = tuple(phrase_terms(term))
        if run not in named and not said <= set(run):
            added.setdefault(run, term)
    return tuple(added.values())[:MAX_ADDED]


def groups(text: str, expansions: Sequence[Expansion]) -> tuple[tuple[tuple[str, float], ...], ...]:
    """Return what lexical search looks for: for each word of a query its term and what may stand for it, weighed.

    An alternative of several terms, parted by spaces, is a phrase. What stands for several words of the query
    stands for each of them with its part of the weight.
    """
    weights = query_terms(text)
    alternatives: dict[str, dict[str, float]] = {word: {} for word in weights}
    for expansion in expansions:
        words = [word for word in query_terms(expansion.found) if word in weights]
        for added in expansion.added:
            phrase = " ".join(phrase_terms(added))
            for word in words:
                alternatives[word].setdefault(phrase, round(WEIGHT / len(words), 3))
    return tuple(((word, weight), *alternatives[word].items()) for word, weight in weights.items())
