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

DECIDED = (
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
    "lost": rf"{_NOT}\s+(?:\w+\s+){{0,2}}?(?:{DECIDED}|{_BASE})|lost|defeated|fell|voted down|reject(?:ed)?|refused?"
    "|dismiss(?:ed)?|declined?(?! to vote)|turned down",
    "withdrawn": "withdrawn|withdrew|withdraw",
    "unput": "not (?:then |therefore )?put(?: to the vote)?",
    "deferred": "deferred|defer|deferral|adjourned|postponed?|put off|put back",
}
_UNDOES = re.compile("|".join(rf"(?P<{name}>(?<!\w)(?:{words})\b)" for name, words in _UNDONE.items()), re.IGNORECASE)
_DECIDES = re.compile(
    rf"(?<!to be )(?<!\bbe )\b(?:{DECIDED})\b|\bvoted (?:to|in favour)\b|\ball in favour\b"
    r"|\b(?:gave|won|given|granted)\b.{0,20}\bapproval\b",
    re.IGNORECASE,
)
_MOVED = r"\bmoved by\b|(?<!\bbe )(?<!\bwas )(?<!\bwere )\bmoved\b(?! (?:to|from|into)\b)"
_MOVES = re.compile(rf"{_MOVED}|\bproposed\b", re.IGNORECASE)
_PROPOSES = re.compile(
    rf"{_MOVED}|\b(?:proposed|proposes?|amendment|recommend\w*|suggest\w*|whether|call(?:ed|s|ing) for|urged"
    r"|considered|asked (?:for|that|if|when|how|what))\b",
    re.IGNORECASE,
)
_SAYS_MOVED = re.compile(
    rf"{_MOVED}|\b(?:moves?|moving|propos\w+|amendments?|motions?|suggest\w*|whether|call(?:ed|s|ing)? for"
    r"|urged?|urging|ask\w*|consider\w*|want\w*|wish\w*|sought|seek\w*|request\w*|discuss\w*|offer\w*|put forward)\b",
    re.IGNORECASE,
)
_SAYS_PROPOSED = re.compile(rf"{_SAYS_MOVED.pattern}|\b(?:recommend\w*|estimat\w*|expect\w*|would|could|might)\b", re.I)
_RECOMMENDS = re.compile(r"\brecommend", re.IGNORECASE)
_OF_AMENDMENT = re.compile(r"\bamendment\b", re.IGNORECASE)
_OF_MOTION = re.compile(r"\b(?:motion|proposal|recommendation|resolution|as amended)\b", re.IGNORECASE)
_MARK_OF_ENTRY = re.compile(r"\W*\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)]\s", re.IGNORECASE)
_MARK = re.compile(r"\W*(?:\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)]\s+)?", re.IGNORECASE)
_CLAUSE = re.compile(
    r"[;:]\s+|,\s+(?:and|but|or|while|whereas|although|which|who)\s+|,\s+|\s+(?:but|while|whereas|although)\s+|\s[–-]\s"
    r"|\s+and\s+(?=(?:the|this|that|his|her) (?:motion|amendment|proposal)\b)"
)
_AND_DID = re.compile(
    rf"\s+and\s+(?=(?:then |also |instead |was |were )?(?:{DECIDED}|lost|rejected|refused|deferred"
    r"|withdrawn|withdrew)\b)",
    re.IGNORECASE,
)
_APART = re.compile(
    r";\s+|,\s+(?:and|but|while|whereas|although|which|who)\s+|\s+(?:but|while|whereas|although)\s+"
    r"|\s+(?=(?:was|were|is|are|has been|have been) (?:\w+ly )?"
    rf"(?:{DECIDED}|lost|defeated|rejected|refused|withdrawn)\b)"
    r"|\s+(?=by (?:\d+|\w+) (?:votes? )?to (?:\d+|\w+)\b)|\s+(?=(?:because|since|as|after|so that)\s)"
    r"|\s+(?=(?:found|had) no seconder\b)",
    re.IGNORECASE,
)
_SKIPPED = frozenset("yet also even then formal ever further therefor".split())  # between "not" and what it denies
_SETTLED = frozenset({"done", "lost", "withdrawn", "unseconded"})
_HEADING = 6  # terms; with fewer a decision or recommendation is the heading of the list after it
_FAR = 40  # clauses in which the outcome of a proposal is looked for
_CLOSE_BY = 3  # clauses in which what became of a matter may follow it
_TURNS_ALL = frozenset("agre accept approv support believ think want recommend propos satisfi".split())


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a source and what became of its matter: "done", "lost", "withdrawn", "unseconded", "deferred".

    ``around`` are the terms of its whole sentence, ``denied_around`` what is denied there; ``later`` outcomes that
    follow close by and may be those of its matter. ``proposal``: it proposes, and what came of that is in the
    outcomes, if it is known; ``recommends``: it is a recommendation, whoever agreed to make it.
    """

    words: frozenset[str]
    around: frozenset[str]
    denied: frozenset[str]
    denied_around: frozenset[str]
    outcomes: frozenset[str]
    later: frozenset[str]
    proposal: bool
    recommends: bool


# -- clauses -----------------------------------------------------------------------------------------


def clauses(text: str) -> list[str]:
    """Return the clauses of a text; one too short to say anything of itself stays with its neighbour."""
    found, held, words = list[str](), "", set[str]()
    for part in _CLAUSE.split(text):
        held = f"{held}, {part}" if held else part
        words |= matter_of(part)
        if len(words) > 1:
            found.append(held)
            held, words = "", set()
    if held and found:
        found[-1] = f"{found[-1]}, {held}"
    return found or [text]


def told(sentence: str) -> list[str]:
    """Return the parts of a sentence that may rest on different places of one source: "the amendment | was lost"."""
    return [part for one in _AND_DID.split(sentence) for part in _APART.split(one) if part.strip(" .,")]


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


def _denied_once(text: str) -> frozenset[str]:
    """Return the terms that a sentence denies and does not say again."""
    said = terms(text)
    return frozenset(term for term in _denied(text) if said.count(term) == 1)


def matter_of(text: str) -> frozenset[str]:
    """Return the terms of a clause without the words that say what became of it."""
    return frozenset(terms(_DECIDES.sub(" ", _UNDOES.sub(" ", text))))


def read(text: str, kind: str = "", outcome: Outcome | None = None) -> list[Clause]:
    """Return the clauses of a source with what became of their matter.

    Args:
        kind: that of the evidence ("decision", "recommendation", ...), as far as it is known.
        outcome: what became of a motion or amendment, as far as its record says it.
    """
    sentences = [text[unit.start : unit.end] for unit in units(text, 0, len(text))]
    parts = [(part, number) for number, sentence in enumerate(sentences) for part in clauses(sentence)]
    texts, around = [part for part, _ in parts], [frozenset(terms(sentence)) for sentence in sentences]
    own, denied = [_outcomes(part) for part in texts], [_denied_once(sentence) for sentence in sentences]
    found, heading, heads, state, of_unit, recommends = list[Clause](), frozenset[str](), False, "", -1, False
    for i, (part, unit) in enumerate(parts):
        words = frozenset(terms(part))
        if "done" in own[i] or _PROPOSES.search(part):
            heading, heads = words, len(words) < _HEADING
            state, recommends = "done" if "done" in own[i] else "proposed", bool(_RECOMMENDS.search(part))
        elif state and (_continues(part) or (heads and _MARK_OF_ENTRY.match(part))):
            words |= heading
        elif not (unit == of_unit and state == "done"):
            heading, state, recommends = frozenset(), _kind_of_words(kind), kind == "recommendation"
        of_unit, proposal = unit, state == "proposed"
        outcomes = own[i] | ({"done"} if state == "done" else set())
        if proposal and not outcomes & _SETTLED:
            outcomes |= _became(texts, own, i) or _recorded(outcome)
        later = frozenset[str]() if proposal or outcomes else _became(texts[: i + 1 + _CLOSE_BY], own, i)
        said = (words, around[unit] | words, _denied(part), denied[unit])
        found.append(Clause(*said, outcomes, later, proposal, recommends))
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
    rest = _MARK.sub("", part, count=1)
    return bool(re.match(r"(?:that|to)\b", rest, re.IGNORECASE)) or (
        part[:1] in "(•·0123456789" and bool(re.search(r"\bbe\b", rest))
    )


def _became(parts: Sequence[str], own: Sequence[frozenset[str]], at: int) -> frozenset[str]:
    """Return the outcome of what is proposed at a position: the first after it that is not of another proposal."""
    amends, others = bool(_OF_AMENDMENT.search(parts[at])), 0
    moves_motion = not amends and bool(_OF_MOTION.search(parts[at]))
    for part, outcomes in zip(parts[at + 1 : at + _FAR], own[at + 1 : at + _FAR], strict=False):
        moves, of_amendment = bool(_MOVES.search(part)), bool(_OF_AMENDMENT.search(part))
        if not outcomes & _SETTLED and (moves or "deferred" not in outcomes):
            others += moves
        elif _OF_MOTION.search(part) and not of_amendment:
            return frozenset() if amends else outcomes
        elif others == 0 and not (of_amendment and moves_motion):
            return outcomes
        else:
            others = max(0, others - 1)
    return frozenset()


# -- comparing ---------------------------------------------------------------------------------------


def conflict(sentence: str, source: Sequence[Clause]) -> str | None:
    """Return in what a sentence differs from its source about what became of the matter, or None."""
    for part in (part for whole in _AND_DID.split(sentence) for part in clauses(whole)):
        problems = [_differs(part, clause) for clause in _nearest(part, source)]
        if all(problems):
            return next(iter(problems), "Nothing is cited.")
    return None


def _nearest(part: str, source: Sequence[Clause]) -> list[Clause]:
    """Return the clauses of a source that a clause may rest on: those that share most with it, names above all.

    Where nothing became of those, but the clause says that something did, they are also those that share half as
    much and of which something became.
    """
    matter, names = matter_of(part), frozenset(terms(" ".join(re.findall(r"\b[A-Z][\w’'-]+", part))))
    shared = [len(matter & clause.words) + len(matter & clause.around) for clause in source]
    most = max(shared, default=0)
    found = [clause for clause, count in zip(source, shared, strict=True) if count == most]
    alike = [2 * len(names & clause.words) + len(frozenset(terms(part)) & clause.words) for clause in found]
    found = [clause for clause, count in zip(found, alike, strict=True) if count == max(alike)]
    closest = min((len(clause.words) for clause in found), default=0)
    found = [clause for clause in found if len(clause.words) <= 2 * closest]
    if _outcomes(part) and not any(clause.outcomes or clause.proposal for clause in found):
        found += [clause for clause, n in zip(source, shared, strict=True) if most > n >= most / 2 and clause.outcomes]
    return found


def _differs(part: str, clause: Clause) -> str | None:
    said, proposed = _outcomes(part), bool(_SAYS_PROPOSED.search(part))
    undone = clause.outcomes - {"done"}
    if unsaid := said - {"done"} - clause.outcomes - clause.later:
        return f"The source does not say {' or '.join(sorted(unsaid))} of this."
    if "done" in said and "done" not in clause.outcomes | clause.later:
        return "What is told as decided was not decided in the source."
    if "done" in said and clause.recommends and not _RECOMMENDS.search(part):
        return "A recommendation is told as a decision."
    if undone - said and ("done" in said or not (said or _SAYS_MOVED.search(part))):
        return f"That the source says {' and '.join(sorted(undone))} of this is left out."
    if clause.proposal and not proposed and not said and "done" not in clause.outcomes:
        return "A proposal is told as a fact."
    return _denies(part, clause, said)


def _denies(part: str, clause: Clause, said: frozenset[str]) -> str | None:
    """Return whether a "not" of the source is missing, or one stands where the source has none."""
    words, denied = frozenset(terms(part)), _denied(part)
    if any(term in words for term in (clause.denied | clause.denied_around) - denied) or (
        clause.denied & _TURNS_ALL and not denied | said
    ):
        return "A “not” of the source is missing."
    if any(term in clause.words for term in denied - clause.denied) or (
        denied and not (clause.denied or clause.outcomes - {"done"})
    ):
        return "There is a “not” that the source has not."
    return None
