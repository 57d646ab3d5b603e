"""What a sentence claims that can be checked word for word: figures, votes, names, who did what, how much.

Each is brought into one form, so that it is found however it is written: £1.75m is £1,750,000, "forty-one" is 41,
12/06/2024 is 12 June 2024, 7pm is 7.00 p.m.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from corpus.model import Vote
from index.analysis import FRAMING, STOP_WORDS, stem, terms, tokens
from ingest.dates import dates_in
from ingest.people import honour
from ingest.votes import votes_in

_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
_UNITS += "seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: number for number, word in enumerate(_UNITS)} | {
    word: 10 * number for number, word in enumerate(_TENS, 2)
}
_SCALES = {"hundred": 100, "thousand": 1000, "k": 1000, "m": 10**6, "million": 10**6, "bn": 10**9, "billion": 10**9}
_ORDINALS = "second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
_MONTHS = "January February March April May June July August September October November December".split()

_MONTH = "(?:" + "|".join([*_MONTHS, *map(str.upper, _MONTHS), *(f"{name[:3]}\\b" for name in _MONTHS), "Sept"]) + ")"
_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:[-\s](?:{'|'.join(_UNITS[1:10])}))?|{'|'.join(reversed(_UNITS))})"
_WRITTEN = rf"(?:(?:{_SMALL}|a)\s+hundred(?:\s+and\s+{_SMALL})?|{_SMALL})"
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_FIGURE = re.compile(
    rf"""(?<![\w£€$])(?<!\d[.,]) (?:
      (?P<years>(?:19|20)\d\d\s?[-/–]\s?(?:(?:19|20)\d\d|\d\d))(?![\d/-])
    | (?P<day>\d{{1,2}})(?i:st|nd|rd|th)?(?:\s+of)?\s+(?P<of>{_MONTH})\b
    | (?P<in>{_MONTH})\s+(?P<on>\d{{1,2}})(?i:st|nd|rd|th)?\b(?![,.]?\d)
    | (?P<month>{_MONTH}),?\s+(?P<year>(?:19|20)\d\d)\b
    | (?P<hour>\d{{1,2}})(?:[.:](?P<minute>\d\d))?\s?(?P<half>[ap])\.?\s?m\b\.?
    | (?P<hour24>[01]?\d|2[0-3]):(?P<minute24>[0-5]\d)\b
    | (?P<sign>[£€$])\s?(?P<sum>{_DIGITS})(?:\s?(?P<scale>(?ai:million|billion|thousand|bn|m|k))\b)?
    | (?P<nth>\d+)(?i:st|nd|rd|th)\b
    | (?P<ordinal>(?i:{"|".join(_ORDINALS)}))\b
    | (?P<code>[A-Za-z]+[-/.]?\d[\w/-]*|\d+/[\w/]*[A-Za-z][\w/]*)
    | (?P<number>{_DIGITS}|(?i:{_WRITTEN})\b)(?:\s?(?P<times>(?i:million|billion|thousand|bn|m(?=\b)))\b)?
      (?:\s?(?P<share>%|(?i:per\s?cent\b|percent\b|percentage\s+points?\b))|\s(?P<pounds>(?i:pounds))\b)?
    )""",
    re.VERBOSE,
)
_ONE = re.compile(
    r"\b(?:no|any|every|each|which|some)[ -]one\b|\bone (?:another|or more)\b|(?<![\w-])one(?= of\b)", re.IGNORECASE
)
_MARK = re.compile(
    r"^[ \t]*(?:\(?\d{1,3}(?:\.\d{1,2})?[.)]|\d{1,3}\.\d{1,2})\s+(?=[^\W\d_a-z]|[“‘\"(£]|that\b|to\b)", re.MULTILINE
)
_COUNTABLE = frozenset({"", "£", "€", "$", "%"})
_FOR_AMENDMENT = re.compile(r"\bfor the amendment\b", re.IGNORECASE)  # the other side in a vote between two
_CLAUSE_END = re.compile(r"[;:()!?]|[.,](?=\s|$)")

_TITLES = frozenset(
    "cllr cllrs clr councillor councillors mr mrs ms miss mx dr sir dame lord lady rev revd prof".split()
)
_TITLED = r"(?:(?:Cllrs?|Councillors?|Clr|Mr|Mrs|Ms|Miss|Mx|Dr|Sir|Dame|Lord|Lady|Rev|Revd|Prof)\.?\s+)"
_PERSON = rf"{_TITLED}?(?:[A-Z]\.?\s?){{0,5}}(?:[A-Z][\w’'-]+)(?:[ \t\n]+[A-Z][\w’'-]+){{0,3}}"
_DID = "moved|proposed|seconded|declared|asked|replied|presented|objected|dissented"
_ACTOR = re.compile(
    rf"(?:\b(?P<same>[Hh]e|[Ss]he|[Tt]hey|and|who)|(?P<who>{_PERSON})(?:,?\s+seconded\s+by\s+(?P<seconder>{_PERSON}))?)"
    rf",?\s+(?:\w+ly\s+|then\s+|also\s+)?(?P<did>{_DID})\b(?! by\b)|\b(?P<done>{_DID})\s+by\s+(?P<by>{_PERSON})"
)
_NAMED = re.compile(rf"{_TITLED}(?:[A-Z]\.?\s?){{0,5}}(?P<last>[A-Z][\w’'-]+(?:[ \t\n]+[A-Z][\w’'-]+){{0,3}})")
_NOT_NAMES = frozenset([*_MONTHS, *"Cabinet Council Committee Panel Board Member Members Officers Chair".split()])
_WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*")
_SAME_ACT = {"proposed": "moved"}

# Words that say how much, how many or which way: a sentence may use one only where its source has one of the same
# row, or one of those after the stroke.
_STRONG = [
    tuple(frozenset(stem(word) for word in part.split()) for part in row.partition("|")[::2])
    for row in (
        "increase rise rose grow raise higher double | up more extra upward",
        "decrease reduce fall cut drop lower halve | down less fewer reduction saving downward",
        "unanimous unanimously | nemine nem all",
        "every all each | both whole entire full unanimous unanimously",
        "always | every all", "never | not no", "only solely | just alone", "most majority | more",
        "immediate immediately | forthwith once", "permanent permanently", "illegal unlawful illegally unlawfully",
        "oppose opposed opposition | against object objection", "object objection | against oppose opposed opposition",
    )
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a text at half-open offsets: ``unit`` says of what kind ("£", "%", "" for a bare number, "date")."""

    unit: str
    value: str
    start: int
    end: int


