"""Motions and amendments: who moved and seconded them, how the vote went, and what became of them.

Proposals, votes and outcomes are found one by one and then put together: an outcome belongs to the latest
open proposal of its sort, a vote to the outcome beside it. What the text does not say stays unknown: no
outcome is worked out from a count.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

from corpus.model import AgendaItem, Motion, Outcome, Vote
from ingest.people import HONOUR, NAME, last_named
from ingest.votes import for_the_amendment, votes_in

_PERSON = rf"{NAME}(?:,?\s+{HONOUR}\b)*"
_VERB = re.compile(r"\b(?:proposed|moved)\b")
_BEFORE = 200
_SENTENCE = 1_000  # characters before a proposal that may be of its own sentence
_MOVER_BEFORE = re.compile(
    rf"(?P<mover>{_PERSON}),?\s+(?:seconded\s+by\s+(?P<seconder>{_PERSON}),?\s+)?(?:then\s+|formally\s+)?\Z"
)
_MOVES = (
    re.compile(
        rf"\b(?:[Pp]roposed|[Mm]oved|PROPOSED|MOVED|[Pp]rop(?:oser)?)\b\s*+(?:[.:-]\s*+)?(?:by(?:\s*+[.:-])?\s++)?(?P<mover>{_PERSON})"
        r"(?P<seconder>)(?!\s+(?:proposed|moved|seconded))"
    ),
    re.compile(r"\b(?P<mover>He|She|They)\s+(?:then\s+)?(?:moved|proposed)\s+that\b(?P<seconder>)"),
)
_SECONDED = re.compile(
    rf"\b(?:[Ss]econded|SECONDED|[Ss]econder|2nd|second)\b\s*+(?:[.:-]\s*+)?(?:by(?:\s*+[.:-])?\s++)?(?P<after>{_PERSON})"
    rf"|(?P<before>{_PERSON}),?\s+(?:then\s+)?[Ss]econded\b"
)
_SECONDED_NEXT = re.compile(r"\s+Second(?:ed|er)\Z")  # the next line, read as a part of the name
_PRONOUNS = frozenset({"He", "She", "They"})
_TITLED = re.compile(r"(?:Cllr|Councillor|Mr|Mrs|Ms|Miss|Dr|Sir|Dame|Lord|Lady|Rev|Prof|Ald)|[A-Z]{2,3}[a-z]?$")
_BODIES = re.compile(
    r"\b(?:Council|Committee|Cabinet|Administration|Government|Board|Panel|Officers?|Group|Report|Regulations|Plan|It|This"
    r"|The|Commission|Service|Motion|Amendment|Members?)\b"
)
_ENDS: dict[str, Outcome] = {
    "carried": "carried", "agreed": "carried", "approved": "carried", "passed": "carried", "adopted": "carried",
    "lost": "lost", "defeated": "lost", "rejected": "lost", "fell": "lost", "failed": "lost", "not carried": "lost",
    "withdrawn": "withdrawn", "withdrew": "withdrawn", "not seconded": "not seconded", "no seconder": "not seconded",
}  # fmt: skip
_NAMED_OUTCOME = re.compile(
    r"\b(?P<what>(?:substantive\s+)?motion|amendment|proposal|proposition)\b(?P<between>[^.;:]{0,110}?)"
    r"\b(?P<end>(?ai:not)\s+(?ai:carried|seconded)|(?ai:no)\s+(?ai:seconder)"
    r"|(?ai:carried|lost|defeated|rejected|fell|failed|withdrawn|passed))\b",
    re.IGNORECASE,
)
_BARE_OUTCOME = re.compile(
    r"(?:[–-]\s*|\b(?:declared|was|were|and|being)\s+|[.:|]\s*|^\s*)(?P<end>(?ai:carried|lost|defeated|withdrawn))\b"
    r"(?!\s+out\b)",
    re.I | re.M,
)
_AGREED = re.compile(
    r"\b(?:unanimous(?:ly)?|all\s+(?:were\s+)?(?:in\s+favour|agreed)|(?:was|were|and)\s+(?:it\s+was\s+)?(?:unanimously\s+)?"
    r"(?:agreed|approved|resolved)|and\s+(?:unanimously\s+)?adopted)\b",
    re.IGNORECASE,
)
_NOT_YET = re.compile(
    r"\b(?:if|should|whether|until|unless|would|be|might|may|cannot|could|not\s+put|similar)\b", re.IGNORECASE
)
_EMPTY_LINE = re.compile(r"(?<![;,])(?<![;,][ \t])\n[ \t\u00a0]*\n(?!\s*(?:[Ss]econded|Seconder|And\s+[Rr]esolved)\b)")
WINDOW = 320


@dataclass(frozen=True, slots=True)
class _Ended:
    """An outcome in the text: of what sort of proposal (None: it does not say), how, and where."""

    amendment: bool | None
    outcome: Outcome
    start: int
    end: int


def motions_of(text: str, item: AgendaItem) -> list[Motion]:
    """Return the motions and amendments of one item, in order of appearance."""
    motions = _proposals(text, item.start, item.end)
    if not motions:
        return []
    votes = votes_in(text, item.start, item.end)  # those that belong to no motion yet
    starts = [motion.start for motion in motions]
    opened: dict[bool, list[int]] = {False: [], True: []}  # motions and amendments without an outcome yet
    seen = 0
    for ended in _named_outcomes(text, item.start, item.end):
        while seen < len(motions) and motions[seen].start < ended.end:
            opened[motions[seen].type == "amendment"].append(seen)
            seen += 1
        position = _proposal_of(ended, opened)
        if position is not None:
            before = bisect_left(starts, ended.start)
            vote = _vote_beside(votes, ended, starts[before - 1] if before else item.start)
            motions[position] = _end(motions[position], ended, vote)
    for position, motion in enumerate(motions):
        if motion.outcome is None:
            stop = starts[position + 1] if position + 1 < len(motions) else item.end
            motions[position] = _with_bare_outcome(text, motion, stop, votes)
    return [_as_its_movers_count(text, motion) for motion in motions]


def _as_its_movers_count(text: str, motion: Motion) -> Motion:
    if motion.type != "amendment" or motion.vote is None:
        return motion
    return replace(motion, vote=for_the_amendment(text, motion.vote))


@dataclass(frozen=True, slots=True)
class _Move:
    """A proposal as it is worded: the mover's name, the seconder's if it stands beside it, and offsets."""

    mover: str
    seconder: str | None
    start: int
    end: int


def _moves(text: str, start: int, end: int) -> list[_Move]:
    """Return everything worded as a proposal, in order; the verb is looked for first, then the name before it."""
    found = []
    for verb in _VERB.finditer(text, start, end):
        left = max(start, verb.start() - _BEFORE)
        if before := _MOVER_BEFORE.search(text[left : verb.start()]):
            found.append(_Move(before["mover"], before["seconder"], left + before.start(), verb.end()))
    for pattern in _MOVES:
        for match in pattern.finditer(text, start, end):
            mover = _SECONDED_NEXT.sub("", match["mover"])
            found.append(_Move(mover, match["seconder"] or None, match.start(), match.start("mover") + len(mover)))
    return sorted(found, key=lambda move: (move.start, -move.end))


def _proposals(text: str, start: int, end: int) -> list[Motion]:
    found: list[Motion] = []
    moves = _moves(text, start, end)
    for position, move in enumerate(moves):
        if found and move.start < found[-1].end:
            continue
        later = (moves[after].start for after in range(position + 1, len(moves)))
        following = next((start_of_it for start_of_it in later if start_of_it >= move.end), end)
        stop = _paragraph_end(text, move.end, min(following, move.end + WINDOW, end))
        seconder, seconded_to = _seconder(text, move, stop)
        mover = _mover(text, move, start)
        if _BODIES.search(move.mover) or not (seconder or _TITLED.match(mover) or move.mover in _PRONOUNS):
            continue
        left = max(start, move.start - _SENTENCE)
        sentence = text[max(left, text.rfind(".", left, move.start) + 1) : move.end + 60]
        found.append(
            Motion(
                type="amendment" if re.search(r"\bamendment\b", sentence, re.IGNORECASE) else "motion",
                mover=mover or None,
                seconder=seconder,
                start=move.start,
                end=max(move.end, seconded_to),
                how="a proposal that names its mover",
            )
        )
    return found


def _paragraph_end(text: str, start: int, end: int) -> int:
    """Return where the paragraph ends; one that breaks off at a ";" or ",", or before "Seconded", goes on."""
    blank = _EMPTY_LINE.search(text, start, end)
    return blank.start() if blank else end


def _mover(text: str, move: _Move, start: int) -> str:
    if move.mover in _PRONOUNS:
        return last_named(text[max(start, move.start - 600) : move.start]) or ""
    return _tidy(move.mover)


def _seconder(text: str, move: _Move, stop: int) -> tuple[str | None, int]:
    if move.seconder:
        return _tidy(move.seconder), move.end
    found = _SECONDED.search(text, move.end, stop)
    if not found:
        return None, move.end
    name = _tidy(found["after"] or found["before"])
    return (name, found.end()) if not _BODIES.search(name) else (None, move.end)


def _tidy(name: str) -> str:
    return " ".join(name.split()).strip(" ,.;:")


def _named_outcomes(text: str, start: int, end: int) -> Iterator[_Ended]:
    for match in _NAMED_OUTCOME.finditer(text, start, end):
        lead = text[max(start, match.start() - 40) : match.start()]
        if _NOT_YET.search(match["between"]) or re.search(r"\b(?:if|should|whether)\b[^.]*$", lead, re.IGNORECASE):
            continue
        what = match["what"].lower()
        yield _Ended(
            amendment=None if "propos" in what else "amendment" in what,
            outcome=_ENDS[" ".join(match["end"].lower().split())],
            start=match.start(),
            end=match.end(),
        )


def _proposal_of(ended: _Ended, opened: dict[bool, list[int]]) -> int | None:
    """Take the proposal that an outcome ends from the open ones: the latest of its sort."""
    sorts = (False, True) if ended.amendment is None else (ended.amendment,)
    fitting = [opened[sort] for sort in sorts if opened[sort]]
    return max(fitting, key=lambda positions: positions[-1]).pop() if fitting else None


def _vote_beside(votes: list[Vote], ended: _Ended, after: int) -> Vote | None:
    """Take the vote before an outcome (since the latest proposal), or just after it, from those that are left."""
    place = bisect_left(votes, ended.end, key=_start)
    if place and votes[place - 1].start >= after:
        return votes.pop(place - 1)
    if place < len(votes) and votes[place].start - ended.end < WINDOW:
        return votes.pop(place)
    return None


def _start(vote: Vote) -> int:
    return vote.start


def _end(motion: Motion, ended: _Ended, vote: Vote | None) -> Motion:
    return replace(motion, outcome=ended.outcome, outcome_start=ended.start, outcome_end=ended.end, vote=vote)


def _with_bare_outcome(text: str, motion: Motion, stop: int, votes: list[Vote]) -> Motion:
    """Give an open proposal the "LOST.", "all agreed" or vote that stands before the next one."""
    near = min(stop, motion.end + WINDOW)
    bare = _BARE_OUTCOME.search(text, motion.end, near)
    if bare is None:
        paragraph = _paragraph_end(text, motion.end, min(near, motion.end + 160))
        opened = text.find("“", motion.end, paragraph)  # what is quoted is proposed: it does not tell what was done
        agreed = _AGREED.search(text, motion.end, opened if opened >= 0 else paragraph)
        span = agreed.span() if agreed else None
        ended = _Ended(None, "carried", *span) if span else None
    else:
        ended = _Ended(None, _ENDS[bare["end"].lower()], bare.start("end"), bare.end())
    if ended:
        return _end(motion, ended, _vote_beside(votes, ended, motion.start))
    place = bisect_left(votes, motion.start, key=_start)
    if place < len(votes) and votes[place].start < near:
        return replace(motion, vote=votes.pop(place))
    return motion
