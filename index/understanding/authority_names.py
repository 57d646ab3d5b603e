"""Names of authorities in a question: which of those the collection holds are meant, and where they stand.

A full name is taken wherever it stands. A short one ("Kent") is also a place, a person and a part of other names
(Kent Road, Kent Police, the University of Kent): it is taken only where it is written as a name, alone, and not
as a part of a longer one; and never where it is a word of the language or another authority may be meant.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus import register
from corpus.model import Authority

_TOKEN = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*|&")
_KINDS = ("council", "borough council", "city council", "county council", "district council", "parish council")
_ENDING = re.compile(
    r"(?: (?:parish|town|community|village|county|city|borough|district|metropolitan|unitary|and))* council$"
)
_OPENING = re.compile(r"^(?:the |city of |county |(?:london |royal )?borough of )+|(?: city| county)$")
_SEPARATES = re.compile(r"[,;:()\n\x00]|\s[-–—]\s")
_ENDS_SENTENCE = re.compile(r"[.?!:;\n\x00]")

# Short names that are words of the language or names of regions: their full names are still taken.
_WORDS = frozenset(
    """angus ash bar barking barrow bath battle beer bow box brent bridge broad brook bury church clay cliffe coast
    craven cross deal derry dish down eden end eye ferry field ford forest grange green hale ham hart hastings heath
    highland hill hook hope hove hull ide kings lake leigh london lord manor march mare may mere mold moor moray nelson
    new north old over park poole queen reading rest ridge ripple rose ross rother rugby rye sale sandwich settle ship
    slough south stone street stroud sutton swale thorn tring wall ware well wells west wick wing wood wool wyre
    january february april june july august september october november december
    east-midlands greater-london greater-manchester north-east north-of-tyne west-midlands west-of-england new-forest
    three-rivers high-peak test-valley castle-point forest-of-dean tees-valley isle-of-wight""".split()
)
_FUNCTION = frozenset(
    """a about across after against also and any are as at because before between both but by can compare compared could
    council councils councillors did do does during each find for had has have how if in into is list may might minutes
    on or over search should show since than that the their there these they this to under versus was we were what when
    where which while who whose why will with within would & tell me""".split()
)
_NOT_THERE = frozenset(
    """near nearby outside except excluding than not unlike besides beyond without neighbouring bordering non via
    towards toward new mr mrs ms miss dr sir lord lady cllr councillor alderman judge saint st""".split()
)
_AWAY = frozenset({"from", "to"})
_STILL_MEANT = frozenset({"compared", "according", "contrasted"})
_OF_A_PLACE = frozenset(
    """road street lane avenue close drive way crescent gardens square place terrace court hill park house hall bridge
    station school academy college university hospital library museum theatre church chapel farm field fields common
    green wood woods forest river canal coast coastline coastal downs airport port police fire ambulance nhs
    constabulary railway line club fc stone cricket rugby football festival show countryside village town""".split()
)
_OF_THE_COUNCIL = frozenset({"tax", "house", "houses", "housing", "homes", "estate", "estates", "tenants", "flats"})


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    folded: str
    start: int
    end: int
    possessive: bool

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()


@dataclass(frozen=True, slots=True)
class _Name:
    words: tuple[str, ...]
    authority: str
    full: bool
    registered: bool


def named_in(question: str, held_authorities: Sequence[str]) -> list[tuple[str, int, int]]:
    """Return (authority, start, end) for each name of a held authority in a question, in order.

    The authority is as the collection spells it, the offsets are half-open and take in a possessive ending.
    """
    tokens = list(_tokens(question))
    names = _names(tuple(held_authorities))
    found = list[tuple[str, int, int]]()
    position = 0
    while position < len(tokens):
        taken = 1
        for name in names.get(tokens[position].folded, ()):
            if _stands(question, tokens, position, name):
                taken = len(name.words)
                found.append((name.authority, tokens[position].start, tokens[position + taken - 1].end))
                break
        position += taken
    return found


def _tokens(question: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(question):
        bare = re.sub(r"['’][sS]$", "", match.group())
        end = match.end()
        possessive = bare != match.group()
        if not possessive and question[end : end + 1] in ("'", "’") and bare[-1] in "sS":
            possessive, end = True, end + 1
        yield _Token(match.group(), register.fold(bare) or "and", match.start(), end, possessive)


@lru_cache(maxsize=4)
def _names(held: tuple[str, ...]) -> dict[str, list[_Name]]:
    """Return the names of the held authorities by first word, the longest first; what two share is left out."""
    claims: dict[tuple[str, ...], set[_Name]] = {}
    for authority in held:
        known = register.by_name(authority)
        for name, full in _names_of(authority):
            words = tuple(name.split())
            if words:
                entry = _Name(words, authority, full and len(words) > 1, known is not None)
                claims.setdefault(words, set()).add(entry)
    names: dict[str, list[_Name]] = {}
    for words, entries in claims.items():
        if len({entry.authority for entry in entries}) == 1:
            names.setdefault(words[0], []).append(max(entries, key=lambda entry: entry.full))
    for listed in names.values():
        listed.sort(key=lambda entry: -len(entry.words))
    return names


def _names_of(authority: str) -> Iterator[tuple[str, bool]]:
    """Yield each name of an authority, folded, and whether it is a full one."""
    known = register.by_name(authority)
    written = [register.fold(part) for part in (authority, *authority.split("/"))]
    if known is not None:
        written += [register.fold(name) for name in (known.name, *known.aliases)]
        shorts = {register.fold(known.short_name)} if known.type != "Combined authority" else set()
    else:
        shorts = {_ENDING.sub("", name) for name in written if _ENDING.search(name)}
        shorts |= {_OPENING.sub("", name) for name in written if _OPENING.search(name)}
    shorts |= {_OPENING.sub("", name) for name in shorts}
    yield from ((name, True) for name in written)
    for short in shorts - set(written):
        yield from ((f"{short} {kind}", True) for kind in _KINDS if register.by_name(f"{short} {kind}") == known)
        other = register.by_name(short)
        if short.replace(" ", "-") not in _WORDS and (other is known or other is None or _took_over(other, known)):
            yield short, False


def _took_over(other: Authority, known: Authority | None) -> bool:
    return known is not None and (other.code in known.successors or known.code in other.successors)


def _stands(question: str, tokens: Sequence[_Token], first: int, name: _Name) -> bool:
    """Tell whether this name stands at this token, meant as the authority."""
    last = first + len(name.words) - 1
    if last >= len(tokens) or any(
        token.folded != word for token, word in zip(tokens[first : last + 1], name.words, strict=True)
    ):
        return False
    inner = (question[tokens[i].end : tokens[i + 1].start] for i in range(first, last))
    if not all(re.fullmatch(r"[\s,./]{1,3}", gap) for gap in inner) or question[: tokens[first].start].endswith(
        ("@", "#", "_", "//")
    ):
        return False
    before, after = _before(question, tokens, first), _after(question, tokens, last)
    if before and before[-1].folded in _NOT_THERE:
        return False
    if name.full:
        return not (name.words[-1] == "council" and after and after.folded in _OF_THE_COUNCIL)
    return _is_alone(question, tokens, first, last) or (
        all(token.capital or token.folded in _FUNCTION | {"of", "upon", "on"} for token in tokens[first : last + 1])
        and _begins(
            before, name, after, at_start=_at_start(question, tokens, first), possessive=tokens[last].possessive
        )
        and _ends(question, tokens, last, after)
    )


def _before(question: str, tokens: Sequence[_Token], first: int) -> list[_Token]:
    """Return up to two tokens before this one with nothing but white space between."""
    found: list[_Token] = []
    for i in range(first - 1, max(-1, first - 3), -1):
        if question[tokens[i].end : tokens[i + 1].start].strip():
            break
        found.insert(0, tokens[i])
    return found


def _after(question: str, tokens: Sequence[_Token], last: int) -> _Token | None:
    if last + 1 < len(tokens) and not question[tokens[last].end : tokens[last + 1].start].strip():
        return tokens[last + 1]
    return None


def _at_start(question: str, tokens: Sequence[_Token], first: int) -> bool:
    gap = question[tokens[first - 1].end if first else 0 : tokens[first].start]
    return first == 0 or bool(_ENDS_SENTENCE.search(gap))


def _is_alone(question: str, tokens: Sequence[_Token], first: int, last: int) -> bool:
    """Tell whether tokens stand apart from others on both sides: "kent, last two years"."""
    left = question[tokens[first - 1].end if first else 0 : tokens[first].start]
    right = question[tokens[last].end : tokens[last + 1].start if last + 1 < len(tokens) else None]
    return (first == 0 or bool(_SEPARATES.search(left))) and (last + 1 == len(tokens) or bool(_SEPARATES.search(right)))


def _begins(before: list[_Token], name: _Name, after: _Token | None, *, at_start: bool, possessive: bool) -> bool:
    """Tell whether what stands before a short name leaves it a name of its own."""
    if not before:
        return not at_start or name.registered or len(name.words) > 1 or after is None or after.folded in _FUNCTION
    previous, earlier = before[-1], before[0] if len(before) > 1 else None
    if previous.folded in _AWAY and not possessive:
        return earlier is not None and earlier.folded in _STILL_MEANT
    if previous.folded == "of":
        return earlier is None or not earlier.capital or earlier.folded in _FUNCTION
    return not previous.capital or previous.folded in _FUNCTION


def _ends(question: str, tokens: Sequence[_Token], last: int, after: _Token | None) -> bool:
    """Tell whether what stands after a short name leaves it a name of its own."""
    if after is None or tokens[last].possessive:
        return True
    if after.folded == "and":
        run = list(_capitals(question, tokens, last + 2))
        return len(run) < 2 or run[-1].possessive or register.by_name(" ".join(t.folded for t in run)) is not None
    if after.capital:
        return after.folded in _FUNCTION
    return after.folded not in _OF_A_PLACE


def _capitals(question: str, tokens: Sequence[_Token], first: int) -> Iterator[_Token]:
    """Yield the capitalised tokens that follow one another from here."""
    for i in range(first, len(tokens)):
        if not tokens[i].capital or (i > first and question[tokens[i - 1].end : tokens[i].start].strip()):
            return
        yield tokens[i]


def name_at_start(text: str, held_authorities: Sequence[str]) -> str | None:
    """Return the longest name of a held authority that a text begins with, as it is written there."""
    tokens = list(_tokens(text[:200]))
    if not tokens or tokens[0].start:
        return None
    for name in _names(tuple(held_authorities)).get(tokens[0].folded, ()):
        if tuple(token.folded for token in tokens[: len(name.words)]) == name.words:
            return text[: tokens[len(name.words) - 1].end]
    return None
