"""Comparisons as JSON and as tables."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import get_args

from corpus.model import Outcome, Vote
from index.answers.evidence import Evidence, Quote
from index.answers.sentences import Sentence
from index.citation import spoken_date
from index.comparisons.compare import Comparison
from index.comparisons.compared import Moment, Row
from index.comparisons.settled import Settled
from webapp.shown.answers import citation_json, label
from webapp.shown.formatters import filters_json
from webapp.shown.tables import Cell, xlsx_of

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
_COLUMNS = (
    "name", "authority", "committee", "meeting_date", "said", "said_kind", "said_outcome", "said_date", "said_citation",
    "said_url", "decided", "decided_outcome", "decided_date", "decided_citation", "decided_url", "recommended",
    "recommended_date", "recommended_citation", "recommended_url", "moved", "moved_state", "moved_date",
    "moved_citation", "moved_url", "change", "meetings_searched", "first_meeting", "last_meeting", "documents_searched",
    "confidence", "reason",
)  # fmt: skip


def comparison_json(comparison: Comparison) -> dict[str, object]:
    """Return a comparison as the JSON that the API and the command line give."""
    return {
        "question": comparison.question,
        "by": comparison.by,
        "filters": filters_json(comparison.filters),
        "rows": [row_json(row) for row in comparison.rows],
        "not_held": list(comparison.not_held),
        "left_out": list(comparison.left_out),
        "notes": list(comparison.notes),
        "searched": {"documents": comparison.searched_documents, "authorities": comparison.searched_authorities},
    }


def row_json(row: Row) -> dict[str, object]:
    """Return a row as JSON."""
    return {
        "name": row.name,
        "authority": row.authority,
        "committee": row.committee,
        "meeting_date": row.meeting_date,
        "said": evidence_json(row.said) if row.said else None,
        "decided": [settled_json(one) for one in row.decided],
        "recommended": [settled_json(one) for one in row.recommended],
        "moved": [_moment_json(one) for one in row.moved],
        "more": row.more,
        "change": row.change,
        "searched": asdict(row.searched),
        "confidence": row.confidence,
        "reason": row.reason,
    }


def _moment_json(moment: Moment) -> dict[str, object]:
    return {
        "authority": moment.authority,
        "committee": moment.committee,
        "meeting_date": moment.meeting_date,
        "state": moment.state,
        "said": evidence_json(moment.said),
        "settled": [settled_json(one) for one in moment.settled],
    }


def evidence_json(evidence: Evidence) -> dict[str, object]:
    """Return a quote that speaks to a question as JSON: the fields of its citation, and what it is."""
    about = {"evidence": evidence.kind, "outcome": evidence.outcome, "marks": list(evidence.marks)}
    return citation_json(evidence.quote) | about | {"probability": evidence.score}


def settled_json(settled: Settled) -> dict[str, object]:
    """Return what was settled as JSON: the fields of its citation, what it is, and the quotes of outcome and vote."""
    about = {"evidence": settled.kind, "outcome": settled.state, "marks": list(settled.marks)}
    vote = settled.vote
    counts = {"for": vote.for_count, "against": vote.against_count, "abstain": vote.abstain_count} if vote else None
    proof = [citation_json(quote) for quote in settled.proof]
    return citation_json(settled.quote) | about | {"vote": counts, "cut": settled.cut, "proof": proof}


def said_words(said: Evidence) -> str:
    """Return in words what a quote is: "Amendment, lost · draft minutes"."""
    return label(Sentence(said.quote.text, said.kind, said.outcome, said.marks, (said.quote,)))


def day_of(quote: Quote) -> str:
    """Return the day of a quote's meeting as councils write it."""
    return spoken_date(quote.hit.meeting_date) if quote.hit.meeting_date else "date unknown"


def settled_words(settled: Settled) -> str:
    """Return in words what was settled: "Amendment, lost · draft minutes · 17 for, 41 against"."""
    outcome = next((outcome for outcome in OUTCOMES if outcome == settled.state), None)
    words = label(Sentence(settled.quote.text, settled.kind, outcome, settled.marks, (settled.quote,)))
    return f"{words} · {counts}" if settled.vote and (counts := _counts(settled.vote)) else words


def _counts(vote: Vote) -> str:
    counts = ((vote.for_count, "for"), (vote.against_count, "against"), (vote.abstain_count, "abstaining"))
    return ", ".join(f"{count} {word}" for count, word in counts if count is not None)


# -- tables ------------------------------------------------------------------------------------------


def comparison_table(comparison: Comparison) -> tuple[tuple[str, ...], list[list[Cell]]]:
    """Return the names of the columns of a comparison, and its rows.

    Where a row has several decisions or meetings they stand in one cell, each behind its number, and so do their
    citations, addresses and dates in the cells beside it.
    """
    return _COLUMNS, [_cells(row) for row in comparison.rows]


def _cells(row: Row) -> list[Cell]:
    said = row.said
    quotes = [said.quote] if said else []
    moved = [moment.said.quote for moment in row.moved]
    searched = row.searched
    return [
        *(row.name, row.authority, row.committee, row.meeting_date),
        *(said.quote.text if said else None, said.kind if said else None, said.outcome if said else None),
        *_where(quotes, numbered=False),
        _lines(one.quote.text for one in row.decided),
        _lines(map(settled_words, row.decided)),
        *_where([one.quote for one in row.decided]),
        _lines(one.quote.text for one in row.recommended),
        *_where([one.quote for one in row.recommended]),
        _lines(quote.text for quote in moved),
        _lines(moment.state for moment in row.moved),
        *_where(moved),
        row.change,
        *(searched.meetings, searched.first, searched.last, searched.documents),
        *(row.confidence, row.reason or None),
    ]


def _where(quotes: Sequence[Quote], *, numbered: bool = True) -> list[Cell]:
    """Return the cells of date, citation and address of some quotes."""
    fields = [
        [quote.hit.meeting_date or "unknown" for quote in quotes],
        [quote.hit.citation for quote in quotes],
        [quote.hit.url or "unknown" for quote in quotes],
    ]
    return [_lines(values) if numbered else "\n".join(values) or None for values in fields]


def _lines(values: Iterable[str]) -> str | None:
    return "\n".join(f"{number}. {value}" for number, value in enumerate(values, 1)) or None


def about_table(comparison: Comparison) -> list[list[Cell]]:
    """Return what a table of a comparison does not say by itself: the question, what was searched, what is missing."""
    filters = [(name, value) for name, value in filters_json(comparison.filters).items() if value]
    rows: list[list[Cell]] = [["question", comparison.question]]
    rows += [["filter", f"{name}: {_joined(value)}"] for name, value in filters]
    rows += [["documents searched", comparison.searched_documents]]
    rows += [["authorities searched", comparison.searched_authorities]]
    rows += [["note", note] for note in comparison.notes]
    rows += [["not held", name] for name in comparison.not_held]
    return rows + [["not looked into", name] for name in comparison.left_out]


def _joined(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def workbook(comparison: Comparison) -> bytes:
    """Return a comparison as an Excel workbook: the rows, and a sheet about them."""
    columns, rows = comparison_table(comparison)
    return xlsx_of([("Comparison", columns, rows), ("About", ("what", "value"), about_table(comparison))])
