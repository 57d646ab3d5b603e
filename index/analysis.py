"""How text becomes the terms of lexical search and highlighting: one analysis for passages and queries.

Lower case, accents folded, English stop words dropped, Snowball's English stemmer (PyStemmer, imported here
only). What is written in several ways gets one form: possessives (children's), prefixes with a hyphen or
without (co-operation, anti social), dotted initials (C.C.T.V.), sections (S.106), amounts (£1.75m is £1.75
million is £1,750,000), years (2025-26 is 2025/26), British and American spellings and irregular verbs.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import Stemmer

_LETTERS = r"[^\W_](?:[^\W_]|[\u0300-\u036f\u00ad])*"
_TOKEN = re.compile(
    rf"""
    (?=[\w£]) (?: (?=[\d£]) (?:
      (?<![\d/.-])(?P<years>(?:19|20)\d\d\ ?[-‑–/]\ ?(?:(?:19|20)\d\d|\d\d))(?![-/.]?\d)
    | £\ ?(?P<pounds>\d[\d,]*(?:\.\d+)?)(?:\ ?(?P<scale>(?ai:million|billion|thousand|bn|m|k))\b)?
    | (?<![\d.])(?P<count>\d+(?:\.\d+)?)\ ?(?P<many>million|billion|bn|(?<=\.\d)m|(?<=\.\d\d)m)\b
    | (?<![\d.,])(?P<number>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+\.\d+)(?![.,]?\d)
    ) | (?<![\w'’])(?: (?=[a-z][.\s&])(?:
      (?P<initials>(?:[a-z]\.){{2,}}(?:[a-z](?!\w))?)
    | (?P<ampersand>[a-z]\ ?&\ ?[a-z])(?!\w)
    ) | (?=[sfopw])(?:
      s(?:ec|ect)?\.?\ ?(?P<section>\d{{2,3}}[a-z]?)(?!\w)
    | (?P<joined>well[-‑\ ]being|on[-‑]line|(?:web[-‑\ ]site|pot[-‑\ ]hole|foot[-‑\ ]path)s?)(?!\w)
    ) | (?=[abcdeimnprst])(?P<prefixed>
      (?:(?:anti|non|multi|inter|semi|pre|sub)[-‑\ ]|(?:co|re|de|pro|by|bye|bi|micro|cyber|tele|mid|e)[-‑])
      (?=[^\W\d_]{{2}}){_LETTERS}
    ) ) | (?P<word>{_LETTERS}(?:['’`]{_LETTERS})*) )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SCALES = {"m": 10**6, "million": 10**6, "bn": 10**9, "billion": 10**9, "k": 10**3, "thousand": 10**3}
_ENDING = re.compile(r"['’`](?:s|re|ve|ll|d|m)$", re.IGNORECASE)
_PLURAL_ABBREVIATION = re.compile(r"[A-Z]{2,}s")
_MARKS = re.compile(r"['’`\u00ad]")
_TIES = re.compile(r"[-‑\s&.\u00ad]")

# Written together or apart: these are taken apart, so that each part is found too.
_APART = {
    "carpark": "car park", "carparks": "car parks", "flytip": "fly tip", "flytipping": "fly tipping",
    "flytipped": "fly tipped", "flytipper": "fly tipper", "flytippers": "fly tippers", "lamppost": "lamp post",
    "lampposts": "lamp posts", "noticeboard": "notice board", "noticeboards": "notice boards",
    "phonebox": "phone box", "roadworks": "road works", "speedwatch": "speed watch", "streetlight": "street light",
    "streetlights": "street lights", "streetlighting": "street lighting", "fingerpost": "finger post",
    "fingerposts": "finger posts",
}  # fmt: skip
_IRREGULAR = {
    "bought": "buy", "brought": "bring", "built": "build", "chose": "choose", "chosen": "choose", "driven": "drive",
    "drove": "drive", "dug": "dig", "fallen": "fall", "fell": "fall", "gave": "give", "given": "give", "grew": "grow",
    "grown": "grow", "held": "hold", "kept": "keep", "laid": "lay", "led": "lead", "lost": "lose", "met": "meet",
    "paid": "pay", "ran": "run", "sent": "send", "sold": "sell", "sought": "seek", "spent": "spend",
    "stole": "steal", "stolen": "steal", "taken": "take", "taught": "teach", "took": "take", "won": "win",
    "written": "write", "wrote": "write", "cllr": "councillor", "cllrs": "councillors",
}  # fmt: skip
_SAME = {
    "licenc": "licens", "buse": "bus", "resolut": "resolv", "decis": "decid", "children": "child", "men": "man",
    "women": "woman", "travell": "travel", "closur": "close", "complaint": "complain", "mainten": "maintain",
    "program": "programm", "color": "colour", "labor": "labour", "behavior": "behaviour", "neighbor": "neighbour",
    "neighborhood": "neighbourhood", "center": "centr", "defens": "defenc", "practis": "practic",
    "enquiri": "inquiri", "ageing": "age", "judgement": "judgment", "favor": "favour", "harbor": "harbour",
    "fulfill": "fulfil", "enroll": "enrol", "gray": "grey", "theater": "theatr", "bylaw": "byelaw",
}  # fmt: skip
# Abbreviations that as common words mean something else: in capitals they are terms of their own.
CAPITALS = frozenset({"SEND", "BID", "CAT", "CAB", "SALT", "PEP"})
STOP_WORDS = frozenset(
    """a an and are as at be been being but by can could did do does for from had has have having he her hers him his
    how i if in into is it its me my no nor not of on or our ours she should so some such than that the their
    theirs them then there these they this those to too us was we were what when where which while who whom
    whose why will with would you your yours about any all also anyone anything eg ie etc arent cant couldnt
    didnt doesnt dont hadnt hasnt havent isnt shouldnt wasnt werent wont wouldnt""".split()
)
_FRAMING_WORDS = """
    summarise summarize summary discuss discussion talk say said tell told explain explanation describe description
    mention think thought elaborate comment according opinion view debate attitude idea question reason suggest state
    council councils meeting happen happened become became get got getting go going went give take make made thing
    want much many more most each every
"""
FRAMING_WEIGHT = 0.3

_STEMMER = Stemmer.Stemmer("english")


@dataclass(frozen=True, slots=True)
class Token:
    """A stretch of a text, half-open offsets, and the terms it stands for; a stop word stands for none."""

    start: int
    end: int
    terms: tuple[str, ...]


@lru_cache(maxsize=262_144)
def term(word: str) -> str | None:
    """Return the term of one word, or None for a stop word."""
    lower = word.lower()
    if lower in STOP_WORDS:
        return None
    return stem(lower)


def stem(word: str) -> str:
    """Return the term of a lower-case word, a stop word or not."""
    if not word.isascii():
        word = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    stemmed: str = _STEMMER.stemWord(_IRREGULAR.get(word, word))
    stemmed = re.sub(r"(?<=..)([iy])z$", r"\1s", stemmed)
    return _SAME.get(stemmed, stemmed)


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a text in order, stop words too."""
    for match in _TOKEN.finditer(text):
        yield Token(match.start(), match.end(), _terms_of(match))


def terms(text: str) -> list[str]:
    """Return the terms of a text in order, stop words left out."""
    return [found for match in _TOKEN.finditer(text) for found in _terms_of(match)]


def _terms_of(match: re.Match[str]) -> tuple[str, ...]:
    kind = match.lastgroup
    if kind == "word":
        return _word_terms(match.group())
    return _OTHERS[kind or ""](match)


@lru_cache(maxsize=262_144)
def _word_terms(word: str) -> tuple[str, ...]:
    if word in CAPITALS:
        return (word, stem(word.lower()))
    plain = _MARKS.sub("", _ENDING.sub("", word))
    plain = (plain[:-1] if _PLURAL_ABBREVIATION.fullmatch(plain) else plain).lower()
    return tuple(found for part in _APART.get(plain, plain).split() if (found := term(part)))


def _year_terms(match: re.Match[str]) -> tuple[str, ...]:
    first, last = re.findall(r"\d+", match["years"])
    if int(last) % 100 == (int(first) + 1) % 100 and len(last) in (2, 4):
        return (first, f"{first}-{last[-2:]}")
    return (first, last)


def _amount(number: str, scale: str | None) -> tuple[str, ...]:
    plain = number.replace(",", "").rstrip(".")
    return (f"{Decimal(plain) * _SCALES[scale.lower()]:.0f}" if scale else plain,)


def _together(match: re.Match[str]) -> tuple[str, ...]:
    found = term(_TIES.sub("", match.group()))
    return (found,) if found else ()


_OTHERS: dict[str, Callable[[re.Match[str]], tuple[str, ...]]] = {
    "years": _year_terms,
    "pounds": lambda match: _amount(match["pounds"], None),
    "scale": lambda match: _amount(match["pounds"], match["scale"]),
    "many": lambda match: _amount(match["count"], match["many"]),
    "number": lambda match: _amount(match["number"], None),
    "section": lambda match: (stem("section"), match["section"].lower()),
    "initials": _together,
    "ampersand": lambda match: (re.sub(r"\s", "", match.group()).lower(),),
    "joined": _together,
    "prefixed": _together,
}
FRAMING = frozenset(terms(_FRAMING_WORDS))


def query_terms(text: str) -> dict[str, float]:
    """Return the terms of a query, each once, with the weight it has in search.

    Words that only frame a question ("summarise the discussion about ...") count less than its content words,
    unless it has no others.
    """
    found = dict.fromkeys(terms(text), 1.0)
    for capital in CAPITALS & found.keys():
        found.pop(stem(capital.lower()), None)
    if not found.keys() <= FRAMING:
        found.update(dict.fromkeys(found.keys() & FRAMING, FRAMING_WEIGHT))
    return found


def highlights(text: str, query: str, extra: Sequence[str] = ()) -> list[tuple[int, int]]:
    """Return the half-open offsets in ``text`` of what the query looks for, ascending, none overlapping.

    Those are the words that share a term with the query, framing words aside, and the places where all the
    words of one of ``extra`` stand side by side.
    """
    weighed = query_terms(query)
    most = max(weighed.values(), default=1.0)
    wanted = {found for found, weight in weighed.items() if weight == most}
    read = [token for token in tokens(text) if token.terms]
    marked = {i for i, token in enumerate(read) if not wanted.isdisjoint(token.terms)}
    flat = [(found, i) for i, token in enumerate(read) for found in token.terms]
    for run in {tuple(phrase_terms(phrase)) for phrase in extra} - {()}:
        for at, (found, _) in enumerate(flat):
            if found == run[0] and tuple(other for other, _ in flat[at : at + len(run)]) == run:
                marked.update(i for _, i in flat[at : at + len(run)])
    return [(read[i].start, read[i].end) for i in sorted(marked)]


def phrase_terms(phrase: str) -> list[str]:
    """Return the terms that stand side by side where a text holds the phrase, abbreviations in capitals as such."""
    found = terms(phrase)
    if len(found) > 1 and found[-2] in CAPITALS and found[-1] == stem(found[-2].lower()):
        found.pop()  # the capitals are enough
    return found
