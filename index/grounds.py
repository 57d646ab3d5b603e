"""What a sentence may rest on: the words of the quotes it cites and of their citations, read once.

Words in a source that speak to a machine ("ignore previous instructions ...") are no part of it: they are in the
minutes, and may be quoted as such, but nothing that they say was said by a council.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from index.analysis import terms
from index.claims import acts, counted, figures, known, plain_words, same_name
from index.evidence import Evidence, Quote
from index.polarity import Clause, read
from index.verify import Place, Source, fold, source
from ingest.sentences import units

LONGEST = 2_000  # characters of a sentence
NEAR = 5  # sentences of a source over which the figures and names of one sentence may be spread

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
_MARKUP = re.compile(r"</?[a-z][^<>]*>|!?\[[^\]]*\]\([^)]*\)|\*\*|&(?:#\d+|[a-z]+);|<!--", re.IGNORECASE)
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+|\b[\w.+-]+@[\w-]+\.\w+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote with what is known of it."""

    quote: Quote
    kind: str
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """The words of names (any word may be one) and the figures of some sentences that stand together."""

    names: frozenset[str]
    figures: frozenset[tuple[str, str]]


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
    stretches: tuple[Stretch, ...]
    counted: frozenset[tuple[str, str, str]]
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
    return [ground(group) for group in groups.values()]


def ground(cited: Sequence[Cited]) -> Ground:
    """Return quotes as one ground."""
    cited = sorted(cited, key=lambda one: (one.quote.hit.document_id, one.quote.start))
    texts = [minuted(one.quote.text) for one in cited]
    text = "\n\n".join(texts)
    about = "\n".join(dict.fromkeys(line for one in cited for line in _about(one.quote)))
    sentences = [kept[unit.start : unit.end] for kept in texts for unit in units(kept, 0, len(kept))]
    read_each = [Stretch(_names(sentence), frozenset(known(figures(sentence)))) for sentence in sentences]
    of_citation = Stretch(_names(about), frozenset(known(figures(about))))
    lines = [[same_name(word) for word in plain_words(line)] for line in (*sentences, *about.split("\n"))]
    return Ground(
        cited=tuple(cited),
        text=text,
        about=about,
        sources=tuple(
            source(one.quote.hit.document_id, one.quote.start, kept) for one, kept in zip(cited, texts, strict=True)
        ),
        sentences=frozenset(map(fold, sentences)),
        terms=frozenset(terms(f"{text}\n{about}")),
        names=_together([*read_each, of_citation]).names,
        cited_names=of_citation.names,
        side_by_side=frozenset(pair for line in lines for pair in pairwise(line)),
        figures=_together([*read_each, of_citation]).figures,
        cited_figures=of_citation.figures,
        stretches=tuple(_together(read_each[i : i + NEAR]) for i in range(max(1, len(read_each) - NEAR + 1))),
        counted=frozenset(pair for sentence in sentences for pair in counted(sentence)),
        acts=frozenset(acts(text)),
        clauses=tuple(
            clause
            for one, kept in zip(cited, texts, strict=True)
            for clause in read(kept, one.kind, one.evidence.outcome if one.evidence else None)
        ),
    )


def _names(text: str) -> frozenset[str]:
    words = {same_name(word) for word in plain_words(text)}
    return frozenset(part for word in words for part in (word, *re.split(r"[-.&]", word)))


def _together(stretches: Sequence[Stretch]) -> Stretch:
    return Stretch(
        frozenset(name for one in stretches for name in one.names),
        frozenset(figure for one in stretches for figure in one.figures),
    )


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
    if _MARKUP.search(sentence):
        return "It has markup."
    stored = "\n".join(f"{one.quote.text}\n{one.quote.hit.url}" for one in cited)
    if any(address.group().rstrip(".,;)") not in stored for address in _ADDRESS.finditer(sentence)):
        return "It has an address that is not in its sources."
    if any(_strange(letter) and letter not in stored for letter in unicodedata.normalize("NFC", sentence)):
        return "It has letters of another script."
    return None


def _strange(letter: str) -> bool:
    return not letter.isascii() and letter.isalnum() and not unicodedata.name(letter, "").startswith("LATIN ")
