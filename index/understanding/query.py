"""The query language: plain questions first, operators for those who want them.

Operators are ``authority:Kent``, ``committee:"Planning Committee"``, ``kind:decision``, ``from:2024-05``,
``to:"May 2024"``, a quoted phrase that must occur, and ``-word`` or ``-"a phrase"`` that must not; with
``also:"corporate parent"`` come other words that a passage may hold in place of the question's. Names of
authorities that the collection holds, and periods ("last two years"), are found in plain words too. Each is
a filter that can be seen and taken away. Several authorities are alternatives: "How do Kent and Medway ..."
asks of both. What has been put in quotes is never taken for a filter.

An operator of a field, or a filter chosen beside the query, overrules what plain words say of it: with
``authority:`` no names are looked for in the question, with ``from:`` or ``to:`` no periods. What plain words say
is a guess, so as a filter it lets through passages of which the authority or the date is not known.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from corpus.errors import QueryError
from corpus.filters import Filters
from corpus.model import SEARCH_KINDS
from index.analysis import terms
from index.understanding.authority_names import name_at_start, named_in
from index.understanding.periods import periods_in, typed_period
from index.understanding.rewording import Edit, Name, edited, without_names

Field = Literal["authority", "committee", "kind", "from", "to"]

_OPERATOR = re.compile(
    r"""
      (?<![^\s(,;])(?P<minus>-?)(?P<field>(?ai:authority|committee|kind|from|to)):
        (?:["“](?P<quoted>[^"“”]*)["”]|(?P<bare>[^\s"“”]+))?
    | (?<![^\s(,;])also:(?:["“](?P<also_phrase>[^"“”]*)["”]|(?P<also_word>[^\s"“”]+))
    | (?<![^\s(])-(?:["“](?P<not_phrase>[^"“”]*)["”]|(?P<not_word>[^\W\d_][^\s"“”]*))
    | (?<!\w)["“](?P<phrase>[^"“”]*)["”]
    """,
    re.IGNORECASE | re.VERBOSE,
)
_EXAMPLES = {
    "authority": 'authority:Kent or authority:"Tower Hamlets"',
    "committee": 'committee:cabinet or committee:"Planning Committee"',
    "kind": "kind:decision",
    "from": "from:2024, from:2024-05 or from:31/05/2024",
    "to": "to:2024, to:2024-05 or to:31/05/2024",
}


@dataclass(frozen=True, slots=True)
class FoundFilter:
    """A filter found in a query.

    ``value`` is a name as typed (an authority found in plain words: as the collection spells it), a kind, or an
    ISO date, inclusive. ``words`` are those it came from, at the half-open offsets ``start`` and ``end`` of the
    typed query; "between 2019 and 2021" gives two filters of the same words. ``explicit``: typed as an operator.
    """

    field: Field
    value: str
    words: str
    explicit: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Understood:
    """A query as it was understood.

    ``text`` is what is searched: the question without operators, exclusions and the words that became filters
    (an authority's name gives way to "the council" where a sentence needs its subject). ``phrases`` and
    ``excluded`` hold at least one word that is searched for; the phrases' words are in ``text`` too. ``also`` are
    other words for what is asked for.
    """

    typed: str
    text: str
    phrases: tuple[str, ...]
    excluded: tuple[str, ...]
    found: tuple[FoundFilter, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Operators:
    """What is not plain words in a query, and the edits that take it out."""

    found: list[FoundFilter]
    phrases: list[str]
    excluded: list[str]
    also: list[str]
    edits: list[Edit]


def parse(typed: str, held_authorities: Sequence[str], today: date, given: Filters | None = None) -> Understood:
    """Return what a typed query asks for.

    Args:
        typed: at most a thousand characters or so; the time taken grows with their number.
        held_authorities: the names of the authorities that the collection holds; no other is found in a question.
        today: what "last two years" counts back from.
        given: filters chosen otherwise, in a form or an address.

    Raises:
        QueryError: an operator has no value or one that makes no sense, or there are only filters or exclusions.
    """
    operators = _read_operators(typed, held_authorities)
    found, edits = operators.found, operators.edits
    plain = _masked(typed, edits)
    given = given or Filters()
    natural = list[FoundFilter]()
    if not given.authorities and not any(f.field == "authority" for f in found):
        natural += _authorities(plain, typed, held_authorities)
    if not (given.date_from or given.date_to or any(f.field in ("from", "to") for f in found)):
        natural += _periods(plain, typed, today)
    periods = [Edit(f.start, f.end) for f in natural if f.field != "authority"]
    names = without_names(plain, _names(natural))
    texts = [edited(typed, [*edits, *more]) for more in ([*periods, *names], periods, [])]
    text = next((text for text in texts if re.search(r"\w", text)), None) or _nothing_left(typed, operators)
    every = sorted([*found, *natural], key=lambda f: (f.start, f.field))
    excluded, also = (tuple(dict.fromkeys(words)) for words in (operators.excluded, operators.also))
    return Understood(typed, text, tuple(operators.phrases), excluded, tuple(every), also)


def filters_of(understood: Understood, given: Filters) -> Filters:
    """Return the filters of a query, to be resolved; in each field what was chosen otherwise goes before.

    Filters found in plain words are guesses: passages of which the authority or the date is not known pass them.
    """

    def values(*fields: Field) -> tuple[str, ...]:
        return tuple(dict.fromkeys(f.value for f in understood.found if f.field in fields))

    guessed = {f.field for f in understood.found if not f.explicit}
    unknown = ["authority"] if "authority" in guessed and not given.authorities else []
    unknown += ["date"] if guessed & {"from", "to"} and not (given.date_from or given.date_to) else []
    return replace(
        given,
        authorities=given.authorities or values("authority"),
        committees=given.committees or values("committee"),
        kinds=given.kinds or values("kind"),
        date_from=given.date_from or next(iter(values("from")), None),
        date_to=given.date_to or next(iter(values("to")), None),
        unknown_too=(*given.unknown_too, *unknown),
    )


def without(understood: Understood, found: FoundFilter) -> str:
    """Return the typed query from which one filter is taken, so that it is not found again.

    The words go, wherever they name it. Where they say something else too ("between 2019 and 2021"), that is
    kept as an operator; where nothing to search for would be left, they stay, in quotes.
    """
    typed = understood.typed
    gone = [f for f in understood.found if (f.field, f.value, f.explicit) == (found.field, found.value, found.explicit)]
    if found.field == "authority" and not found.explicit:
        edits = without_names(typed, _names(understood.found), only=found.value)
    else:
        edits = [Edit(f.start, f.end) for f in gone]
    same_words = [f for f in understood.found if any(g.start == f.start for g in gone) and f.field != found.field]
    kept = [f"{f.field}:{f.value}" for f in same_words]
    left = edited(typed, edits)
    if not re.search(r"\w", _OPERATOR.sub(lambda match: match["phrase"] or "", left)):
        left = edited(typed, [Edit(f.start, f.end, f'"{f.words}"') for f in gone])
    return " ".join(filter(None, [left, *dict.fromkeys(kept)]))


def without_also(typed: str, words: str) -> str:
    """Return the typed query without the ``also:`` that gives some words."""
    return edited(typed, [Edit(m.start(), m.end()) for m in _OPERATOR.finditer(typed) if _also(m) == words])


def plain_words(typed: str) -> str:
    """Return a typed query with operators and exclusions blanked, every word where it was; phrases stay."""
    taken = [match for match in _OPERATOR.finditer(typed) if match["phrase"] is None]
    return _masked(typed, [Edit(match.start(), match.end()) for match in taken])


def _read_operators(typed: str, held: Sequence[str]) -> _Operators:
    read = _Operators([], [], [], [], [])
    for match in _OPERATOR.finditer(typed):
        start, end, text = match.start(), match.end(), ""
        if match["field"]:
            operator = _operator(typed, match, held)
            if operator is None:
                continue
            read.found.append(operator)
            end = operator.end
        elif match["phrase"] is not None:
            text = match["phrase"]
            if terms(text):
                read.phrases.append(" ".join(text.split()))
        elif (words := _also(match)) is not None:
            read.also.extend([words] if terms(words) else [])
        else:
            read.excluded.append(_excluded(match))
        read.edits.append(Edit(start, end, text))
    _refuse_twice(read.found)
    return read


def _operator(typed: str, match: re.Match[str], held: Sequence[str]) -> FoundFilter | None:
    """Return the filter of one operator, or None where plain words were meant ("From: the clerk")."""
    field: Field = match["field"].lower()  # type: ignore[assignment]
    value, end = match["quoted"], match.end()
    if value is None:
        value = match["bare"] or ""
        gap = "" if value else re.match(r"\s*", typed[end:]).group()  # type: ignore[union-attr]
        rest = typed[match.start("bare") if value else end + len(gap) :]
        longer = _longer_value(field, rest, held)
        if longer:
            value, end = longer, len(typed) - len(rest) + len(longer)
        elif gap and rest:
            return None
        elif value:
            value = value.rstrip(",;.?!)")
            end = match.start("bare") + len(value)
        elif rest:
            raise QueryError(f"The quotation mark after {field}: is not closed: write {_EXAMPLES[field]}.")
    if match["minus"]:
        raise QueryError(f"-{field}: is not possible: say what to search, such as {_EXAMPLES[field]}.")
    value = " ".join(value.split())
    if not value:
        raise QueryError(f"{field}: has no value: write {_EXAMPLES[field]}.")
    return FoundFilter(field, _checked(field, value), typed[match.start() : end], True, match.start(), end)


def _longer_value(field: Field, rest: str, held: Sequence[str]) -> str | None:
    """Return the value that a text begins with, where it can be told from what follows ("Tower Hamlets")."""
    if field == "authority":
        return name_at_start(rest, held)
    if field in ("from", "to"):
        for words in (3, 2, 1):
            match = re.match(rf"\S+(?:\s+\S+){{{words - 1}}}", rest)
            candidate = match.group().rstrip(",;.?!)") if match else ""
            if typed_period(candidate):
                return candidate
    if field == "kind":
        match = re.match(r"[A-Za-z]+", rest)
        return match.group() if match and _kind(match.group()) else None
    return None


def _checked(field: Field, value: str) -> str:
    """Return the value as filters take it: a kind of ours, a date in ISO; names as they are typed."""
    if field == "kind":
        kind = _kind(value)
        if kind is None:
            raise QueryError(f"There is no kind {_shown(value)}: choose from {', '.join(SEARCH_KINDS)}.")
        return kind
    if field in ("from", "to"):
        period = typed_period(value)
        if period is None:
            raise QueryError(f"{field}:{_shown(value)} is not a date: write {_EXAMPLES[field]}.")
        return period[field == "to"].isoformat()
    return value


def _kind(word: str) -> str | None:
    lower = word.lower()
    return next((kind for kind in SEARCH_KINDS if lower in (kind, f"{kind}s")), None)


def _also(match: re.Match[str]) -> str | None:
    words = match["also_word"] if match["also_phrase"] is None else match["also_phrase"]
    return None if words is None else " ".join(words.split()).strip(",;.?!:)")


def _excluded(match: re.Match[str]) -> str:
    words = " ".join((match["not_phrase"] if match["not_word"] is None else match["not_word"]).split())
    words = words.strip(",;.?!:)")
    if not terms(words):
        raise QueryError(f"-{_shown(words)} leaves nothing out: the word is too common to be searched for.")
    return words


def _refuse_twice(found: Iterable[FoundFilter]) -> None:
    fields = [f.field for f in found]
    for field in ("from", "to"):
        if fields.count(field) > 1:
            raise QueryError(f"{field}: is given {fields.count(field)} times: give it once.")


def _nothing_left(typed: str, operators: _Operators) -> str:
    if operators.excluded:
        raise QueryError("The query only says what to leave out: add what to look for.")
    if operators.also:
        raise QueryError("The query has only other words (also:): add the words that they stand for.")
    if operators.found:
        raise QueryError("The query has only filters: add a question or some words to look for.")
    return typed.strip()


def _masked(typed: str, edits: Sequence[Edit]) -> str:
    """Return the query with operators made unreadable, every other character where it was."""
    for edit in edits:
        typed = typed[: edit.start] + "\0" * (edit.end - edit.start) + typed[edit.end :]
    return typed


def _authorities(plain: str, typed: str, held: Sequence[str]) -> Iterator[FoundFilter]:
    for name, start, end in named_in(plain, held):
        yield FoundFilter("authority", name, typed[start:end], False, start, end)


def _names(found: Sequence[FoundFilter]) -> list[Name]:
    return [Name(f.value, f.start, f.end) for f in found if f.field == "authority" and not f.explicit]


def _periods(plain: str, typed: str, today: date) -> Iterator[FoundFilter]:
    for period in periods_in(plain, today):
        words = typed[period.start : period.end]
        if period.first:
            yield FoundFilter("from", period.first.isoformat(), words, False, period.start, period.end)
        if period.last:
            yield FoundFilter("to", period.last.isoformat(), words, False, period.start, period.end)


def _shown(value: str) -> str:
    return value if len(value) <= 60 else value[:57] + "..."
