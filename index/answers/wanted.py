"""What a question demands of its evidence: a kind of thing, an outcome, a mover, a person, or an authority not held.

"Which motions about dog fouling were lost?" asks for motions, for lost ones, and on one subject. Evidence on the
subject that is not of a lost motion does not answer it, however near it comes. A question "Why did … reject …?"
supposes that it was rejected: where the minutes do not say so, there is nothing to answer. What is only asked ("Was it
carried?") is no demand.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from index.answers.told import Fate, Manner, asked_fate, asked_manner

Thing = Literal["motion", "amendment", "proposal", "petition", "question", "application"]

_THINGS: dict[Thing, str] = {
    "amendment": r"amendments?",
    "motion": r"(?:notices?\s+of\s+)?motions?",
    "proposal": r"proposals?|propositions?",
    "petition": r"petitions?",
    "question": r"(?:public|written|oral|residents?['’]?|members?['’]?|councillors?['’]?|supplementary)\s+questions?",
    "application": r"(?:planning\s+)applications?",
}
MOVED: tuple[Thing, ...] = ("motion", "amendment", "proposal")
_ANY_THING = "|".join(f"(?P<{thing}>{words})" for thing, words in _THINGS.items())
_LISTS = re.compile(
    rf"\b(?:which|what|list|show|find|any|how\s+many|all)\b[^?.,;]{{0,60}}?\b(?:{_ANY_THING})\b"
    r"(?!\s+(?:to|on)\s+(?:the|a|an)\s+(?:motion|amendment))",
    re.IGNORECASE,
)
_FURTHER = re.compile(
    r"(?:[,;–-]\s*|\band\s+)(?:was|were|did|do|how|why|who|whom|what|when|where|which|has|had|is|are)\b|\bwhat\s+happened\b"
    r"|\bwhether\b",
    re.IGNORECASE,
)
_SUPPOSES = re.compile(
    r"^\W*(?:why|when|by\s+(?:how|what|whom)|on\s+what\s+grounds?|for\s+what\s+reasons?|what\s+(?:reason|grounds?)s?\b[^?]{0,30})"
    r"\b(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_AUXILIARY = re.compile(r"\b(?:did|was|were|has|had|have|is|are)\b", re.IGNORECASE)
_NOT_DONE = re.compile(r"\b(?:not|n['’]t|never)\b", re.IGNORECASE)
_HONOUR = r"(?:Cllrs?\b\.?|Councillors?|Mr\b\.?|Mrs\b\.?|Ms\b\.?|Miss|Dr\b\.?|Alderman|Baroness|Lord|Lady|Sir)"
_PERSON = re.compile(rf"\b{_HONOUR}\s+(?:[A-ZÀ-Þ]\.?\s+)*(?P<name>[A-ZÀ-Þ][\w'’-]+(?:\s+[A-ZÀ-Þ][\w'’-]+)*)")
_MOVES = re.compile(
    r"\b(?:move[ds]?|moving|proposed?|proposes|propos(?:ing|er)|put\s+(?:forward|down)|submit(?:s|ted)?|tabled?|bring|brought|"
    r"second(?:ed|s)?|introduced?|mover)\b",
    re.IGNORECASE,
)
_SECONDS = re.compile(r"\bsecond(?:ed|s|er)?\b", re.IGNORECASE)
_DESTINATION = re.compile(
    r"^\s+(?:back\s+)?to\s+(?:a|an|the|another|its|their|some)\s+(?:\w+\s+){0,5}?(?:committees?|panels?|boards?|groups?|cabinet)\b",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"\b(?:which|what|list|show|find|any|how\s+many|all|were|was|did|does|do|has|have|had|been|there|that|the|why|when|"
    r"by|councils?|authorities|councillors?|cllrs?|decided|voted?|put|about|on|concerning|regarding|of|in|recorded|"
    r"down|mayor['’]?s?|chair(?:man)?['’]?s?|casting|unanimous(?:ly)?|carr(?:y|ies|ied)|me|please|ever|make|made|receiv(?:e|ed)|"
    r"present(?:ed)?|asked|ask|at|to|from|for|a|an|and|or|with|its|their|out)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What evidence must fit to answer a question; what is None is not asked for.

    ``fate`` and ``manner`` are an outcome and how it came about; ``supposed``: the question does not ask which, but
    why or when, and so takes the outcome for granted. ``mover`` is who moved a motion (``seconds``: or seconded it),
    ``person`` whom the evidence must name. ``subject`` is what is left of the question's words; "" where nothing is.
    """

    thing: Thing | None
    fate: Fate | None
    manner: Manner | None
    supposed: bool
    mover: str | None
    seconds: bool
    person: str | None
    subject: str

    @property
    def lists(self) -> bool:
        """Return whether motions or amendments are asked for, of an outcome or a mover."""
        return self.thing in MOVED and bool(self.fate or self.manner or self.mover) and not self.supposed


