"""Taking words out of a question so that a question is left: what filters stand for is not searched for too."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_JOINS = re.compile(r"\s*(?:,|/|,?\s*(?:&|\b(?:and|or|versus|vs\.?|v)\b))\s*", re.IGNORECASE)
_SUBJECT_FOLLOWS = frozenset(
    """did do does has have had is was are were will would should can could may might how why when what whether if that
    because""".split()
)
_OF_COUNCILS = frozenset(
    "councillor councillors members officers staff planners residents schools city cabinet".split()
)
_PLACES = frozenset({"in", "within", "across"})
_GOES_WITH_NAME = frozenset("at by for of with about to on".split())
_LINKS = frozenset("in at by for of with about to on and or since before after between during from when as".split())


@dataclass(frozen=True, slots=True)
class Edit:
    """What to put in the place of a stretch of a text; offsets are half-open."""

    start: int
    end: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """A name of an authority in a question: the authority, and where the name stands."""

    authority: str
    start: int
    end: int


def without_names(plain: str, found: Sequence[Name], only: str | None = None) -> list[Edit]:
    """Return the edits that take the names of authorities, or of one of them, out of a question."""
    edits = []
    for run in _runs(plain, found):
        staying = [only is not None and name.authority != only for name in run]
        if not any(staying):
            edits.append(_without_run(plain, run))
            continue
        for i, (name, stays) in enumerate(zip(run, staying, strict=True)):
            if not stays and any(staying[:i]):
                edits.append(Edit(run[i - 1].end, name.end))
            elif not stays:
                edits.append(Edit(name.start, run[i + 1].start))
    return edits


def _runs(plain: str, names: Sequence[Name]) -> list[list[Name]]:
    """Return the names in runs of those joined: "Kent, Medway and Limerick"."""
    runs: list[list[Name]] = []
    for name in names:
        if runs and _JOINS.fullmatch(plain, runs[-1][-1].end, name.start):
            runs[-1].append(name)
        else:
            runs.append([name])
    return runs


def _without_run(plain: str, run: Sequence[Name]) -> Edit:
    """Return the edit that takes joined names out of a question, so that a question is left."""
    start, end = run[0].start, run[-1].end
    council = "the councils" if len(run) > 1 else "the council"
    if re.search(r"['’][sS]?$", plain[run[-1].start : end]):
        return Edit(start, end, council + ("'" if len(run) > 1 else "'s"))
    before = re.search(r"(\w+)\s+$", plain[max(0, start - 40) : start])
    after = re.match(r"\s+(\w+)", plain[end:])
    previous, following = (found.group(1).lower() if found else "" for found in (before, after))
    joined = re.match(r"\s*(?:[/&]|(?:and|or)\b)\s*(?=\w)", plain[end:])
    if joined:
        return Edit(start, end + joined.end())
    if previous in _SUBJECT_FOLLOWS and following not in _OF_COUNCILS:
        return Edit(start, end, council)
    if before and (previous in _PLACES or (previous in _GOES_WITH_NAME and (not after or following in _LINKS))):
        start -= len(before.group())
    return Edit(start, end)


def edited(typed: str, edits: Iterable[Edit]) -> str:
    """Return the query after edits (where two overlap the wider one counts), its spaces and commas put right."""
    parts, position = [], 0
    for edit in sorted(set(edits), key=lambda e: (e.start, -e.end)):
        if edit.start >= position:
            parts += [typed[position : edit.start], edit.text or " "]
            position = edit.end
    text = re.sub(r"[\s\0]+", " ", "".join([*parts, typed[position:]]))
    text = re.sub(r"\s+([?.!,;:])(?=\s|$)", r"\1", text)
    text = re.sub(r"([,;:])(?:\s*[,;:])+", r"\1", text)
    return re.sub(r'^[\s,;:.?!]+(?=[\w\s"“(-])|[\s,;:]+$', "", text).strip()
