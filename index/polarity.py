"""What a sentence says became of a matter, and what the minutes say: decided, refused, lost, only proposed, denied.

Both are read clause by clause. The clause of the source that shares most with one of the sentence must have come to
the same: what was moved and lost was not decided, what was recommended was not agreed, and a "not" must stand in both
or in neither.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.model import Outcome
from index.analysis import stem, terms
from ingest.sentences import units

_DONE = (
    "agreed|resolved|decided|approved|carried|adopted|accepted|granted|endorsed|ratified|passed|authori[sz]ed"
    "|agrees|resolves|decides|approves|adopts|accepts|grants|endorses"
)
_BASE = "agree|resolve|decide|approve|carry|adopt|accept|grant|endorse|ratify|pass|authori[sz]e|support"
_NOT = (
    r"(?:\b(?:not|never|cannot|neither|nor|without|none|nobody|unable to|failed to|no longer|no[ -]one)\b|\w+n['’]t\b"
    r"|\bno\b)"
)
_NO_DENIAL = re.compile(
    r"\b(?:not only|(?:no|not) (?:more|less|later|fewer|earlier|sooner|other) than|nos?\.? ?\d+|whether or not)\b",
    re.IGNORECASE,
)
_UNDONE = {
    "denied": rf"{_NOT}\s+(?:be\s+|been\s+)?(?:lost|defeated|reject(?:ed)?|refused?|withdrawn|defer(?:red)?|postponed)",
    "unseconded": r"no seconder|not (?:been )?seconded|(?:want|lack) of a seconder|find a seconder",
    "lost": rf"{_NOT}\s+(?:\w+\s+){{0,2}}?(?:{_DONE}|{_BASE})|lost|defeated|fell|voted down|reject(?:ed)?|refused?"
    "|dismiss(?:ed)?|declined?|turned down",
    "withdrawn": "withdrawn|withdrew|withdraw",
    "deferred": "deferred|defer|deferral|adjourned|postponed?|put off|put back",
}
_UNDOES = re.compile("|".join(rf"(?P<{name}>(?<!\w)(?:{words})\b)" for name, words in _UNDONE.items()), re.IGNORECASE)
_DECIDES = re.compile(
    rf"(?<!to be )(?<!\bbe )\b(?:{_DONE})\b|\bvoted (?:to|in favour)\b|\ball in favour\b"
    r"|\b(?:gave|won|given|granted)\b.{0,20}\bapproval\b",
    re.IGNORECASE,
)
_MOVES = re.compile(r"\b(?:moved|proposed)\b", re.IGNORECASE)
_PROPOSES = re.compile(
    r"\b(?:moved|proposed|proposes?|amendment|recommend\w*|suggest\w*|whether|call(?:ed|s|ing) for|urged|considered)\b",
    re.IGNORECASE,
)
_SAYS_PROPOSED = re.compile(
    r"\b(?:mov(?:e[ds]?|ing)|propos\w+|amendments?|motions?|recommend\w*|suggest\w*|whether|call(?:ed|s|ing)? for"
    r"|urged?|urging|ask\w*|would|could|might|consider\w*|want\w*|wish\w*|sought|seek\w*|request\w*|discuss\w*"
    r"|put forward)\b",
    re.IGNORECASE,
)
_RECOMMENDS = re.compile(r"\brecommend", re.IGNORECASE)
_OF_AMENDMENT = re.compile(r"\bamendment\b", re.IGNORECASE)
_OF_MOTION = re.compile(r"\b(?:motion|proposal|recommendation|resolution|as amended)\b", re.IGNORECASE)
_MARK = re.compile(r"\W*(?:\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)]\s+)?", re.IGNORECASE)
_CLAUSE = re.compile(
    r"[;:]\s+|,\s+(?:and|but|or|while|whereas|although|which|who)\s+|,\s+|\s+(?:but|while|whereas|although)\s+|\s[–-]\s"
)
_SKIPPED = frozenset("yet also even then formal ever further therefor".split())  # between "not" and what it denies
_TURNS_ALL = frozenset("agre accept approv support believ think want recommend propos satisfi".split())

# Words that a sentence may use only where its source uses one of the same row.
_STRONG = [
    frozenset(stem(word) for word in row.split())
    for row in (
        "increase rise rose grow raise higher more double extra",
        "decrease reduce reduction fall cut drop lower fewer halve saving",
        "unanimous unanimously", "every all each", "always", "never", "only solely", "most majority", "immediate",
        "oppose opposed opposition against object objection", "permanent permanently", "illegal unlawful",
    )
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a source and what became of its matter: "done", "lost", "withdrawn", "unseconded", "deferred".

    ``proposal``: it proposes, and what came of that is in the outcomes, if it is known; ``recommends``: it is a
    recommendation, whoever agreed to make it.
    """

    words: frozenset[str]
    denied: frozenset[str]
    outcomes: frozenset[str]
    proposal: bool
    recommends: bool


