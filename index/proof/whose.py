"""Whose a sentence says something is: the authorities that it names, and those that it has no business to name."""

import re
from collections.abc import Sequence

from corpus import register
from index.analysis import STOP_WORDS
from index.proof.claims import name_words, same_name
from index.proof.grounds import Ground
from index.understanding.authority_names import named_in

SEVERAL = re.compile(
    r"\b(?P<count>both|two|three|four|five|six|all|each|every|several)(?: of)?(?: the)?"
    r" (?:councils?|authorit(?:y|ies))\b",
    re.IGNORECASE,
)
COUNTS = {word: number for number, word in enumerate("two three four five six".split(), 2)} | {"both": 2}
_COUNCIL = re.compile(r"\b((?:[A-Z][\w’'-]+ )(?:(?:and |of |upon |[A-Z][\w’'-]+ )*))Council\b")
_KINDS = frozenset(
    "council the full city county town parish district borough metropolitan community london royal".split()
)


def named(sentence: str, held: Sequence[str]) -> list[tuple[str, int, int]]:
    """Return (authority, start, end) for each name of a held authority, short ones at the start of a sentence too."""
    found = named_in(sentence, held)
    for authority in held:
        short = " ".join(word for word in authority.split() if word.lower() not in _KINDS).removeprefix("of ").strip()
        if short:
            alone = rf"(?<![\w-]){re.escape(short)}(?:['’]s)?(?![\w-]|\s(?:[A-Z]|the\b|an?\b))"
            for start, end in (match.span() for match in re.finditer(alone, sentence)):
                if all(end <= other or start >= stop for _, other, stop in found):
                    found.append((authority, start, end))
    return sorted(found, key=lambda name: name[1])


def without_names(sentence: str, held: Sequence[str]) -> tuple[str, set[str]]:
    """Return a sentence with the names of held authorities taken out, and those authorities."""
    found = named(sentence, held)
    for _, start, end in reversed(found):
        before = "" if re.search(r"\b[Tt]he $", sentence[:start]) else "the "
        sentence = f"{sentence[:start]}{before}council{sentence[end:]}"
    return SEVERAL.sub("the councils", sentence), {authority for authority, _, _ in found}


def foreign_to(sentence: str, named: set[str], grounds: Sequence[Ground]) -> str | None:
    """Return an authority that a sentence names, but neither its citations nor their quotes do."""
    cited = {authority for one in grounds for authority in one.authorities}
    known_names = {name for one in grounds for name in one.names}
    written = register.fold("\n".join(f"{one.text}\n{one.about}" for one in grounds))
    for authority in sorted(named - cited):
        if not {same_name(word) for word in authority.split() if word.lower() not in _KINDS} <= known_names:
            return authority
    of_register = {register.by_name(name) for name in cited}
    for official, start, end in register.named_in(sentence):
        if official not in of_register and register.fold(sentence[start:end]) not in written:
            return official.name
    for match in _COUNCIL.finditer(sentence):
        words = [word for word in match[1].split() if word.lower() not in _KINDS | STOP_WORDS]
        if any(same_name(word) not in known_names for word in words):
            return match.group()
    for word, _, _ in name_words(sentence):
        short = register.by_name(word)
        if short is not None and short not in of_register and same_name(word) not in known_names:
            return short.name
    return None