# -- figures -----------------------------------------------------------------------------------------


def figures(text: str) -> list[Figure]:
    """Return the figures of a text: numbers in digits or words, sums, shares, dates, times, ordinals, references."""
    found = [Figure("date", day.value.isoformat(), day.start, day.end) for day in dates_in(text)]
    spans = [(figure.start, figure.end) for figure in found]
    spans += [match.span() for pattern in (_ONE, _MARK) for match in pattern.finditer(text)]
    rest = text
    for start, end in spans:
        rest = rest[:start] + " " * (end - start) + rest[end:]
    for match in _FIGURE.finditer(rest):
        found += [Figure(unit, value, *match.span()) for unit, value in _values(match)]
    return sorted(found, key=lambda figure: figure.start)


def _values(match: re.Match[str]) -> Iterator[tuple[str, str]]:
    part = match.groupdict()
    if part["years"]:
        first, last = re.findall(r"\d+", part["years"])
        yield ("years", f"{first}-{last[-2:]}")
    elif part["day"] or part["on"]:
        yield "day", f"{_month(part['of'] or part['in'])}-{int(part['day'] or part['on']):02}"
    elif part["month"]:
        yield "month", f"{part['year']}-{_month(part['month'])}"
    elif part["half"]:
        hour = int(part["hour"]) % 12 + (12 if part["half"].lower() == "p" else 0)
        yield "time", f"{hour:02}:{part['minute'] or '00'}"
    elif part["hour24"]:
        yield "time", f"{int(part['hour24']):02}:{part['minute24']}"
    elif part["sign"]:
        yield part["sign"], _number(part["sum"], part["scale"])
    elif part["nth"] or part["ordinal"]:
        yield "th", part["nth"] or str(_ORDINALS.index(part["ordinal"].lower()) + 2)
    elif part["code"]:
        yield "code", part["code"].lower()
    else:
        unit = "%" if part["share"] else "£" if part["pounds"] else ""
        yield unit, _number(part["number"], part["times"])


def _month(name: str) -> str:
    return f"{[month[:3].lower() for month in _MONTHS].index(name[:3].lower()) + 1:02}"


def _number(written: str, scale: str | None) -> str:
    if written[0].isdigit():
        value = Decimal(written.replace(",", ""))
    else:
        hundreds, small = 0, 0
        for word in re.findall(r"[a-z]+", written.lower()):
            if word == "hundred":
                hundreds, small = (small or 1) * 100, 0
            else:
                small += _WORDS.get(word, 0)
        value = Decimal(hundreds + small)
    plain = f"{value * _SCALES[scale.lower()] if scale else value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def known(found: Iterable[Figure]) -> set[tuple[str, str]]:
    """Return what figures say, with what follows: of a date its day, its month and its year."""
    said = set[tuple[str, str]]()
    for figure in found:
        said.add((figure.unit, figure.value))
        if figure.unit == "date":
            said |= {("day", figure.value[5:]), ("month", figure.value[:7]), ("th", figure.value[8:].lstrip("0"))}
        if figure.unit in ("date", "month", "years"):
            said.add(("", figure.value[:4]))
        if figure.unit == "years":
            said.add(("", figure.value[:2] + figure.value[5:]))
    return said


def counted(text: str) -> set[tuple[str, str, str]]:
    """Return (unit, value, term) for each figure and the words that it counts: "143 replies", "49 against"."""
    found, pairs = figures(text), set[tuple[str, str, str]]()
    for i, figure in enumerate(found):
        stop = found[i + 1].start if i + 1 < len(found) else len(text)
        after = _CLAUSE_END.split(text[figure.end : min(stop, figure.end + 40)])[0]
        pairs |= {(figure.unit, figure.value, term) for term in terms(after)[:2] if term not in FRAMING}
    return pairs


