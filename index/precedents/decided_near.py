"""What was moved and decided near a matter: in agenda items that come near it, each motion and decision by its words.

A decision in a few words that say nothing of their matter ("Agreed as recommended") is as near as its agenda item is.
What two files print of one meeting is one; what one authority decided at two meetings is two.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.catalogue import Catalogue, embedded_text
from index import matter
from index.boilerplate import boilerplate
from index.duplicates import Behind, Candidate, Group, collapse
from index.hits import Stored, candidate, read
from index.matter import Matter
from index.precedents.decided import Decided, Place, decided_in
from index.search import Searcher

MAX_WORDING = 3_000  # characters of a motion or decision that are quoted
ROWS = 300  # passages, the nearest, whose agenda items are looked into
JUDGED = 100  # motions and decisions whose words are judged
BESIDE = 1_500  # characters from a near passage, in a document without agenda items
SHORT = 15  # words of a decision that may say nothing of its matter
NEAR = 0.5  # below this a motion or decision is of another matter
LONGEST_ITEM = 6_000  # characters of an agenda item that is still one matter
A_MEETING = 3  # that are shown of one meeting

_DECIDED = {"decided": 0.15, "carried": 0.15}
REFERS = re.compile(
    r"\b(?:recommend\w*|reports?|proposals?|proposed|motions?|amendments?|amended|above|agreed|noted|approved|carried)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """A motion or decision: its words from ``decided.start`` to ``end``, how near it is, the passage they begin in."""

    decided: Decided
    end: int
    words: str
    score: float
    stored: Stored

    @property
    def meeting(self) -> tuple[str | None, ...]:
        """Return authority, committee and day; the document where these are not all known."""
        one = self.stored
        known = one.authority and one.meeting_date
        return (one.authority, one.committee, one.meeting_date) if known else (one.document_id,)


class Texts:
    """The stored texts of documents, each read once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._held: dict[str, str] = {}

    def __getitem__(self, document_id: str) -> str:
        if document_id not in self._held:
            row = self._catalogue.connection.execute(
                "SELECT text FROM documents WHERE document_id = ?", (document_id,)
            ).fetchone()
            self._held[document_id] = row[0] if row else ""
        return self._held[document_id]


def decided_near(searcher: Searcher, sought: Matter, near: Sequence[tuple[int, float]], texts: Texts) -> list[Found]:
    """Return the motions and decisions on a matter, the nearest first.

    Args:
        near: the nearest passages and their scores, best first, whose agenda items are looked into.
    """
    held = list(_held(searcher, near, texts))
    words = [_quoted(texts[one.place.document_id], one) for one, _ in held]
    headings = _headings(searcher.catalogue, [one.place for one, _ in held])
    judged = [
        embedded_text(heading if _is_one_matter(one.place) else "", said)
        for (one, _), heading, said in zip(held, headings, words, strict=True)
    ]
    shares = matter.covered(sought, judged)
    hopes = [score + share for (_, score), share in zip(held, shares.tolist(), strict=True)]
    order = sorted(range(len(held)), key=lambda at: (-hopes[at], at))[:JUDGED]
    if not order:
        return []
    cosines = searcher.kept_vectors.of([judged[at] for at in order]) @ sought.vector
    scores = matter.score(cosines, shares[order])
    found = []
    for at, cosine, own in zip(order, cosines.tolist(), scores.tolist(), strict=True):
        one, of_item = held[at]
        score = _score(one, words[at], own if cosine >= matter.MIN_COSINE else 0.0, own, of_item)
        if score >= NEAR and not boilerplate(words[at], headings[at]):
            stored = _passage_at(searcher.catalogue, one)
            found.append(Found(one, one.start + len(words[at]), words[at], min(score, 1.0), stored))
    return sorted(found, key=lambda one: (-one.score, one.stored.row, one.decided.start))


def decided_at(searcher: Searcher, near: Sequence[tuple[int, float]], texts: Texts) -> list[Found]:
    """Return the motions and decisions of the agenda items of some passages, whatever their matter.

    Args:
        near: as for ``decided_near``; each motion or decision has the score of its item's best passage.
    """
    found = []
    for one, score in _held(searcher, near, texts):
        words = _quoted(texts[one.place.document_id], one)
        found.append(Found(one, one.start + len(words), words, min(score, 1.0), _passage_at(searcher.catalogue, one)))
    return sorted(found, key=lambda one: (-one.score, one.stored.row, one.decided.start))


def _held(searcher: Searcher, near: Sequence[tuple[int, float]], texts: Texts) -> Iterator[tuple[Decided, float]]:
    """Yield what was moved and decided in the agenda items of passages, and the score of the item's best passage."""
    for place, score, spots in _places(searcher, near[:ROWS]):
        text = texts[place.document_id]
        for one in _telling(text, decided_in(searcher.catalogue, place, text)):
            if place.item is not None or any(abs(one.start - spot) < BESIDE for spot in spots):
                yield one, score


def _score(one: Decided, words: str, alone: float, own: float, of_item: float) -> float:
    """Return how near a motion or decision is: by its own words, and by its agenda item where that is one matter."""
    if not _is_one_matter(one.place):
        return alone
    whole = of_item >= matter.FLOOR and _refers(words)
    return max(alone, of_item if whole else (own + of_item) / 2)


