"""What the text says of the meeting and of the record itself: time, venue, status, language."""

import re
from collections import Counter

from corpus.model import UNKNOWN, Found
from ingest.identity import HEAD
from ingest.reading import Reading

_HALF = r"(?P<half>[ap]\.?[ \t]?m\b\.?|noon|hours|hrs|y\.?[bhp]\.?)"
_TIME = re.compile(
    rf"\b(?P<hour>[01]?\d|2[0-3])(?:[.:](?P<minute>[0-5]\d))?[ \t]*{_HALF}"
    r"|\b(?P<hour24>[01]?\d|2[0-3])[.:](?P<minute24>[0-5]\d)\b(?![.:/\d])(?=[^\n]{0,40}(?:\n|$))",
    re.IGNORECASE,
)
_PLACE = r"(?:(?!\.\s|\n\s*\n|\bon\b|\bat\b|\bcommencing\b|\bfrom\b)[^\n]|\n(?!\s*\n))"
_PLACE_ENDS = (
    r"(?=\bon\b|\bat[ \t\n]+\d|\bcommencing\b|\bfrom[ \t]+\d|\.\s|\n\s*\n"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)"
)
_VENUE = (
    re.compile(r"^[ \t]*(?:Venue|Lleoliad|Location|Place)[ \t]*:[ \t]*(?P<venue>[^\n]{3,120})", re.M | re.I),
    re.compile(
        r"\bheld[ \t\n]++(?:virtually[ \t\n]++)?(?:in|at)[ \t\n]++"
        rf"(?P<venue>{_PLACE}{{3,160}}?)(?<![ \t\n,])[ \t\n,]*{_PLACE_ENDS}",
        re.IGNORECASE,
    ),
)
_DRAFT = re.compile(
    r"\bDRAFT\b(?!\s+MINUTES\s+(?:OF\s+THE|AS))|^\W*[Dd]raft\s+[Mm]inutes\b|\bDRAFFT\b"
    r"|\bsubject to (?:the )?(?:approval|confirmation)\b|\b[Dd]raft \(until approved",
    re.MULTILINE,
)
_CANCELLED = re.compile(
    r"\b(?:this|the)\s+meeting\s+(?:has\s+been|was|is)\s+cancelled\b|\bCANCELLED\b|\bmeeting cancelled\b", re.I
)
_APPROVED = re.compile(r"\bapproved minutes\b|\bAPPROVED\s+MINUTES\b|\bconfirmed minutes\b", re.IGNORECASE)
_WELSH = frozenset(
    "y yr a ac ar yn o i ei eu wedi gan bod oedd mae i'r o'r a'r am sydd gyda neu fod cyngor pwyllgor".split()
)
_ENGLISH = frozenset("the of and to in that was for be on by with is as it were had a council committee".split())


def time_of(reading: Reading) -> Found:
    """Find when the meeting began, as HH:MM."""
    for text, where in (
        (reading.title or "", "the title of the document"),
        (reading.text[:HEAD], "the head of the text"),
    ):
        for match in _TIME.finditer(text):
            value = _clock(match)
            if value:
                return Found(value, where)
    return UNKNOWN


def _clock(match: re.Match[str]) -> str | None:
    if match["hour24"]:
        return f"{int(match['hour24']):02}:{match['minute24']}"
    hour, half = int(match["hour"]), match["half"].lower().replace(".", "").replace(" ", "")
    if half in {"hours", "hrs"}:
        return f"{hour:02}:{match['minute']}" if match["minute"] else None
    if hour > 12:
        return f"{hour:02}:{match['minute'] or '00'}" if match["minute"] else None
    afternoon = half in {"pm", "yh", "yp", "noon"}
    return f"{hour % 12 + (12 if afternoon else 0):02}:{match['minute'] or '00'}"


def venue_of(reading: Reading) -> Found:
    """Find where the meeting was held."""
    for pattern in _VENUE:
        if match := pattern.search(reading.text[:HEAD]):
            venue = " ".join(match["venue"].split()).strip(" ,.;:")
            venue = re.sub(r"\.?\s*View directions$", "", venue)
            if venue:
                return Found(venue, "the head of the text")
    return UNKNOWN


def status_of(reading: Reading) -> Found:
    """Find whether the record is of a cancelled meeting, a draft, or approved; unknown where it does not say."""
    head = f"{reading.title or ''}\n{reading.text[:500]}"
    if _CANCELLED.search(head):
        return Found("cancelled", "the head of the text")
    if _DRAFT.search(head):
        return Found("draft", "the head of the text")
    if _APPROVED.search(head):
        return Found("approved", "the head of the text")
    return UNKNOWN


def language_of(text: str) -> Found:
    """Tell Welsh ("cy"), English ("en") and bilingual ("cy en") text by its small words."""
    words = Counter(re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text[:60_000].lower().replace("’", "'")))
    welsh = sum(words[word] for word in _WELSH - {"a", "i", "o", "am"})
    english = sum(words[word] for word in _ENGLISH - {"a"})
    if welsh + english < 5:
        return UNKNOWN
    share = welsh / (welsh + english)
    value = "cy" if share > 0.8 else "en" if share < 0.2 else "cy en"
    return Found(value, f"its small words: {welsh} Welsh, {english} English")