# -- clauses -----------------------------------------------------------------------------------------


def clauses(text: str) -> list[str]:
    """Return the clauses of a text; one too short to say anything of itself stays with its neighbour."""
    found, held = list[str](), ""
    for part in _CLAUSE.split(text):
        held = f"{held}, {part}" if held else part
        if len(_matter(held)) > 1:
            found.append(held)
            held = ""
    if held and found:
        found[-1] = f"{found[-1]}, {held}"
    return found or [text]


def _outcomes(text: str) -> frozenset[str]:
    """Return the outcomes that a clause states itself; "not deferred" is one of its own."""
    found, rest = set[str](), _NO_DENIAL.sub(" ", text)
    for match in _UNDOES.finditer(rest):
        found.add(f"not {stem(match.group().split()[-1].lower())}" if match["denied"] else str(match.lastgroup))
    return frozenset(found | ({"done"} if _DECIDES.search(_UNDOES.sub(" ", rest)) else set()))


def _denied(text: str) -> frozenset[str]:
    """Return the terms that a text denies: the first one after each "not", "no" or "never"."""
    rest = _NO_DENIAL.sub(" ", text)
    after = (terms(rest[match.end() : match.end() + 60]) for match in re.finditer(_NOT, rest, re.IGNORECASE))
    return frozenset(next((term for term in found if term not in _SKIPPED), "") for found in after) - {""}


def _matter(text: str) -> frozenset[str]:
    """Return the terms of a clause without the words that say what became of it."""
    return frozenset(terms(_DECIDES.sub(" ", _UNDOES.sub(" ", text))))


def read(text: str, kind: str = "", outcome: Outcome | None = None) -> list[Clause]:
    """Return the clauses of a source with what became of their matter.

    Args:
        kind: that of the evidence ("decision", "recommendation", ...), as far as it is known.
        outcome: what became of a motion or amendment, as far as its record says it.
    """
    parts = [
        (part, number)
        for number, unit in enumerate(units(text, 0, len(text)))
        for part in clauses(text[unit.start : unit.end])
    ]
    own = [_outcomes(part) for part, _ in parts]
    found, recorded = list[Clause](), _recorded(outcome)
    state, of_unit, recommends = "", -1, False
    for i, (part, unit) in enumerate(parts):
        entry = _continues(part)
        if "done" in own[i] or _PROPOSES.search(part):
            state, recommends = "done" if "done" in own[i] else "proposed", bool(_RECOMMENDS.search(part))
        elif not (entry or (unit == of_unit and state == "done")):
            state, recommends = _kind_of_words(kind), kind == "recommendation"
        of_unit = unit
        outcomes = own[i] | ({"done"} if state == "done" else set())
        if state == "proposed" and not outcomes & {"done", "lost", "withdrawn", "unseconded"}:
            outcomes |= _became([part for part, _ in parts], own, i) or recorded
        found.append(Clause(frozenset(terms(part)), _denied(part), outcomes, state == "proposed", recommends))
    return found


