"""Outcomes that stand before the proposal: "The accounts were approved. Proposed by Mr Hill, seconded by Ms Love."

Parish minutes often tell first what was decided and add who proposed it. This is read only where the proposal is
no sentence of its own: it says nothing but the names.
"""

import re

_ONLY_NAMES = re.compile(r"(?:[Pp]rop|PROP|[Mm]oved|MOVED)")
_NOTHING_FOLLOWS = re.compile(
    r"[ \t]*(?:[.;)]|,?[ \t]+(?:all|\w{1,12}(?:[ \t]+were)?)[ \t]+in[ \t]+favour\b|\n|\Z)"
    r"(?![.;) \t\n]{0,40}(?:[“\"‘']|[Tt](?:hat|o)\b))"
)
_LEADS_TO = " \t\n\u00a0.,;:(–-"  # what may stand between what was decided and the names
_SENTENCE = 400  # characters before a proposal that may tell what became of it
_SENTENCE_BEGINS = re.compile(r"[.!?][ \t\n]|\n[ \t]*\n")
_SETTLED = (
    r"(?:unanimously[ \t\n]+)?(?:approved|agreed|adopted|accepted|ratified|resolved|decided|APPROVED|AGREED|RESOLVED)"
)
_TOLD = re.compile(
    rf"\b(?:was|were)[ \t\n]+(?:[a-z]+,?[ \t\n]+){{0,4}}?{_SETTLED}\b(?![ \t\n]+(?:by|at|in)\b)"
    r"|^[ \t]*(?:\w{1,4}[.)][ \t]+)?(?:RESOLVED|AGREED|Resolved|Agreed)\b(?=:|[ \t\n]+(?:to|that)\b)",
    re.MULTILINE,
)
_NOT_TOLD = re.compile(
    r"\b(?:[Nn]ot|[Nn]o|[Nn]othing|never|be|[Ii]f|[Ww]hether|[Ww]hen|[Uu]ntil|unless|[Oo]nce|had|has|have|should|would|could"
    r"|might|may|cannot|which|who|[Rr]ecommend\w*|[Pp]ropos\w*|reported|[Pp]reviously)\b"
)


def only_names(text: str, start: int, end: int) -> bool:
    """Tell whether the proposal text[start:end] is no sentence of its own, but the names after what was decided."""
    return _ONLY_NAMES.match(text, start) is not None and _NOTHING_FOLLOWS.match(text, end) is not None


def told_before(text: str, start: int, end: int, left: int) -> tuple[int, int] | None:
    """Return the offsets of the words before the proposal text[start:end] that tell that it was agreed to, or None.

    Args:
        left: where the words that can belong to it begin: the item, or the end of the proposal before it.
    """
    if not only_names(text, start, end):
        return None
    left = max(left, start - _SENTENCE)
    before = text[left:start]
    if before[-1:].isalnum():
        return None
    before = before.rstrip(_LEADS_TO)
    begins = [found.end() for found in _SENTENCE_BEGINS.finditer(before)]
    sentence = begins[-1] if begins else 0
    for found in _TOLD.finditer(before, sentence):
        if not _NOT_TOLD.search(before, sentence, found.end()):
            return left + found.start(), left + found.end()
    return None
