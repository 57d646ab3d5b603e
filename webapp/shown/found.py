"""Hits as the pages show them: what is quoted of each, and what the record says became of the motions in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from flask import url_for

from corpus.catalogue import Catalogue
from corpus.model import Motion, Outcome
from index.answers.labels import Held, extent, label, records_of, statuses
from index.hits import Hit
from index.meetings import by_meeting
from webapp.language import to_translate
from webapp.shown.formatters import KIND_LABELS, web_address
from webapp.shown.snippets import Snippet, snippet

KINDS = {
    **KIND_LABELS,
    "recommendation": to_translate("Recommendation, not a decision"),
}
MOVED: dict[tuple[Literal["motion", "amendment", "vote"], Outcome | None], str] = {
    ("motion", None): to_translate("Motion, outcome not stated"),
    ("motion", "carried"): to_translate("Motion carried"),
    ("motion", "lost"): to_translate("Motion lost"),
    ("motion", "withdrawn"): to_translate("Motion withdrawn"),
    ("motion", "not seconded"): to_translate("Motion not seconded"),
    ("amendment", None): to_translate("Amendment, outcome not stated"),
    ("amendment", "carried"): to_translate("Amendment carried"),
    ("amendment", "lost"): to_translate("Amendment lost"),
    ("amendment", "withdrawn"): to_translate("Amendment withdrawn"),
    ("amendment", "not seconded"): to_translate("Amendment not seconded"),
    ("vote", None): to_translate("Vote, outcome not stated"),
    ("vote", "carried"): to_translate("Vote: carried"),
    ("vote", "lost"): to_translate("Vote: lost"),
    ("vote", "withdrawn"): to_translate("Vote: withdrawn"),
    ("vote", "not seconded"): to_translate("Vote: not seconded"),
}
MARKS = {
    "draft": to_translate("Draft minutes"),
    "ocr": to_translate("Read by OCR, may contain errors"),
    "partial": to_translate("Partial record"),
}
MOST_MOVED = 4  # motions that are named beside a passage


@dataclass(frozen=True, slots=True)
class Moved:
    """A motion or amendment that a passage holds words of, and what became of it; None where that is not stated."""

    type: Literal["motion", "amendment"]
    outcome: Outcome | None

    @property
    def words(self) -> str:
        """Return this in words, to be translated."""
        return MOVED[self.type, self.outcome]


@dataclass(frozen=True, slots=True)
class Shown:
    """A hit and what is shown of it: the quote, the motions in the passage, whether the minutes are a draft.

    ``recommended``: what is quoted, or the passage, recommends and decides nothing. ``coins`` is what reference
    managers read.
    """

    hit: Hit
    quote: Snippet
    moved: tuple[Moved, ...]
    draft: bool
    recommended: bool
    coins: str


@dataclass(frozen=True, slots=True)
class ShownMeeting:
    """The hits of one meeting: the best, and the further ones behind it."""

    best: Shown
    further: tuple[Shown, ...]


def shown(catalogue: Catalogue, hits: Sequence[Hit]) -> list[Shown]:
    """Return hits with what is shown of them."""
    documents = [hit.document_id for hit in hits]
    held, status = records_of(catalogue, documents), statuses(catalogue, documents)
    return [_shown(hit, held[hit.document_id], draft=status.get(hit.document_id) == "draft") for hit in hits]


def _shown(hit: Hit, held: Sequence[Held], *, draft: bool) -> Shown:
    quote = snippet(hit.text, hit.highlights)
    recommended = any(
        label(hit, hit.start + start, hit.start + start + len(text), text, held, None).kind == "recommendation"
        for start, text in ((0, hit.text), (quote.start, quote.text))
    )
    return Shown(hit, quote, _moved(hit, held), draft, recommended, _coins(hit))


def meetings(catalogue: Catalogue, hits: Sequence[Hit]) -> list[ShownMeeting]:
    """Return hits by meeting, in the order of the first of each."""
    of: Mapping[str, Shown] = {one.hit.passage_id: one for one in shown(catalogue, hits)}
    return [
        ShownMeeting(of[one.best.passage_id], tuple(of[hit.passage_id] for hit in one.further))
        for one in by_meeting(hits)
    ]


def _moved(hit: Hit, held: Sequence[Held]) -> tuple[Moved, ...]:
    """Return what was moved in the words of a passage, in their order, the same only once."""
    found: dict[Moved, None] = {}
    for one in held:
        if isinstance(one.record, Motion):
            start, end = extent(one.record)
            if start < hit.end and hit.start < end:
                found[Moved(one.record.type, one.record.outcome)] = None
    return tuple(found)[:MOST_MOVED]


def _coins(hit: Hit) -> str:
    """Return a hit as a ContextObject in a ``title`` (COinS), at its original or else its place here."""
    here = url_for("document.page", document_id=hit.document_id, passage=hit.passage_id, _external=True, lang=None)
    pairs = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:dc"),
        ("rft.title", hit.item_title or hit.title),
        ("rft.creator", hit.authority),
        ("rft.publisher", hit.committee),
        ("rft.date", hit.meeting_date),
        ("rft.identifier", web_address(hit.url) or here),
    ]
    return urlencode([(name, value) for name, value in pairs if value])