def _kind_of_words(kind: str) -> str:
    if kind == "decision":
        return "done"
    return "proposed" if kind in {"recommendation", "motion", "amendment"} else ""


def _recorded(outcome: Outcome | None) -> frozenset[str]:
    names = {"carried": "done", "not seconded": "unseconded", "lost": "lost", "withdrawn": "withdrawn"}
    return frozenset({names[outcome]} if outcome else ())


def _continues(part: str) -> bool:
    """Tell whether a clause goes on with a resolution or recommendation: "(2) That ...", "to accept ..."."""
    rest = part[_MARK.match(part).end() :]  # type: ignore[union-attr]  # it matches nothing, too
    return bool(re.match(r"(?:that|to)\b", rest, re.IGNORECASE)) or (
        part[:1] in "(•·" + "0123456789" and bool(re.search(r"\bbe\b", rest))
    )


def _became(parts: Sequence[str], own: Sequence[frozenset[str]], at: int) -> frozenset[str]:
    """Return the outcome of what is proposed at a position: the first after it that is not of another proposal."""
    amends, others = bool(_OF_AMENDMENT.search(parts[at])), 0
    for part, outcomes in zip(parts[at + 1 :], own[at + 1 :], strict=True):
        stated = outcomes & {"done", "lost", "withdrawn", "unseconded"}
        if not stated:
            others += bool(_MOVES.search(part))
        elif _OF_AMENDMENT.search(part) or _OF_MOTION.search(part):
            if amends == bool(_OF_AMENDMENT.search(part)):
                return stated
            others = max(0, others - 1)
        elif others == 0:
            return stated
        else:
            others -= 1
    return frozenset()


# -- comparing ---------------------------------------------------------------------------------------


def conflict(sentence: str, source: Sequence[Clause]) -> str | None:
    """Return in what a sentence differs from its source about what became of the matter, or None."""
    for part in clauses(sentence):
        matter = _matter(part)
        most = max((len(matter & clause.words) for clause in source), default=0)
        problems = [_differs(part, clause) for clause in source if len(matter & clause.words) == most]
        if all(problems):
            return next(iter(problems), "Nothing is cited.")
    return None


def _differs(part: str, clause: Clause) -> str | None:
    said, proposed = _outcomes(part), bool(_SAYS_PROPOSED.search(part))
    undone = clause.outcomes - {"done"}
    if unsaid := said - {"done"} - clause.outcomes:
        return f"The source does not say {' or '.join(sorted(unsaid))} of this."
    if "done" in said and "done" not in clause.outcomes:
        return "What is told as decided was not decided in the source."
    if "done" in said and clause.recommends and not _RECOMMENDS.search(part):
        return "A recommendation is told as a decision."
    if undone - said and ("done" in said or not (proposed or said)):
        return f"That the source says {' and '.join(sorted(undone))} of this is left out."
    if clause.proposal and not proposed and not said and "done" not in clause.outcomes:
        return "A proposal is told as a fact."
    return _denies(part, clause, said)


def _denies(part: str, clause: Clause, said: frozenset[str]) -> str | None:
    """Return whether a "not" of the source is missing, or one stands where the source has none."""
    words, denied = frozenset(terms(part)), _denied(part)
    if any(term in words for term in clause.denied - denied) or (clause.denied & _TURNS_ALL and not denied | said):
        return "A “not” of the source is missing."
    if any(term in clause.words for term in denied - clause.denied) or (
        denied and not (clause.denied or clause.outcomes - {"done"})
    ):
        return "There is a “not” that the source has not."
    return None


def overstated(sentence: str, source: str) -> str | None:
    """Return a word of a sentence that says how much, how many or which way, and nothing in its source does."""
    said, stored = ({stem(word) for word in re.findall(r"\w+", text.lower())} for text in (sentence, source))
    for row in _STRONG:
        if said & row and not stored & row:
            return min(said & row)
    return None
