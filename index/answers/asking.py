"""What a question asks for: who, when, how much, what was decided, yes or no, which councils, how or why.

Rules over the words of English questions. The kind decides which sentences are looked for (those with a figure, a
date, a decision) and how the answer is laid out; where no rule fits the kind is "other" and nothing is preferred.
"""

import re
from dataclasses import dataclass
from typing import Literal

QuestionKind = Literal["who", "when", "how much", "decision", "yes-no", "how-why", "other"]

_SEVERAL = re.compile(
    r"\b(?:which|what|how (?:did|do|have|are|were)|where (?:did|do|have)|did|do|have|any)(?: (?:other|different|local|"
    r"small|rural|of these|parish and community|parish|town|village|district|county|borough|community|city|"
    r"english|welsh|scottish|irish))* (?:councils|authorities|parishes|villages|towns|boroughs|communities|districts|"
    r"local authorities)\b|\b(?:compare|comparison|across (?:councils|authorities)|each council|elsewhere)\b",
    re.IGNORECASE,
)
_DECISION = re.compile(
    r"\b(?:decid\w+|decision\w*|resolv\w+|resolution\w*|agree[ds]?|approv\w+|reject\w+|refus\w+|adopt\w*|accept(?:ed)?|"
    r"carried|vot(?:e|es|ed|ing)|motions?|amendments?|outcome|back(?:ed)?|support(?:ed)?|endorse\w*|recommend\w*|defer\w*|"
    r"object\w*|grant(?:ed)?|happened (?:to|with|about)|(?:come|came|become|became) of|result of|settled? on|reversed|"
    r"put into)\b",
    re.IGNORECASE,
)
_VOTES = re.compile(r"\bvot(?:e|es|ed|ing)\b", re.IGNORECASE)
_HOW_MUCH = re.compile(
    r"\b(?:how (?:much|many|often|long|far|big|large|high|low|few|soon|old)|what (?:was the |is the |were the )?"
    r"(?:percentage|proportion|share|number|amount|cost|price|sum|rate|total|budget|value|fee|score|size|figure|grant)"
    r"|by how|what percent\w*)\b|£",
    re.IGNORECASE,
)
_WHO = re.compile(
    r"(?:^|[,;:–-]\s|\band |\bby )\W*(?:who|whom|whose)\b|"
    r"\bwhich (?:councillor|member|officer|person|company|firm|contractor)s?\b",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"(?:^|[,;:–-]\s|\band )\W*when\b|\b(?:what (?:date|day|year|month|time)|which (?:year|month|day|date)|by when)\b",
    re.IGNORECASE,
)
_HOW_WHY = re.compile(r"\b(?:why|how|what (?:reason|concerns?|difference|effect|impact|problems?))\b", re.IGNORECASE)
_YES_NO = re.compile(
    r"^\W*(?:did|do|does|was|were|is|are|has|have|had|can|could|will|would|should|may|might)\b", re.IGNORECASE
)

_FIGURE = re.compile(
    r"[£€$]\s?\d|\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|half|hundred|none)\b", re.IGNORECASE
)
_DATE = re.compile(
    r"\b(?:\d{1,2}(?:st|nd|rd|th)?\s+)?(?:January|February|March|April|May|June|July|August|September|October|November|"
    r"December)\b|\b(?:19|20)\d\d\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|"
    r"\b(?:spring|summer|autumn|winter|next (?:week|month|year)|\d{1,2}(?:[.:]\d\d)?\s?[ap]\.?m)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\b(?:Cllrs?|Councillors?|Mrs?|Ms|Miss|Dr|Sir|Lady|Rev)\b\.?\s+[A-Z]|\b[A-Z][a-z]+ [A-Z][a-z]+\b")
_ATTENDED = re.compile(
    r"\b(?:apolog(?:y|ies|ised)|attend(?:ed|ance|ing|ees?)?|absent|absence|present (?:at|for)|(?:was|were) present|"
    r"chaired|in the chair|took the chair)\b",
    re.IGNORECASE,
)
_INTERESTED = re.compile(r"\bdeclar\w*\b[^.?]{0,40}\binterests?\b|\binterests?\b[^.?]{0,30}\bdeclar", re.IGNORECASE)
_ASKS = re.compile(
    r"^\W*(?:(?:what|when|where|which|who|whom|whose|why|how)(?:['’]s)?|tell me|tell us|explain|describe|summari[sz]e"
    r"|list (?:the|all)|(?:did|do|does|was|were|is|are|has|have|had|can|could|should|will|would) \w+ \w+"
    r"|beth|pwy|pryd|ble|pam|sut|faint|pa|(?:a |ai )?(?:oes|ydy|yw|oedd|wnaeth|gafodd|fydd))\b",
    re.IGNORECASE,
)
_ANSWERS = {"how much": _FIGURE, "when": _DATE, "who": _PERSON}


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked: the kind; whether of several authorities; and whether for a decision, whatever the kind.

    ``record`` names the sort of record that answers where one does: who attended, who declared an interest. ``votes``:
    how the vote went is asked for.
    """

    kind: QuestionKind
    several: bool
    decision: bool
    record: Literal["attendee", "interest"] | None = None
    votes: bool = False


def read_question(question: str) -> Asking:
    """Return what a question asks for."""
    decision = bool(_DECISION.search(question))
    kind = _kind(question, decision)
    record = _record(question) if kind == "who" else None
    return Asking(kind, bool(_SEVERAL.search(question)), decision, record, bool(_VOTES.search(question)))


def is_question(query: str) -> bool:
    """Tell whether a query, in English or Welsh, is worded as a question and not as words to look for."""
    return query.rstrip().endswith("?") or bool(_ASKS.search(query))


def _record(question: str) -> Literal["attendee", "interest"] | None:
    if _INTERESTED.search(question):
        return "interest"
    return "attendee" if _ATTENDED.search(question) else None


def _kind(question: str, decision: bool) -> QuestionKind:
    for kind, pattern in (("how much", _HOW_MUCH), ("who", _WHO), ("when", _WHEN), ("yes-no", _YES_NO)):
        if pattern.search(question):
            return kind  # type: ignore[return-value]
    if decision:
        return "decision"
    return "how-why" if _HOW_WHY.search(question) else "other"


def has_what_is_asked(text: str, kind: QuestionKind) -> bool:
    """Tell whether a text holds the sort of thing asked for: a figure, a date, a name; True where it is another."""
    pattern = _ANSWERS.get(kind)
    return pattern is None or bool(pattern.search(text))