def _refers(words: str) -> bool:
    return len(words.split()) <= SHORT and REFERS.search(words) is not None


def _telling(text: str, found: Sequence[Decided]) -> list[Decided]:
    """Return what was moved and decided in an item without "Agreed as recommended", where it words the decision too."""
    short = {one for one in found if one.kind == "decision" and _refers(text[one.start : one.end])}
    worded = any(one.kind == "decision" and one not in short for one in found)
    return [one for one in found if not (worded and one in short and _is_one_matter(one.place))]


def _is_one_matter(place: Place) -> bool:
    return place.item is not None and place.end - place.start <= LONGEST_ITEM


def _places(searcher: Searcher, near: Sequence[tuple[int, float]]) -> Iterator[tuple[Place, float, list[int]]]:
    """Yield the agenda items of passages with the best score of each, and where the passages begin."""
    stored = read(searcher.catalogue, [row for row, _ in near], searcher.columns)
    items = dict(zip(stored, searcher.columns.item[searcher.columns.positions(stored)].tolist(), strict=True))
    places: dict[tuple[str, int], tuple[float, list[int]]] = {}
    for row, score in near:
        if row in stored:
            _, spots = places.setdefault((stored[row].document_id, items[row]), (score, []))
            spots.append(stored[row].start)
    for (document_id, item), (score, spots) in places.items():
        bounds = searcher.catalogue.connection.execute(
            'SELECT start, "end" FROM items WHERE document_id = ? AND position = ?', (document_id, item)
        ).fetchone()
        if bounds:
            yield Place(document_id, item, *bounds), score, spots
        else:
            length = searcher.catalogue.connection.execute(
                "SELECT length(text) FROM documents WHERE document_id = ?", (document_id,)
            ).fetchone()[0]
            yield Place(document_id, None, 0, length), score, spots


def _headings(catalogue: Catalogue, places: Sequence[Place]) -> list[str]:
    known: dict[Place, str] = {}
    for place in places:
        if place not in known:
            row = catalogue.connection.execute(
                "SELECT title FROM items WHERE document_id = ? AND position = ?", (place.document_id, place.item)
            ).fetchone()
            known[place] = row[0] if row else ""
    return [known[place] for place in places]


def _quoted(text: str, one: Decided) -> str:
    """Return the words of a motion or decision; long ones to the last whole word that can be quoted."""
    if one.end - one.start <= MAX_WORDING:
        return text[one.start : one.end]
    return text[one.start : one.start + MAX_WORDING + 1].rsplit(maxsplit=1)[0]


def _passage_at(catalogue: Catalogue, one: Decided) -> Stored:
    """Return the passage in which the words begin; the next one, where they begin between two."""
    row = catalogue.connection.execute(
        'SELECT row FROM passages WHERE document_id = ? ORDER BY "end" > ? DESC, position LIMIT 1',
        (one.place.document_id, one.start),
    ).fetchone()[0]
    return read(catalogue, [row])[row]


def apart(found: Sequence[Found]) -> list[Group]:
    """Return what was found by its position, best first, what other files print of the same behind it.

    Only what came to the same outcome is put together, and only of one meeting as far as its day is known.
    """
    groups: list[Group] = []
    for outcome in dict.fromkeys(one.decided.outcome for one in found):
        alike = {at: found[at] for at in range(len(found)) if found[at].decided.outcome == outcome}
        made = collapse(
            [(at, one.score) for at, one in alike.items()],
            lambda positions: {at: _candidate(found[at]) for at in positions},
            len(alike),
        )
        for group in made:
            same, other = _by_day(found, group)
            groups += [Group(group.row, group.score, same), *other]
    return sorted(groups, key=lambda group: (-group.score, group.row))


def _candidate(one: Found) -> Candidate:
    whole = candidate(one.stored)
    return Candidate(
        one.words, whole.heading, whole.kind, whole.document, whole.authority, whole.committee, whole.day,
        whole.preference,
    )  # fmt: skip


def _by_day(found: Sequence[Found], group: Group) -> tuple[tuple[Behind, ...], list[Group]]:
    """Return what stays behind a group's first, and groups of what was said at other meetings."""
    day = found[group.row].stored.meeting_date
    same, other = list[Behind](), list[Group]()
    for one in group.also:
        theirs = found[one.row].stored.meeting_date
        if day and theirs and day != theirs:
            other.append(Group(one.row, found[one.row].score, ()))
        else:
            same.append(one)
    return tuple(same), other


def chosen(groups: Sequence[Group], found: Sequence[Found], k: int) -> list[Group]:
    """Return the ``k`` best, at most ``A_MEETING`` of one meeting: what was decided there rather than what was not."""
    seen: Counter[tuple[str | None, ...]] = Counter()
    kept = []
    for group in sorted(groups, key=lambda group: -group.score - _DECIDED.get(found[group.row].decided.outcome, 0.0)):
        meeting = found[group.row].meeting
        seen[meeting] += 1
        if seen[meeting] <= A_MEETING:
            kept.append(group)
    return sorted(kept, key=lambda group: (-group.score, group.row))[:k]