def read_wanted(question: str, kept: str) -> Wanted | None:
    """Return what a question demands of its evidence, None where it demands nothing.

    Args:
        kept: its words without those that became filters, of which the subject is a part.
    """
    first = _first_clause(question)
    listed = _LISTS.search(first)
    thing: Thing | None = listed.lastgroup if listed else None  # type: ignore[assignment]
    person = next((match["name"].split()[-1] for match in _PERSON.finditer(question)), None)
    manner = asked_manner(first)
    if thing is not None:
        fate = asked_fate(first)
        mover = person if person and thing in MOVED and _MOVES.search(first) else None
        if fate or manner or mover or thing not in MOVED:
            named = None if mover else person
            seconds = _SECONDS.search(first) is not None
            outcome = fate.fate if fate else None
            return Wanted(thing, outcome, manner, False, mover, seconds, named, _subject(kept, person))
    supposed = _supposed(first)
    if supposed is None and person is None:
        return None
    moved = next((one for one in MOVED if re.search(rf"\b(?:{_THINGS[one]})\b", first, re.IGNORECASE)), None)
    of = moved if supposed else None
    return Wanted(of, supposed, None, supposed is not None, None, False, person, _subject(kept, person))


def _first_clause(question: str) -> str:
    """Return a question up to where it asks something more."""
    further = _FURTHER.search(question, 8)
    return question[: further.start()] if further else question


def _supposed(question: str) -> Fate | None:
    """Return the outcome that a question why or when takes for granted: that something did not come about."""
    asks = _SUPPOSES.match(question)
    if asks is None or not _AUXILIARY.search(asks["rest"]) or _NOT_DONE.search(asks["rest"]):
        return None
    fate = asked_fate(asks["rest"])
    return fate.fate if fate and fate.fate in ("lost", "withdrawn", "deferred", "not seconded") else None


def _subject(kept: str, person: str | None) -> str:
    """Return what a question is about, without what it demands and how it asks."""
    text = _PERSON.sub(" ", kept) if person else kept
    text = re.sub(rf"\b(?:{'|'.join(_THINGS.values())})\b", " ", text, flags=re.IGNORECASE)
    text = _MOVES.sub(" ", text)
    while fate := asked_fate(text):
        rest = _DESTINATION.sub(" ", text[fate.end :]) if fate.fate == "referred" else text[fate.end :]
        text = text[: fate.start] + " " + rest
    text = _EMPTY.sub(" ", text)
    return " ".join(re.sub(r"[^\w\s£€%&'’./-]", " ", text).split()) if re.search(r"\w", text) else ""


def names_thing(text: str, thing: Thing) -> bool:
    """Tell whether a text speaks of a kind of thing, and not only to say that there was none."""
    pattern = re.compile(rf"\b(?:{_THINGS[thing]})\b", re.IGNORECASE)
    if thing == "question":
        pattern = re.compile(r"\bquestions?\b", re.IGNORECASE)
    none = re.compile(rf"\b(?:no|any)\s+(?:\w+\s+){{0,2}}(?:{pattern.pattern})|\b(?:none|nil)\b", re.IGNORECASE)
    return any(not none.search(text, max(0, one.start() - 30), one.end() + 20) for one in pattern.finditer(text))


def in_words(wanted: Wanted) -> str:
    """Return in words what was asked for: "a motion that was lost", "a record that names Pym"."""
    if wanted.supposed:
        said = "refused or lost" if wanted.fate == "lost" else wanted.fate
        return f"a record that it was {said}"
    what = f"{'an' if wanted.thing in ('amendment', 'application') else 'a'} {wanted.thing or 'record'}"
    parts: Sequence[str] = list(
        filter(
            None,
            (
                f"moved by {wanted.mover}" if wanted.mover else "",
                f"that was {wanted.fate}" if wanted.fate else "",
                wanted.manner or "",
                f"that names {wanted.person}" if wanted.person else "",
            ),
        )
    )
    return " ".join([what, *parts])
