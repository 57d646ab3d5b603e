"""Comparisons: what each authority has to say to a question, decided, and how it moved; or one authority over time.

One row an authority: those that are named, those of a region or type, those like one of them, or all whose minutes
hold evidence; or one a committee. Each is searched by itself, so that one that writes much hides none. An authority
whose minutes hold nothing has its row too, which says how many meetings were searched. A document whose authority is
not known is a row of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from corpus.errors import QueryError
from corpus.filters import Filters, Meetings, authorities, meetings_by_year
from index.answers import answerable
from index.answers.asking import read_question
from index.citation import spoken_date
from index.comparisons import peers
from index.comparisons.compared import Inquiry, Moment, Row, Subject, moments_of, row_of, silent
from index.precedents.decided_near import Texts
from index.search import Searcher
from index.understanding.query import Understood

MOST = 40  # rows
OVER_TIME = 60  # passages of a timeline that sentences are chosen from
A_YEAR = 5  # passages of a year that the timeline would have nothing of

By = Literal["authority", "committee", "meeting"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison; ``by`` says what a row is of.

    Authorities that were named come in that order, others by how sure it is that their minutes answer, those without
    evidence last; meetings the earliest first. ``not_held`` are authorities of the region or type that the collection
    has nothing of, ``left_out`` those that were not looked into, by ``MOST``; ``notes`` tell the reader by what rule
    authorities were chosen, and what is missing.
    """

    question: str
    by: By
    filters: Filters
    rows: tuple[Row, ...]
    not_held: tuple[str, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]
    searched_documents: int
    searched_authorities: int


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Whose minutes are compared: names in order, None for all; and what is to be said of the choice."""

    names: Sequence[str] | None
    ordered: bool
    not_held: Sequence[str] = ()
    notes: tuple[str, ...] = ()


def compare(
    searcher: Searcher,
    question: str,
    filters: Filters | None = None,
    *,
    like: str | None = None,
    over_time: bool = False,
) -> Comparison:
    """Return what authorities have to say to a question, side by side.

    Args:
        filters: authorities, regions and types choose whose minutes are compared, all with evidence without them;
            committees of one authority are compared with one another.
        like: the authority whose like are compared.
        over_time: compare the meetings of one authority, in order.

    Raises:
        QueryError: the question is empty or too long, a filter names something that the collection does not hold, what
            is chosen goes ill together, or a timeline is asked of several authorities.
    """
    asked = searcher.understand(question, filters or Filters())
    resolved = asked.filters
    chosen = _chosen(searcher, resolved, like)
    if over_time and (chosen.names is None or len(chosen.names) != 1):
        raise QueryError("A timeline is of one authority: name one.")
    date_too = tuple(field for field in resolved.unknown_too if field == "date")
    each = replace(resolved, authorities=(), regions=(), types=(), unknown_too=date_too)
    inquiry = _inquiry(searcher, asked.understood)
    by, rows, left_out = _rows(searcher, inquiry, chosen, each, over_time=over_time)
    whole = resolved if like is None else replace(each, authorities=tuple(chosen.names or ()))
    documents, count = searcher.columns.searched(whole) if like is None or chosen.names else (0, 0)
    return Comparison(
        question=asked.understood.typed,
        by=by,
        filters=resolved,
        rows=tuple(rows),
        not_held=tuple(chosen.not_held),
        left_out=tuple(left_out),
        notes=(*chosen.notes, *_left_out(left_out)),
        searched_documents=documents,
        searched_authorities=count,
    )


def _rows(
    searcher: Searcher, inquiry: Inquiry, chosen: _Chosen, each: Filters, *, over_time: bool
) -> tuple[By, list[Row], list[str]]:
    """Return what the rows are of, the rows, and the names of those that were left out."""
    one = chosen.names[0] if chosen.names and len(chosen.names) == 1 else None
    if one is not None and over_time:
        return "meeting", _timeline(searcher, inquiry, _of_authority(one, each)), []
    if one is not None and len(each.committees) > 1:
        by: By = "committee"
        subjects = [_of_committee(one, name, each) for name in each.committees]
    else:
        by = "authority"
        subjects = _subjects(searcher, inquiry.query, chosen.names, each)
    rows = [row_of(searcher, inquiry, subject) for subject in subjects[:MOST]]
    if max((row.confidence for row in rows), default=0.0) < answerable.THRESHOLD:
        rows = [silent(searcher, subject, row.confidence) for subject, row in zip(subjects, rows, strict=False)]
    if not chosen.ordered:
        rows.sort(key=lambda row: (row.said is None, -row.confidence, row.name))
    return by, rows, [subject.name for subject in subjects[MOST:]]


def _inquiry(searcher: Searcher, understood: Understood) -> Inquiry:
    query = _without_filters(understood)
    return Inquiry(query, read_question(understood.typed), Texts(searcher.catalogue))


def _without_filters(understood: Understood) -> str:
    """Return the question as it is put to each authority: without the names and periods that became filters."""
    if not understood.found:
        return understood.typed
    words = [understood.text, *(f'"{phrase}"' for phrase in understood.phrases)]
    return " ".join([*words, *(f'-"{one}"' for one in understood.excluded)])


def _left_out(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    return [f"{len(names):,} more were not looked into, as their passages come less near: choose fewer to see them."]


# -- whose -------------------------------------------------------------------------------------------


def _chosen(searcher: Searcher, resolved: Filters, like: str | None) -> _Chosen:
    if like is not None:
        if resolved.authorities or resolved.regions or resolved.types:
            raise QueryError("Choose authorities by name, by region and type, or by what they are like: one of these.")
        names, rule = peers.alike(searcher.catalogue, like)
        return _Chosen(names, True, (), (rule, *([] if names else ["The collection holds none."])))
    if resolved.regions or resolved.types:
        held, missing = peers.of_register(searcher.catalogue, resolved)
        whose = "; ".join((*resolved.types, *resolved.regions))
        note = f"{len(missing):,} of the {len(held) + len(missing):,} authorities ({whose}) are not held."
        return _Chosen(held, False, missing, (note,) if missing else ())
    return _Chosen(resolved.authorities or None, bool(resolved.authorities))


def _subjects(searcher: Searcher, query: str, names: Sequence[str] | None, each: Filters) -> list[Subject]:
    """Return whose minutes are looked into: those named, or all, those whose best passage comes nearest first."""
    if names is not None and len(names) <= MOST:
        return [_of_authority(name, each) for name in names]
    columns, catalogue = searcher.columns, searcher.catalogue
    positions = columns.positions(row for row, _ in searcher.rank(query, each))
    nearest = dict.fromkeys(
        zip(columns.authority[positions].tolist(), columns.document[positions].tolist(), strict=True)
    )
    found: dict[str, Subject] = {}
    for authority, document in nearest:
        if authority >= 0:
            name = columns.authorities[authority]
            found.setdefault(name, _of_authority(name, each))
        else:
            document_id = columns.documents[document]
            found.setdefault(document_id, _of_document(searcher, document_id, each))
    for name in authorities(catalogue, each):
        found.setdefault(name, _of_authority(name, each))
    return [one for one in found.values() if names is None or one.authority in names]


def _of_authority(name: str, each: Filters) -> Subject:
    return Subject(name, name, None, replace(each, authorities=(name,)))


def _of_committee(authority: str, name: str, each: Filters) -> Subject:
    return Subject(name, authority, name, replace(each, authorities=(authority,), committees=(name,)))


def _of_document(searcher: Searcher, document_id: str, each: Filters) -> Subject:
    """Return a document whose authority is not known as what a row is of: by its committee and date, or its title."""
    title, committee, day = searcher.catalogue.connection.execute(
        "SELECT title, committee, meeting_date FROM documents WHERE document_id = ?", (document_id,)
    ).fetchone()
    what = ", ".join(filter(None, (committee or title, spoken_date(day) if day else None)))
    return Subject(f"Authority unknown: {what}", None, committee, replace(each, documents=(document_id,)))


# -- over time ---------------------------------------------------------------------------------------


def _timeline(searcher: Searcher, inquiry: Inquiry, subject: Subject) -> list[Row]:
    """Return a row for each meeting with evidence, and one for each year of which only that can be said.

    A year that the best passages leave out is searched again by itself, so that it is not crowded out by others.
    """
    moments, confidence = moments_of(searcher, inquiry, subject.filters, OVER_TIME)
    found = [(one, confidence) for one in moments]
    gaps: list[tuple[str, Row]] = []
    seen = {one.meeting_date[:4] for one in moments if one.meeting_date}
    for year in meetings_by_year(searcher.catalogue, subject.filters):
        if str(year) in seen:
            continue
        own = _in_year(subject, year)
        more, sure = moments_of(searcher, inquiry, own.filters, A_YEAR)
        found += [(one, sure) for one in more]
        gaps += [] if more else [(f"{year}", silent(searcher, own, sure))]
    if not found or max(confidence, *(sure for _, sure in found)) < answerable.THRESHOLD:
        return [silent(searcher, subject, confidence)]
    dated = [(one.meeting_date or "unknown", _of_moment(one, sure)) for one, sure in found]
    return [row for _, row in sorted([*dated, *gaps], key=lambda pair: pair[0])]


def _in_year(subject: Subject, year: int) -> Subject:
    """Return a subject with its documents of one year, as far as the filters let them through."""
    first, last = f"{year}-01-01", f"{year}-12-31"
    filters = replace(
        subject.filters,
        date_from=max(first, subject.filters.date_from or first),
        date_to=min(last, subject.filters.date_to or last),
        unknown_too=(),
    )
    return replace(subject, name=str(year), filters=filters)


def _of_moment(moment: Moment, confidence: float) -> Row:
    """Return the row of one meeting."""
    day = moment.meeting_date
    searched_here = Meetings(1 if day else 0, 1, 0 if day else 1, day, day)
    name = ", ".join((spoken_date(day) if day else "date unknown", moment.committee or "committee unknown"))
    return Row(
        name=name,
        authority=moment.authority,
        committee=moment.committee,
        meeting_date=day,
        said=moment.said,
        decided=tuple(one for one in moment.settled if one.kind != "recommendation"),
        recommended=tuple(one for one in moment.settled if one.kind == "recommendation"),
        moved=(),
        more=0,
        change=None,
        searched=searched_here,
        confidence=round(confidence, 3),
        reason="",
    )
