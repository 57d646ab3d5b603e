"""What was moved and settled, votes and meetings, in words of the language of the page."""

from collections.abc import Sequence

from corpus.filters import Meetings
from webapp.language import gettext, ngettext, to_translate

_KINDS = {
    "decision": to_translate("Decision"),
    "recommendation": to_translate("Recommendation, not a decision"),
    "motion": to_translate("Motion"),
    "amendment": to_translate("Amendment"),
    "vote": to_translate("Vote"),
    "minutes": to_translate("Minutes"),
    "report": to_translate("Report"),
    "agenda": to_translate("Agenda text, not a decision"),
}
_STATES = {
    "carried": to_translate("carried"),
    "decided": to_translate("decided"),
    "lost": to_translate("lost"),
    "withdrawn": to_translate("withdrawn"),
    "not seconded": to_translate("not seconded"),
    "recommended": to_translate("recommended"),
    "not stated": to_translate("outcome not stated"),
    "discussed": to_translate("discussed"),
    "amendment carried": to_translate("amendment carried"),
    "amendment lost": to_translate("amendment lost"),
    "amendment withdrawn": to_translate("amendment withdrawn"),
    "amendment not seconded": to_translate("amendment not seconded"),
}
_MARKS = {
    "draft": to_translate("draft minutes"),
    "ocr": to_translate("read from a picture of the page, may contain errors"),
    "partial": to_translate("partial record: the source cuts this item off"),
}
_PLAIN = {("decision", "decided"), ("recommendation", "recommended")}  # the kind says it already
_COLOURS = {"carried": "green", "decided": "green", "lost": "red", "recommended": "yellow"}


def what(kind: str, outcome: str | None) -> str:
    """Return in words what a quote is: "Amendment, lost"."""
    words = gettext(_KINDS[kind]) if kind in _KINDS else kind
    if not outcome or (kind, outcome) in _PLAIN:
        return words
    return f"{words}, {state(outcome)}"


def state(words: str) -> str:
    """Return what a meeting came to: "carried", "carried and amendment lost"."""
    parts = [gettext(_STATES[part]) if part in _STATES else part for part in words.split(" and ")]
    if len(parts) == 2:
        return gettext("%(one)s and %(other)s", one=parts[0], other=parts[1])
    return ", ".join(parts)


def colour(outcome: str | None) -> str:
    """Return the colour of the tag that tells an outcome; its words say the same."""
    return _COLOURS.get(outcome or "", "grey")


def marks(found: Sequence[str]) -> list[str]:
    """Return what is to be known of the source of a quote: "draft minutes"."""
    return [gettext(_MARKS[mark]) for mark in found]


def vote(for_count: int | None, against_count: int | None, abstain_count: int | None) -> str:
    """Return "17 for, 41 against, 2 abstaining", as far as the minutes give counts; "" where they give none."""
    counts = (
        (for_count, to_translate("%(count)s for")),
        (against_count, to_translate("%(count)s against")),
        (abstain_count, to_translate("%(count)s abstaining")),
    )
    return ", ".join(gettext(words, count=f"{count:,}") for count, words in counts if count is not None)


def meetings(searched: Meetings) -> str:
    """Return how much was searched: "12 meetings, 2019 to 2024; 1 document without a date"."""
    parts = []
    if searched.meetings or not searched.undated:
        counted = ngettext("%(number)s meeting", "%(number)s meetings", searched.meetings)
        parts.append(f"{counted}, {_years(searched)}" if searched.first else counted)
    if searched.undated:
        parts.append(
            ngettext("%(number)s document without a date", "%(number)s documents without a date", searched.undated)
        )
    return "; ".join(parts)


def _years(searched: Meetings) -> str:
    first, last = (searched.first or "")[:4], (searched.last or "")[:4]
    return first if first == last else gettext("%(first)s to %(last)s", first=first, last=last)


def documents(count: int, authorities: int) -> str:
    """Return "26 documents of 8 authorities"."""
    shown = ngettext("%(number)s document", "%(number)s documents", count)
    if not authorities:
        return shown
    whose = ngettext("%(number)s authority", "%(number)s authorities", authorities)
    return gettext("%(documents)s of %(authorities)s", documents=shown, authorities=whose)


def mentions(passages: int, searched: int) -> str:
    """Return how many passages mention a matter, of how many that were searched."""
    return ngettext(
        "%(number)s of %(searched)s passages mentions it",
        "%(number)s of %(searched)s passages mention it",
        passages,
        searched=f"{searched:,}",
    )
