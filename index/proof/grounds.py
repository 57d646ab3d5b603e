"""What a sentence may rest on: the words of the quotes it cites and of their citations, read once.

Words in a source that speak to a machine ("ignore previous instructions ...") are no part of it: they are in the
minutes, and may be quoted as such, but nothing that they say was said by a council.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import pairwise

from index.analysis import terms
from index.answers.evidence import Evidence, Quote
from index.proof.claims import acts, figures, known, persons, plain_words, same_name
from index.proof.polarity import Clause, read
from index.proof.verify import Place, Source, fold, source
from ingest.sentences import units

LONGEST = 2_000  # characters of a sentence
READ = 4_000  # characters of a quote that a sentence may rest on

_INSTRUCTS = re.compile(
    r"""\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}
        \b(?:instructions?|prompts?|guidelines|guardrails|the\ above)\b
      | \b(?:system|developer|hidden)\s+(?:prompt|message|instruction)s?\b | (?:^|\n)\W*(?:system|assistant|user)\s*:
      | \b(?:you\ are|act\ as|pretend\ to\ be|as)\ (?:an?\ |the\ )?(?:\w+\ ){0,2}(?:AI|language\ model|chatbot|LLM)\b
      | \b(?:AI|LLM|language\ model|chatbot)s?(?:\ \w+){0,2}
        \ (?:reading|processing|summari[sz]ing|answering|that\ reads?)\b
      | \b(?:notes?|notice|attention|instructions?|messages?)\b.{0,20}\b(?:to|for)\ (?:the\ |any\ |all\ )?
        (?:AI|LLM|language\ model|chatbot|assistant|summari[sz])
      | \b(?:respond|reply|output|answer)\ (?:only|with|exactly|as\ follows)\b
      | \[/?INST\] | <\|\w+\|> | \#\#\# | ``` | \{\{""",
    re.IGNORECASE | re.VERBOSE,
)
_ENTRY = re.compile(r"\W*\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)]\s", re.IGNORECASE)
_MARKUP = re.compile(r"</?[a-z][^<>]*>|!?\[[^\]]*\]\([^)]*\)|\*\*|&(?:#\d+|[a-z]+);|<!--", re.IGNORECASE)
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+|\b[\w.+-]+@[\w-]+\.\w+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote with what is known of it."""

    quote: Quote
    kind: str
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of a source with the one before it, or the heading of its list.

    ``names`` are the words that may be names in the sentence itself, or in those before it if it has none.
    """

    text: str
    names: frozenset[str]
    figures: frozenset[tuple[str, str]]
    terms: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ground:
    """Some quotes with their citations, as sentences are compared with them."""

    cited: tuple[Cited, ...]
    text: str
    about: str
    sources: tuple[Source, ...]
    sentences: frozenset[str]
    terms: frozenset[str]
    names: frozenset[str]
    cited_names: frozenset[str]
    side_by_side: frozenset[tuple[str, str]]
    figures: frozenset[tuple[str, str]]
    cited_figures: frozenset[tuple[str, str]]
    cited_terms: frozenset[str]
    said: tuple[Said, ...]
    acts: frozenset[tuple[str, str]]
    clauses: tuple[Clause, ...]

    @property
    def authorities(self) -> set[str]:
        """Return the authorities cited."""
        return {one.quote.hit.authority for one in self.cited if one.quote.hit.authority}

    @property
    def places(self) -> tuple[Place, ...]:
        """Return where the quotes stand."""
        return tuple(Place(one.quote.hit.document_id, one.quote.start, one.quote.end) for one in self.cited)


def cited_in(shown: Iterable[Quote | Evidence]) -> list[Cited]:
    """Return quotes or evidence as what is cited."""
    found = []
    for one in shown:
        if isinstance(one, Evidence):
            found.append(Cited(one.quote, one.kind, one))
        else:
            found.append(Cited(one, "decision" if one.hit.kind == "decision" else "", None))
    return found


def by_item(cited: Iterable[Cited]) -> list[Ground]:
    """Return a ground for each agenda item of each meeting: what is told as one event must rest on one of them."""
    groups: dict[tuple[str | None, ...], list[Cited]] = {}
    for one in cited:
        hit = one.quote.hit
        meeting = (hit.authority, hit.committee, hit.meeting_date)
        key = (*(meeting if all(meeting) else (hit.document_id,)), hit.item_number, hit.item_title)
        groups.setdefault(key, []).append(one)
    return [ground(tuple(group)) for group in groups.values()]


