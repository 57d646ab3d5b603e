"""The register of UK authorities, and how one is recognised from a name, a web address or a text.

The facts stand in ``authorities.csv`` beside this module, taken from the list of UK local authorities by
mySociety and the ONS codes (both CC BY 4.0) with committee-system addresses from Democracy Club's LGSF
(MIT). Parish, town and community councils are not in it: the country has some ten thousand of them.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from importlib.resources import files
from urllib.parse import urlsplit

from corpus.model import Authority

_WORD = re.compile(r"[^\W_]+(?:['’&.-][^\W_]+)*|&")
_KINDS_OF_COUNCIL = (
    "council",
    "borough council",
    "city council",
    "county council",
    "district council",
    "metropolitan borough council",
    "london borough council",
    "county borough council",
)


@lru_cache(maxsize=65_536)
def fold(name: str) -> str:
    """Return a name with case, accents, "and" signs, apostrophes and white space folded."""
    plain = unicodedata.normalize("NFKD", name.replace("&", " and ").replace("’", "'"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(word.group() for word in _WORD.finditer(plain.casefold()))


@lru_cache(maxsize=1)
def authorities() -> tuple[Authority, ...]:
    """Return every authority of the register, current and ended, by code."""
    with (files("corpus") / "authorities.csv").open(encoding="utf-8") as file:
        return tuple(_authority(row) for row in csv.DictReader(file))


def _authority(row: dict[str, str]) -> Authority:
    return Authority(
        code=row["code"],
        name=row["name"],
        short_name=row["short_name"],
        aliases=tuple(alias for alias in row["aliases"].split("; ") if alias),
        gss_code=row["gss_code"] or None,
        nation=row["nation"],
        region=row["region"] or None,
        type=row["type"],
        system=row["system"] or None,
        base_url=row["base_url"] or None,
        current=row["current"] == "yes",
        started=date.fromisoformat(row["started"]) if row["started"] else None,
        ended=date.fromisoformat(row["ended"]) if row["ended"] else None,
        predecessors=tuple(row["predecessors"].split()),
        successors=tuple(row["successors"].split()),
    )


@lru_cache(maxsize=1)
def _by_code() -> dict[str, Authority]:
    return {authority.code: authority for authority in authorities()}


def by_code(code: str) -> Authority | None:
    """Return the authority of this register code, if there is one."""
    return _by_code().get(code)


@lru_cache(maxsize=1)
def _full_names() -> dict[str, Authority]:
    """Official names and aliases, folded; an alias that two authorities could claim is left out."""
    names = {fold(authority.name): authority for authority in authorities()}
    claims: dict[str, set[str]] = {}
    for authority in authorities():
        stem = re.sub(r"^(?:the |city of |borough of )+", "", fold(authority.short_name))
        made = [f"{stem} {kind}" for kind in _KINDS_OF_COUNCIL]
        made += [f"london borough of {stem}", f"royal borough of {stem}", f"borough of {stem}"]
        for alias in (*map(fold, authority.aliases), *made):
            claims.setdefault(alias, set()).add(authority.code)
    for alias, codes in claims.items():
        if len(codes) == 1:
            names.setdefault(alias, _by_code()[next(iter(codes))])
    return names


@lru_cache(maxsize=1)
def _short_names() -> dict[str, Authority]:
    ended_first = sorted(authorities(), key=lambda authority: authority.current)
    bare = {_bare(authority.short_name): authority for authority in ended_first}
    return bare | {fold(authority.short_name): authority for authority in ended_first}


def _bare(short_name: str) -> str:
    """Return "bristol" for "City of Bristol" and "durham" for "County Durham"."""
    return re.sub(r"^(?:the |city of |borough of |county |isle of )+|(?: city| county)$", "", fold(short_name))


def by_name(name: str) -> Authority | None:
    """Return the authority with this official name, alias or short name ("Leicester"), if any."""
    folded = fold(name)
    return _full_names().get(folded) or _short_names().get(folded)


@lru_cache(maxsize=1)
def _hosts() -> dict[str, set[str]]:
    hosts: dict[str, set[str]] = {}
    for authority in authorities():
        host = urlsplit(authority.base_url or "").hostname
        if host:
            hosts.setdefault(host.removeprefix("www."), set()).add(authority.code)
    return hosts


def by_url(url: str) -> Authority | None:
    """Return the authority whose committee system is at the host of this address.

    A host that several authorities share (Adur and Worthing, say) does not tell which one it is, and an address that
    is none ("http://[") has no host.
    """
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return None
    codes = _hosts().get(host, set())
    return _by_code()[next(iter(codes))] if len(codes) == 1 else None


def successors(name: str) -> tuple[Authority, ...]:
    """Return the authorities that took the place of an ended one; none for one that goes on or is not known."""
    known = by_name(name)
    return tuple(_by_code()[code] for code in known.successors) if known else ()


def predecessors(name: str) -> tuple[Authority, ...]:
    """Return the ended authorities whose place this one took."""
    known = by_name(name)
    return tuple(_by_code()[code] for code in known.predecessors) if known else ()


def by_domain(domain: str) -> Authority | None:
    """Return the authority whose own domain this is ("kent.gov.uk"), as its committee system's host shows it."""
    codes = {code for host, held in _hosts().items() if host.partition(".")[2] == domain.lower() for code in held}
    return _by_code()[next(iter(codes))] if len(codes) == 1 and domain.lower().endswith(".gov.uk") else None


@lru_cache(maxsize=1)
def _names_by_first_word() -> dict[str, list[tuple[tuple[str, ...], Authority]]]:
    index: dict[str, list[tuple[tuple[str, ...], Authority]]] = {}
    for name, authority in _full_names().items():
        words = tuple(name.split())
        index.setdefault(words[0], []).append((words, authority))
    for names in index.values():
        names.sort(key=lambda entry: -len(entry[0]))
    return index


def named_in(text: str) -> Iterator[tuple[Authority, int, int]]:
    """Yield each full name or alias of an authority in a text, with its offsets, in order.

    Short names ("Kent") do not count: they are also places, people and other bodies.
    """
    found = list(_WORD.finditer(text))
    words = [fold(match.group()) or "and" for match in found]
    index = _names_by_first_word()
    position = 0
    while position < len(words):
        taken = 1
        if found[position].group()[0].isupper():
            for name, authority in index.get(words[position], ()):
                if tuple(words[position : position + len(name)]) == name:
                    taken = len(name)
                    last = found[position + taken - 1]
                    yield authority, found[position].start(), last.end()
                    break
        position += taken
