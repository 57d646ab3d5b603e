"""Verification of sentences: whether what a language model wrote is borne out by the quotes it cites.

The check is strict, local and always comes to the same: every figure, date, vote and name of the sentence must stand
in its quotes or their citations, words in quotation marks must be verbatim, what became of a matter must agree, and
most of the words must be those of the sources, so that nothing new is brought in. It rather refuses a true sentence
than lets a false one pass; an extractive answer then takes its place. It cannot see all that words imply.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from index.analysis import FRAMING, phrase_terms, terms, tokens
from index.answers.evidence import Evidence, Quote
from index.proof.claims import (
    acts,
    figures,
    known,
    miscounted,
    miscounted_vote,
    misdone,
    name_words,
    overstated,
    same_name,
)
from index.proof.grounds import Ground, by_item, cited_in, ground, unfit
from index.proof.polarity import DECIDED, clauses, conflict, matter_of, told
from index.proof.verify import Checked, fold, whole
from index.proof.whose import COUNTS, SEVERAL, foreign_to, named, without_names
from index.understanding.expansion import Thesaurus, expand, load
from ingest.sentences import units

SHARE = 0.6  # of the content words of a sentence that its sources must have
CLAUSE_SHARE = 0.5  # of those of each of its clauses
TOGETHER = 0.75  # of the words of a clause that the source has, those that one sentence of it must have

_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"|(?<!\w)[‘']([^‘’'\n]+(?:['’]\w[^‘’'\n]*)*\s[^‘’'\n]*)['’](?!\w)")
_ITEM = re.compile(r"\b(?:agenda )?(?:item|minute)(?: (?:no\.?|number))? (\d[\w.]*\w|\d)", re.IGNORECASE)
_DECIDING = re.compile(
    rf"\b(?P<body>Cabinet|Executive|Committee|Panel|Board|Commission)(?: \w+ly| has| then)?\s+(?:{DECIDED})\b"
)
_TELLING = FRAMING | frozenset(
    terms(
        """agreed resolved decided approved carried noted reported heard informed explained added received told raised
        recorded stated presented confirmed voted vote member members councillor councillors officer officers chair item
        agenda minutes matter report part section following however meanwhile subsequently additionally authority
        authorities also both per cent percent rise rose rising increased fall fell falling decreased unanimously"""
    )
)
_OF_RECORDS = frozenset(terms("amendment motion proposal moved proposed seconded cost costs estimated total sum price"))


def check_sentence(
    sentence: str, cited: Sequence[Quote | Evidence], others: Sequence[Quote | Evidence] = ()
) -> Checked:
    """Check a sentence against the quotes it cites; they must be verified themselves.

    Args:
        others: evidence that it does not cite, in which what it says may really stand.
    """
    given = cited_in(cited)
    if problem := unfit(sentence, given):
        return Checked("fabricated", problem)
    grounds = by_item(given)
    held = sorted({one.quote.hit.authority or "" for one in (*given, *cited_in(others))} - {""})
    bare, names = without_names(sentence, held)
    if (foreign := foreign_to(sentence, names, grounds)) is not None:
        places = next((one.places for one in by_item(cited_in(others)) if _problem(bare, one) is None), ())
        return Checked("misattributed", f"It names {foreign}, and no quote that it cites is of there.", places)
    problems = [_problem(sentence, one) for one in grounds]
    several = SEVERAL.search(sentence) is not None
    alike = not several and (None in problems or _told_apart(sentence, grounds, held))
    if alike or _of_each(sentence, bare, names, grounds):
        return Checked("supported", "The quotes that it cites bear it out.")
    for one in grounds:
        if names and not one.authorities & names and _problem(bare, one) is None:
            return Checked("misattributed", "What it says stands in a quote of another authority.", one.places)
    if several and grounds:
        return Checked("fabricated", "It speaks of several authorities, and the quotes of each do not say so.")
    return _stray(sentence, bare, grounds, by_item(cited_in(others)), next(iter(problems), None) or "It cites nothing.")


def _stray(sentence: str, bare: str, grounds: Sequence[Ground], elsewhere: Sequence[Ground], problem: str) -> Checked:
    """Return whether a sentence that no ground bears out is stitched of several, stands in another, or is made up."""
    if len(grounds) > 1 and _joined(sentence, grounds):
        return _stitched(grounds)
    for one in elsewhere:
        if _problem(sentence, one) is None or _problem(bare, one) is None:
            return Checked("misattributed", "What it says stands in a source that it does not cite.", one.places)
    if grounds and elsewhere and _joined(sentence, [*grounds, *elsewhere]):
        return _stitched([*grounds, *elsewhere])
    return Checked("fabricated", problem)


def _stitched(grounds: Sequence[Ground]) -> Checked:
    places = tuple(place for one in grounds for place in one.places)
    return Checked("stitched", "What different items, meetings or authorities say is told as one.", places)


def _joined(sentence: str, grounds: Sequence[Ground]) -> bool:
    """Tell whether a sentence is borne out by several grounds taken together, or in parts."""
    together = ground(tuple(cited for one in grounds for cited in one.cited))
    return _problem(sentence, together, scattered=True) is None or all(
        any(_problem(part, one) is None for one in grounds) for part in _parts(sentence)
    )


# -- several at once ---------------------------------------------------------------------------------


def _of_each(sentence: str, bare: str, names: set[str], grounds: Sequence[Ground]) -> bool:
    """Tell whether what a sentence says of several authorities is borne out for each of them."""
    several = SEVERAL.search(sentence)
    cited = {authority for one in grounds for authority in one.authorities}
    meant = names or (cited if several else set())
    count = COUNTS.get(several["count"].lower(), len(cited)) if several else len(meant)
    return (
        len(meant) > 1
        and count == len(meant)
        and all(
            any(authority in one.authorities and _problem(bare, one) is None for one in grounds) for authority in meant
        )
    )


def _told_apart(sentence: str, grounds: Sequence[Ground], held: Sequence[str]) -> bool:
    """Tell whether each part of a sentence is borne out by one ground and says which one, where it is another."""
    last: Ground | None = None
    if len(grounds) < 2:
        return False
    for part in _parts(sentence):
        bearing = [one for one in grounds if _problem(part, one) is None]
        if not bearing:
            return False
        if last is not None and last not in bearing:
            bearing = [one for one in bearing if _says_which(part, one, last, held)]
        if not bearing:
            return False
        last = last if last in bearing else bearing[0]
    return last is not None


def _says_which(part: str, one: Ground, last: Ground, held: Sequence[str]) -> bool:
    """Tell whether a part of a sentence names the authority, committee or day by which a ground differs."""
    if one.authorities != last.authorities:
        return bool(one.authorities & {authority for authority, _, _ in named(part, held)})
    said = known(figures(part))
    for hit in (cited.quote.hit for cited in one.cited):
        days = known(figures(hit.meeting_date or "")) - known(figures(last.about))
        if said & days or (hit.committee and hit.committee not in last.about and hit.committee in part):
            return True
    return False


def _parts(sentence: str) -> list[str]:
    """Return the sentences of a sentence, and the clauses of each that are set off."""
    found = [sentence[unit.start : unit.end] for unit in units(sentence, 0, len(sentence))]
    return [part for one in found for part in re.split(r";\s+|,\s+(?:and|but|while|whereas)\s+|\s+whereas\s+", one)]


# -- what it says ------------------------------------------------------------------------------------


def _problem(sentence: str, one: Ground, *, scattered: bool = False) -> str | None:
    """Return the first thing in a sentence that a ground does not bear out, or None.

    Args:
        scattered: its words need not stand together in the source.
    """
    for unit in units(sentence, 0, len(sentence)):
        part = sentence[unit.start : unit.end]
        if fold(part) not in one.sentences and (problem := next(_problems(part, one, scattered), None)):
            return problem
    return None


def _problems(part: str, one: Ground, scattered: bool = False) -> Iterator[str]:
    """Yield what is wrong with a sentence, what is cheap to find first."""
    numbers = {cited.quote.hit.item_number for cited in one.cited}
    part = _ITEM.sub(lambda match: "item" if match[1] in numbers else match.group(), part)
    for unit, value in sorted(known(figures(part)) - one.figures):
        if unit != "code" or not _has_code(value, one):
            yield f"The figure {value}{f' ({unit})' if unit else ''} is not in the source."
    for quoted in (next(filter(None, match.groups())) for match in _QUOTED.finditer(part)):
        if whole(quoted.rstrip(" .,;:!?") or quoted, one.sources) is None:
            yield "Words in quotation marks are not in the source as they stand."
    meant = _meant_otherwise(part, one)
    if (name := _unknown_name(part, one, meant)) is not None:
        yield f"The name {name} is not in the source."
    yield from _out_of_place(part, one)
    if not scattered:
        yield from filter(None, (_apart(clause, one) for clause in told(part)))
    if (word := overstated(part, f"{one.text}\n{one.about}")) is not None:
        yield f"The source does not say “{word}”."
    if (differs := conflict(part, one.clauses)) is not None:
        yield differs
    if (unknown := _new_matter(part, one, meant)) is not None:
        yield f"It brings in what the source does not say: {unknown}."


def _out_of_place(part: str, one: Ground) -> Iterator[str]:
    """Yield what is wrong with a sentence whose figures and names are all in the source, but not as it puts them."""
    if miscounted_vote(part, [source.text for source in one.sources]) is not None:
        yield "The votes are not those of the source."
    if (act := misdone(acts(part), set(one.acts))) is not None:
        yield f"In the source it is somebody else who {act[0]}."
    if (body := _wrong_body(part, one)) is not None:
        yield f"In the source it is not {body} that decides."


def _has_code(code: str, one: Ground) -> bool:
    """Tell whether a source has a reference such as HT/24/017, however it is spaced."""
    pieces = (re.escape(piece) for piece in re.findall(r"[^\W\d_]+|\d+", code))
    return re.search(rf"(?<!\w){'[ /.-]?'.join(pieces)}(?!\w)", f"{one.text}\n{one.about}", re.IGNORECASE) is not None


def _unknown_name(part: str, one: Ground, meant: frozenset[str]) -> str | None:
    """Return a name that the source has not, or two words of names that do not stand side by side there."""
    proper = [entry for entry in name_words(part) if not re.search(r"\d", entry[0])]
    proper = [entry for entry in proper if not set(terms(entry[0])) <= _TELLING | meant]
    for word, _, _ in proper:
        if same_name(word) not in one.names:
            return word
    for (word, _, end), (following, start, _) in pairwise(proper):
        if part[end:start].isspace() and (same_name(word), same_name(following)) not in one.side_by_side:
            return f"{word} {following}"
    return None


def _wrong_body(part: str, one: Ground) -> str | None:
    """Return a body that decides something in a sentence, and in the source neither met nor decides anything."""
    for match in _DECIDING.finditer(part):
        decides = rf"\b{match['body']}\b(?:\s\w+){{0,2}}?\s+(?:{DECIDED})\b"
        if not re.search(rf"\b{match['body']}\b", one.about) and not re.search(decides, one.text, re.IGNORECASE):
            return match["body"]
    return None


def _apart(clause: str, one: Ground) -> str | None:
    """Return whether the words of a clause do not stand together in any sentence of the source, or not so."""
    names = {same_name(word) for word, _, _ in name_words(clause) if not set(terms(word)) <= _TELLING} & one.names
    needed = (known(figures(clause)) & one.figures) - one.cited_figures
    words = (matter_of(clause) & one.terms) - one.cited_terms - _TELLING - _OF_RECORDS
    near = [
        said
        for said in one.said
        if names - one.cited_names <= said.names
        and needed <= said.figures
        and len(words - said.terms) <= (1 - TOGETHER) * len(words)
    ]
    if not near:
        return "Its words do not stand together in the source."
    wrong = [miscounted(clause, said.text) for said in near]
    return f"In the source the figure {wrong[0]} is that of something else." if all(wrong) else None


@lru_cache(maxsize=1)
def _thesaurus() -> Thesaurus:
    return load()


def _meant_otherwise(part: str, one: Ground) -> frozenset[str]:
    """Return the terms for which a source uses other words that mean the same."""
    return frozenset(
        term
        for expansion in expand(part, _thesaurus())
        if any(set(phrase_terms(added)) <= one.terms for added in expansion.added)
        for term in phrase_terms(expansion.found)
    )


def _new_matter(part: str, one: Ground, meant: frozenset[str]) -> str | None:
    """Return the words that a source has not, where they are more than a sentence or clause may have of its own."""
    strange, content = list[str](), 0
    for clause in clauses(part):
        telling = [
            (clause[token.start : token.end], said)
            for token in tokens(clause)
            if (said := {term for term in token.terms if not term[0].isdigit()} - _TELLING)
        ]
        own = [word for word, said in telling if not said & (one.terms | meant)]
        if telling and 1 - len(own) / len(telling) < CLAUSE_SHARE:
            return ", ".join(own)
        strange, content = strange + own, content + len(telling)
    if not content and not figures(part) and matter_of(part) <= _TELLING:
        return "it says nothing of its own"
    return ", ".join(strange) if content and 1 - len(strange) / content < SHARE else None