@lru_cache(maxsize=128)
def ground(cited: tuple[Cited, ...]) -> Ground:
    """Return quotes as one ground; the sentences of an answer share them, so they are kept for a while."""
    cited = tuple(sorted(cited, key=lambda one: (one.quote.hit.document_id, one.quote.start)))
    texts = [minuted(one.quote.text[:READ]) for one in cited]
    text = "\n\n".join(texts)
    about = "\n".join(dict.fromkeys(line for one in cited for line in _about(one.quote)))
    sentences = [kept[unit.start : unit.end] for kept in texts for unit in units(kept, 0, len(kept))]
    whole, citation = _said(text), _said(about)
    lines = [[same_name(word) for word in plain_words(line)] for line in (*sentences, *about.split("\n"))]
    return Ground(
        cited=cited,
        text=text,
        about=about,
        sources=tuple(
            source(one.quote.hit.document_id, one.quote.start, kept) for one, kept in zip(cited, texts, strict=True)
        ),
        sentences=frozenset(map(fold, sentences)),
        terms=frozenset(terms(f"{text}\n{about}")),
        names=whole.names | citation.names,
        cited_names=citation.names,
        side_by_side=frozenset(pair for line in lines for pair in pairwise(line)),
        figures=whole.figures | citation.figures,
        cited_figures=citation.figures,
        cited_terms=citation.terms,
        said=tuple(one for kept in texts for one in _with_context(kept)),
        acts=frozenset(acts(text)),
        clauses=tuple(
            clause
            for one, kept in zip(cited, texts, strict=True)
            for clause in read(kept, one.kind, one.evidence.outcome if one.evidence else None)
        ),
    )


def _said(text: str) -> Said:
    words = {same_name(word) for word in plain_words(text)}
    names = frozenset(part for word in words for part in (word, *re.split(r"[-.&]", word)))
    return Said(text, names, frozenset(known(figures(text))), frozenset(terms(text)))


def _with_context(text: str) -> Iterator[Said]:
    """Yield each sentence of a source with what it may go on from."""
    before, heading, named = "", "", frozenset[str]()
    for unit in units(text, 0, len(text)):
        sentence = text[unit.start : unit.end]
        entry = _ENTRY.match(sentence) is not None and heading
        own = _said(sentence).names
        named = own if persons(sentence) else named | own
        yield replace(_said(f"{heading if entry else before}\n{sentence}"), names=named)
        if not entry:
            heading = sentence if sentence.endswith((":", "–", "-")) or sentence.isupper() else ""
        before = sentence


def _about(quote: Quote) -> Iterator[str]:
    """Yield the lines of a citation: authority, committee, day of the meeting, item."""
    hit = quote.hit
    yield from (line for line in (hit.authority, hit.committee, hit.item_title) if line)
    if hit.meeting_date:
        yield f"{date.fromisoformat(hit.meeting_date):%A %d %B %Y}"


def minuted(text: str) -> str:
    """Return a quote with what speaks to a machine blanked out, up to the end of its paragraph."""
    kept, blank = list(text), False
    for unit in units(text, 0, len(text)):
        blank = (blank and not unit.paragraph) or _INSTRUCTS.search(text, unit.start, unit.end) is not None
        if blank:
            kept[unit.start : unit.end] = " " * (unit.end - unit.start)
    return "".join(kept)


def unfit(sentence: str, cited: Sequence[Cited]) -> str | None:
    """Return why a sentence cannot be one about minutes, whatever it cites, or None."""
    if not any(map(str.isalnum, sentence)) or len(sentence) > LONGEST:
        return "There are no words in it." if len(sentence) <= LONGEST else f"It is longer than {LONGEST} characters."
    if any(unicodedata.category(letter) in {"Cf", "Cc", "Co", "Cs"} and letter not in "\n\t\r" for letter in sentence):
        return "It has hidden characters."
    if _INSTRUCTS.search(sentence):
        return "It reads as an instruction to a machine, or as an answer to one."
    stored = "\n".join(f"{one.quote.text}\n{one.quote.hit.url}" for one in cited)
    if any(mark.group()[0] in "<![" or mark.group() not in stored for mark in _MARKUP.finditer(sentence)):
        return "It has markup."
    if any(address.group().rstrip(".,;)") not in stored for address in _ADDRESS.finditer(sentence)):
        return "It has an address that is not in its sources."
    if any(_strange(letter) and letter not in stored for letter in unicodedata.normalize("NFC", sentence)):
        return "It has letters of another script."
    return None


def _strange(letter: str) -> bool:
    return not letter.isascii() and letter.isalnum() and not unicodedata.name(letter, "").startswith("LATIN ")