def miscounted(said: str, stored: str) -> str | None:
    """Return the first figure of a sentence that in its source is not that of the words beside it, or None.

    The words beside a figure are the last ones before it and the first ones after it. One of those that the source has
    must stand there, before or after the figure, with no other figure of the kind between. And what another figure
    counts in the source ("214 had opted in") cannot be said of this one.
    """
    own, others, pairs = figures(said), figures(stored), counted(stored)
    words = [(term, token.start) for token in tokens(stored) for term in token.terms]
    values = {(figure.unit, figure.value) for figure in own}
    for i, figure in enumerate(own):
        if figure.unit not in _COUNTABLE:
            continue
        left, right = own[i - 1].end if i else 0, own[i + 1].start if i + 1 < len(own) else len(said)
        beside = {*terms(said[left : figure.start])[-1:], *terms(said[figure.end : right])[:1]}
        rivals = [other.start for other in others if other.unit == figure.unit and other.value != figure.value]
        places = [other.start for other in others if (other.unit, other.value) == (figure.unit, figure.value)]
        linked = [
            not any(min(at, place) < rival < max(at, place) for rival in rivals)
            for place in places
            for term, at in words
            if term in beside
        ]
        if linked and not any(linked):
            return figure.value
        after = terms(said[figure.end : right])
        counts_else = any(pair[:2] == (figure.unit, figure.value) for pair in pairs)
        for unit, value, term in pairs:
            if unit != figure.unit or term not in after or (unit, figure.value, term) in pairs:
                continue
            if (unit, value) not in values or (counts_else and term == after[0]):
                return figure.value
    return None


def miscounted_vote(said: str, stored: Iterable[str]) -> Vote | None:
    """Return the first vote of a text that differs from each of those that the sources record, if they record any."""
    texts = list(stored)
    recorded = [vote for text in texts for vote in votes_in(text, 0, len(text))]
    if re.search("amendment", said, re.IGNORECASE) and any(_FOR_AMENDMENT.search(text) for text in texts):
        recorded += [replace(v, for_count=v.against_count, against_count=v.for_count) for v in recorded]
    for vote in votes_in(said, 0, len(said)) if recorded else []:
        counts = (vote.for_count, vote.against_count, vote.abstain_count)
        if not any(
            all(own in (None, given) for own, given in zip(counts, other, strict=True))
            for other in ((v.for_count, v.against_count, v.abstain_count) for v in recorded)
        ):
            return vote
    return None


# -- names -------------------------------------------------------------------------------------------


def persons(text: str) -> bool:
    """Tell whether a text names somebody or some place: a word with a capital that is no body, month or opening."""
    return any(start and word not in _NOT_NAMES for word, start, _ in name_words(text)) or bool(_NAMED.search(text))


def name_words(text: str) -> list[tuple[str, int, int]]:
    """Return (word, start, end) for each word written with a capital; titles and stop words are left out."""
    found = []
    for match in _WORD.finditer(text):
        word = re.sub(r"['’]s?$", "", match.group())
        if word[0].isupper() and word.lower() not in _TITLES | STOP_WORDS:
            found.append((word, match.start(), match.start() + len(word)))
    return found


def plain_words(text: str) -> list[str]:
    """Return the words of a text as names are compared: lower case, no possessives, titles left out."""
    found = (re.sub(r"['’]s?$", "", match.group().lower()) for match in _WORD.finditer(text))
    return [word for word in found if word not in _TITLES]


def same_name(word: str) -> str:
    """Return the form in which a word of a name is compared."""
    return stem(word.lower().replace("’", "'"))


def acts(text: str) -> set[tuple[str, str]]:
    """Return (what was done, who did it) for the movers, seconders and speakers of a text, each by the last name.

    "He moved" is laid to the person who is named with a title before it.
    """
    found = set[tuple[str, str]]()
    for match in _ACTOR.finditer(text):
        if match["same"] or honour(match["who"] or ""):
            before = list(_NAMED.finditer(text, 0, match.start()))
            who = before[-1]["last"] if before else ""
        else:
            who = match["who"] or match["by"]
        did = match["did"] or match["done"]
        found |= {(_SAME_ACT.get(did, did), name) for name in plain_words(who)[-1:]}
        found |= {("seconded", name) for name in plain_words(match["seconder"] or "")[-1:]}
    return found


def misdone(said: set[tuple[str, str]], stored: set[tuple[str, str]]) -> tuple[str, str] | None:
    """Return the first act of a text that the sources lay only to others."""
    return next((act for act in sorted(said) if act not in stored and any(did == act[0] for did, _ in stored)), None)


# -- how much -------------------------------------------------------------------------------------------


def overstated(sentence: str, source: str) -> str | None:
    """Return a word of a sentence that says how much, how many or which way, and nothing in its source does."""
    said, stored = ({stem(word) for word in re.findall(r"\w+", text.lower())} for text in (sentence, source))
    for row, as_good in _STRONG:
        if said & row and not stored & (row | as_good):
            return min(said & row)
    return None
