"""Motions and amendments: who moved and seconded them, how the vote went, and what became of them.

Proposals, votes and outcomes are found one by one and then put together: an outcome belongs to the latest
open proposal of its sort, a vote to the outcome beside it. What the text does not say stays unknown: no
outcome is worked out from a count.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from operator import attrgetter

from corpus.model import AgendaItem, Motion, Outcome, Vote
from ingest.proposals import PERSON, WINDOW, paragraph_end, proposals_of
from ingest.told_before import only_names, told_before
from ingest.votes import for_the_amendment, votes_in

_ENDS: dict[str, Outcome] = {
    "carried": "carried", "agreed": "carried", "approved": "carried", "passed": "carried", "adopted": "carried",
    "lost": "lost", "defeated": "lost", "rejected": "lost", "fell": "lost", "failed": "lost", "not carried": "lost",
    "withdrawn": "withdrawn", "withdrew": "withdrawn", "not seconded": "not seconded", "no seconder": "not seconded",
}  # fmt: skip
_NAMED_OUTCOME = re.compile(
    r"\b(?P<what>(?:substantive\s+)?motion|amendment|proposal|proposition)\b"
    r"(?P<between>(?:[^.;:]|(?<=\b[A-Z])\.|(?<=llr)\.){0,110}?)"
    r"\b(?P<end>(?ai:not)\s+(?ai:carried|seconded)|(?ai:no)\s+(?ai:seconder)"
    r"|(?ai:carried)\b(?!\s+(?:out|over|forward|on(?!\s+(?:a|the)\b))\b)|(?ai:fell)\b(?!\s+(?:within|under|into|short|to)\b)"
    r"|(?ai:failed)\b(?!\s+to\b(?!\s+(?:carry|pass|gain|find)\b))|(?ai:lost|defeated|rejected|withdrawn|passed))\b",
    re.IGNORECASE,
)
_BARE_OUTCOME = re.compile(
    r"(?:[–-]\s*|\b(?:declared|was|were|and|being)\s+|[.:;)|]\s*|^\s*)(?P<end>(?ai:carried|lost|defeated|withdrawn))\b"
    r"(?!\s+out\b)",
    re.I | re.M,
)
_START = attrgetter("start")
_AGREED = re.compile(
    r"\b(?:unanimous(?:ly)?|all\s+(?:were\s+)?(?:in\s+favour|agreed)|(?:was|were|and)\s+(?:it\s+was\s+)?(?:unanimously\s+)?"
    r"(?:agreed|approved|resolved)|and\s+(?:unanimously\s+)?adopted)\b"
    r"(?!\s+by\s+(?:Councillor|Cllr|Mr|Mrs|Ms|Dr)\b)",  # one member agreed
    re.IGNORECASE,
)
_PUT_OFF = re.compile(
    r"\bwas\s+(?:unanimously\s+)?agreed\s+(?:to|that)\b[^.;]{0,80}?\b(?:defer|refer|adjourn|withdr)", re.IGNORECASE
)
_NOT_YET = re.compile(
    r"\b(?:if|should|whether|until|unless|would|be|might|(?-i:may)|cannot|could|had|already|not\s+put|similar)\b",
    re.IGNORECASE,
)
_NOT_THIS = re.compile(
    r"\b(?:if|should|whether|without)\b[^.]*\Z|\b(?:a|similar|different|previous|earlier|another|other)\s+(?:notice\s+of\s+)?\Z",
    re.IGNORECASE,
)  # what became of another motion, or may become of this
_OTHER = re.compile(
    r"\b(?:[Aa]|[Ss]imilar|different|previous|earlier|another|other)\s+(?:\w+\s+){0,2}(?:motion|amendment|proposal)\b|\bhad\b"
)
_AFTER_NAMES = 60  # characters after a proposal of names only within which its outcome stands
_NEXT_MATTER = re.compile(r"\n\s*(?:\(?[a-z0-9]{1,3}[.)]\s|[•▪-]\s|[A-Z][a-z]+\s+[a-z£€0-9])")
_VOTED_ON = 1_500  # characters from a proposal to a vote that is said to be on it
_TOLD_AGAIN = re.compile(
    r"\s*(?:\d{1,3}\s+)?(?:There\s+were\s+no\s+abstentions\.\s+)?The\s+(?:\w+\s+){0,2}(?:amendment|motion|proposal)\s+"
    r"(?:was\s+|as\s+)?",
    re.IGNORECASE,
)
_PUT = re.compile(
    rf"(?P<voted>\bvote\b[^.]{{0,60}}?)?\b(?P<what>(?ai:amendment|motion|proposal))\b"
    rf"(?:[^.]{{0,30}}?\b(?:from|by|of)\s+(?P<whose>{PERSON}))?"
)


@dataclass(frozen=True, slots=True)
class _Ended:
    """An outcome in the text: of what sort of proposal (None: it does not say), how, and where."""

    amendment: bool | None
    outcome: Outcome
    start: int
    end: int


def motions_of(text: str, item: AgendaItem) -> list[Motion]:
    """Return the motions and amendments of one item, in order of appearance."""
    motions = proposals_of(text, item.start, item.end)
    if not motions:
        return []
    outcomes = list(_named_outcomes(text, item.start, item.end))
    motions = _told_once(motions, outcomes)
    votes = votes_in(text, item.start, item.end)  # those that belong to no motion yet
    starts = [motion.start for motion in motions]
    opened: dict[bool, list[int]] = {False: [], True: []}  # motions and amendments without an outcome yet
    seen = 0
    for ended in outcomes:
        while seen < len(motions) and motions[seen].start < ended.end:
            opened[motions[seen].type == "amendment"].append(seen)
            seen += 1
        position = _proposal_of(ended, opened)
        before = bisect_left(starts, ended.start)
        after = starts[before - 1] if before else item.start
        if position is None:  # it tells of what is not recorded, and so does the vote before it
            _vote_before(votes, ended, after)
        else:
            vote = _vote_beside(votes, ended, after)
            motions[position] = _end(motions[position], ended, vote)
    for position, motion in enumerate(motions):
        if motion.outcome is None:
            stop = starts[position + 1] if position + 1 < len(motions) else item.end
            motions[position] = _with_bare_outcome(text, motion, stop, votes)
        if motions[position].outcome is None and motion.type == "motion":
            left = motions[position - 1].end if position else item.start
            if told := told_before(text, motion.start, motion.end, left):
                ended = _Ended(False, "carried", *told)
                motions[position] = _end(motion, ended, motions[position].vote)
    return [_as_its_movers_count(text, motion) for motion in motions]


def _told_once(motions: list[Motion], outcomes: list[_Ended]) -> list[Motion]:
    """Leave out the proposals that are named again where their outcome is told: "the motion of Mr Hill was lost"."""
    kept: list[Motion] = []
    for motion in motions:
        place = bisect_left(outcomes, motion.start, key=_START)
        told = place > 0 and outcomes[place - 1].end > motion.start
        if not (told and kept and _same(kept[-1], motion)):
            kept.append(motion)
    return kept


def _same(one: Motion, other: Motion) -> bool:
    return one.type == other.type and one.mover == other.mover and other.seconder in (None, one.seconder)


def _as_its_movers_count(text: str, motion: Motion) -> Motion:
    if motion.type != "amendment" or motion.vote is None:
        return motion
    return replace(motion, vote=for_the_amendment(text, motion.vote))


def _named_outcomes(text: str, start: int, end: int) -> Iterator[_Ended]:
    for match in _NAMED_OUTCOME.finditer(text, start, end):
        lead = text[max(start, match.start() - 40) : match.start()]
        if _NOT_YET.search(match["between"]) or _NOT_THIS.search(lead):
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
    if vote := _vote_before(votes, ended, after):
        return vote
    place = bisect_left(votes, ended.end, key=_START)
    if place < len(votes) and votes[place].start - ended.end < WINDOW:
        return votes.pop(place)
    return None


def _vote_before(votes: list[Vote], ended: _Ended, after: int) -> Vote | None:
    place = bisect_left(votes, ended.end, key=_START)
    return votes.pop(place - 1) if place and votes[place - 1].start >= after else None


def _end(motion: Motion, ended: _Ended, vote: Vote | None) -> Motion:
    return replace(motion, outcome=ended.outcome, outcome_start=ended.start, outcome_end=ended.end, vote=vote)


def _with_bare_outcome(text: str, motion: Motion, stop: int, votes: list[Vote]) -> Motion:
    """Give an open proposal the "LOST.", "all agreed" or vote that stands before the next one."""
    near = min(stop, motion.end + WINDOW)
    if only_names(text, motion.start, motion.end):  # what follows is soon of another matter
        near = min(near, motion.end + _AFTER_NAMES)
        if other := _NEXT_MATTER.search(text, motion.end, near):
            near = other.start()
    found = _BARE_OUTCOME.finditer(text, motion.end, near)
    bare = next((one for one in found if not _of_another(text, motion, one.start("end"))), None)
    if bare is None:
        paragraph = paragraph_end(text, motion.end, min(near, motion.end + 160))
        opened = text.find("“", motion.end, paragraph)  # what is quoted is proposed: it does not tell what was done
        agreed = _AGREED.search(text, motion.end, opened if opened >= 0 else paragraph)
        span = agreed.span() if agreed else None
        ended = _Ended(None, "carried", *span) if span and not _PUT_OFF.match(text, span[0]) else None
    else:
        ended = _Ended(None, _ENDS[bare["end"].lower()], bare.start("end"), bare.end())
    if ended:
        return _end(motion, ended, _vote_beside(votes, ended, _told_from(text, motion, votes)))
    place = bisect_left(votes, motion.start, key=_START)
    if place < len(votes) and votes[place].start < stop and _is_on(text, motion, votes[place]):
        return replace(motion, vote=votes.pop(place))
    return motion


def _of_another(text: str, motion: Motion, end: int) -> bool:
    """Tell whether the clause before an outcome names a proposal of the other sort, or one that is not this."""
    start = max(text.rfind(stop, motion.end, end) for stop in (". ", ".\n", ";"))
    clause = text[max(start, motion.end) : end]
    other = "motion" if motion.type == "amendment" else "amendment"
    return re.search(rf"\b{other}\b", clause, re.IGNORECASE) is not None or _OTHER.search(clause) is not None


def _told_from(text: str, motion: Motion, votes: list[Vote]) -> int:
    """Return where the vote on a proposal may begin: before it, where it is told again after the vote."""
    place = bisect_left(votes, motion.start, key=_START)
    if place and motion.start - votes[place - 1].end < WINDOW:
        vote = votes[place - 1]
        put = _put(text, vote.start - WINDOW, vote)
        if put and _named(put, motion) and _TOLD_AGAIN.fullmatch(text, vote.end, motion.start):
            return vote.start
    return motion.start


def _is_on(text: str, motion: Motion, vote: Vote) -> bool:
    """Tell whether a vote after an open proposal is on it: it is near or names its sort, and is not on another's."""
    put = _put(text, max(motion.end, vote.start - WINDOW), vote)
    if put is None:
        return vote.start < motion.end + WINDOW
    if put["whose"]:
        return _named(put, motion)
    near = vote.start < motion.end + (_VOTED_ON if put["voted"] else WINDOW)
    return near and put["what"].lower() in ("proposal", motion.type)


def _put(text: str, start: int, vote: Vote) -> re.Match[str] | None:
    """Return the words before a vote that tell on what it was taken."""
    found = list(_PUT.finditer(text, max(0, start), vote.start)) if vote.start > start else []
    return next((put for put in reversed(found) if put["voted"]), found[-1] if found else None)


def _named(put: re.Match[str], motion: Motion) -> bool:
    surname = put["whose"].split("(")[0].split()[-1] if put["whose"] else None
    return surname is not None and surname in f"{motion.mover} {motion.seconder}"
