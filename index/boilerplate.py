"""Boilerplate: what stands in the minutes of every meeting and says nothing of its business.

Attendance and apologies, the approval of the last minutes, declarations of interest where there were none, notices
of evacuation, recording and the exclusion of the public, the date of the next meeting, the close, signatures, clerks'
addresses, and page furniture. They resemble every question a little and would crowd out its answers, so they are
marked; nothing is left out, and a question that is about such matter (``asks_for``) is answered from it.

What counts is the share of a passage's words that are such matter, sentence by sentence. An interest that somebody
did declare, minutes that were amended, a meeting held remotely, and whatever has a sum of money in it, are business.
"""

import re

MARKED = 0.8  # share of its words from which on a passage is boilerplate

_ABBREVIATION = re.compile(r"\b(Cllrs?|Mrs?|Ms|Dr|Rev|Prof|St|No|nos|[A-Z])\.(?=\s*[A-Z0-9])")
_TIME = re.compile(r"(?<=\d)\.(?=\d)|\b([ap])\.\s?m\b\.?", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\s*[•∑●]\s*|_{3,}|[.…]{4,}")
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"^\W*(?:\w{0,6}\d[\w./-]*|[a-z]|[ivx]{1,4})?[.):]*\s+", re.IGNORECASE)
_BUSINESS = re.compile(
    r"[£€]\s?\d|\b\d+(?:\.\d+)?%|\bwill (?:ask|move)\b|\bmotion submitted\b|"
    r"\b(?:virtual(?:ly)?|remote(?:ly)?|online|zoom|video.?conferenc\w+|webex|lockdown|covid|coronavirus)\b",
    re.IGNORECASE,
)
_LIST = "attendancelist"  # stands where a list of names was
_BESIDE = 10  # words of a sentence beside such a list: "The Clerk reported apologies from"
_FURNITURE = re.compile(
    r"\bthis page is intentionally (?:left )?blank\b\W*|\bpage \d+ of \d+\b\W*|^original file\b\W*|"
    r"^see original file for clarity\b|(?:\(image omitted\)\s*)+|"
    r"\bscanned page, text may contain errors\b\W*(?:see original file for clarity\b)?\W*",
    re.IGNORECASE,
)
_HINT = re.compile(  # every sentence pattern needs one of these
    r"apolog|minutes|interest|dispensation|meeting|meetings|sign|date|chair|mayor|cathaoirleach|clerk|business|evacuat|fire|"
    r"assembly|mobile|proceeding|public|press|12A|100A|ask for|tel|fax|mail|web|welcomed|none|nil|n/?a\b|no |declar",
    re.IGNORECASE,
)
_LONGEST = 60  # words of a sentence of this kind; more are a table, or a page without stops

_TITLE = 14  # words of a heading; more are a document's title with its first line

_ROLES = (
    "and|or|the|of|for|from|to|by|in|on|at|with|also|as|acting|part|until|absence|apolog(?:y|ies)|received|were|was|"
    "accepted|noted|sent|given|had|been|have|there|none|no|nil|present|absent|attendance|attending|those|councillors?|"
    "cllrs?|members?|officers?|officials?|chair(?:man|person|woman)?|vice|deputy|mayor|clerk|minutes?|residents?|public|"
    "parishioners?|parish|borough|district|county|community|ward|virtually|online|via|zoom|due|prior|commitments?|illness|"
    "work|away|holiday|late|resident|substitut\\w+|press|elector\\w*"
)
_NAMES = rf"(?:(?:{_ROLES}|[A-ZÀ-Þ][\w'’´-]*|\d{{1,3}}|mac\w+|de|van|ui|uí)\b[\s,;:.(){{}}&/+*–-]*+)++"
_ATTENDANCE = re.compile(
    r"\b(?:(?i:members |councillors |officers |officials |also |those )*+"
    r"(?i:present(?: in the chair)?|in attendance|attending|attendance|attended by|apologies|absent|substitutes?)"
    rf"\b(?i:[\s\w]{{0,40}}:)?)[\s:;–-]*+(?-i:{_NAMES})"
)
_NO_APPROVAL = (
    r"(?!.*\b(?:amend|correction|subject to|except|arising|altered|should read|not (?:be )?(?:agreed|signed)))"
)
_NEXT = r"(?:next|following|future)\s+(?:\w+\s+){0,4}?meetings?"
_SENTENCES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"^(?:to (?:receive|accept|consider|note|approve)\b.{0,30})?apologies\b",
        r"\bapologies\b.*\b(?:absence|received|accepted|noted|from|given|sent|none)\b|\bno apologies\b",
        rf"^{_NO_APPROVAL}.*\bminutes\b.*\b(?:approv|agreed|adopt|confirm|accept|sign|taken as read|correct|true)",
        rf"^{_NO_APPROVAL}.*\b(?:approv|adopt|confirm|sign|agree)\w*\b.{{0,60}}\bminutes\b.{{0,20}}\b"
        r"(?:meeting|previous|last)\b",
        r"^(?:circulated,? )?cop(?:y|ies) of (?:the )?(?:draft )?minutes\b",
        r"\b(?:no|none|nil|not any)\b.{0,80}\b(?:interests?|dispensations?)\b|\binterests?\b.{0,60}\b(?:none|nil)\b",
        r"\binterests?\b.{0,40}\bno\b.{0,40}\bdeclar|\bno such interests\b|\bno declarations?\b",
        r"\b(?:invit|remind|ask|request)\w*\b.{0,80}\b(?:declar|disclos|notify)\w*\b.{0,80}\binterests?\b",
        r"^(?:to receive |receipt of |members['’]? )*declarations? of (?:\w+ ){0,4}interests?\b.{0,60}$",
        rf"^.{{0,40}}\b(?:date|time|venue|dates)\b.{{0,25}}\b{_NEXT}",
        rf"\b{_NEXT}\b.{{0,60}}\b(?:will|is|to|would|was|on|be|at)\b.{{0,60}}(?:\d|\bto be (?:arranged|confirmed))",
        r"^(?:this )?(?:concluded|closed|ended) the meeting|\bthis (?:concluded|concludes) the (?:meeting|business)",
        r"\bmeeting\b.{0,40}\b(?:was |then )*(?:closed|concluded|ended|finished|terminated)\b.{0,40}$",
        r"\b(?:there being |there was )?no (?:further|other) business\b",
        r"\bclosed the meeting\b|\bmeeting (?:opened|commenced|started|began) at\b|\bopened the meeting\b",
        r"^(?:signed|dated?|(?:parish |town |vice.)?(?:clerk|chair(?:man|person)?)|mayor|cathaoirleach)\b.{0,60}$",
        r"\bevacuation (?:procedure|route|arrangement)|\bfire (?:alarm|exit|drill|evacuation|procedure|safety notice)|"
        r"\bassembly point\b|\bmobile (?:phones?|telephones?|devices?)\b.{0,40}\b(?:off|silent)",
        r"\b(?:meeting|proceedings?)\b.{0,60}\b(?:webcast|live.?stream|filmed|broadcast|being recorded)",
        r"\bexclu\w+\b.{0,60}\b(?:press|public)\b|\b(?:press|public)\b.{0,60}\bexclu|\bschedule 12A\b|\bsection 100A\b",
        r"^(?-i:(?:[A-Z(][\w'’()-]*\s+)*?)(?:draft |unconfirmed )*minutes of (?:the |a )?"
        r".*\b(?:meeting|proceedings|council|committee)\b(?!.*\b(?:report|arising|ask|agreed to)\w*)",
        r"^\W*agenda\b.*\bask for\b|^(?:telephone|tel|fax|mobile|e-?mail|web(?:site)?)\b.{0,60}$",
        r"\b(?:clerk|tel|telephone|email|e-mail)\b.*\b[A-Z]{1,2}\d[\dA-Z]?\s?\d[A-Z]{2}\b|"
        r"\b[A-Z]{1,2}\d[\dA-Z]?\s?\d[A-Z]{2}\b.*\b(?:clerk|tel|telephone|email|e-mail)\b",
        r"\bwelcomed (?:everyone|everybody|all|members|those|councillors)\b.{0,50}$",
        r"^(?:none|nil|n/?a|no issues?|nothing to report|no report|no comments?|no matters(?: arising)?|"
        r"there (?:were|was) no (?:questions|matters)\b.{0,60}|"
        r"no (?:\w+ )?(?:questions|topics|matters|issues)\b.{0,60})\W*$",
    )
)
_HEADING = re.compile(
    r"\bapologies\b|\battendance\b|\bmembers present\b|\bsubstitut|\bdate of (?:\w+ ){0,2}meetings?\b|\bnext meeting\b|"
    r"\b(?:approv|adopt|confirm|sign|agree|correct)\w*\b.*\bminutes\b|\bminutes of (?:the )?(?:last|previous)\b|"
    r"^minutes$|\bexclusion of (?:the )?(?:press|public)|\b(?:close|closure) of (?:the )?meeting|\bwebcast|"
    r"\bevacuation|\bfire (?:alarm|safety)|\bwelcome\b.{0,25}$|^interests?\b|\bdeclarations? of\b.*\binterests?\b",
    re.IGNORECASE,
)
_NAMED = re.compile("apolog|attend|present|welcome|substitut", re.IGNORECASE)
_FORMAL = re.compile(
    r"^\W*(?:(?:proposed|seconded|moved|prop|2nd|all in favour|and resolved)\b.{0,60}|(?:agreed|noted|resolved)\W*|"
    r"[\w ,:]{0,40}\b(?:19|20)\d\d\b[\w ,:]{0,30}"
    r"|.{0,60}\bmeeting\b.{0,80}\bheld on\b.{0,60}|.{0,40}\bas circulated\b.{0,60})$",
    re.IGNORECASE,
)
_ASKED = re.compile(
    "|".join(
        (
            r"\bapolog|\babsen(?:t|ce|tees?)\b|\battend(?:ed|ees?|ing)?\b|(?<!school )\battendance\b",
            r"\b(?:was|were|who|members?|councillors?|officers?)\b.{0,30}\bpresent\b|\bpresent at\b",
            r"\bquorum|\binquorate\b",
            r"\bdeclar\w*.{0,40}\binterest|\binterests?\b.{0,30}\bdeclar",
            r"\bsubstitut|\bconflicts? of interest|\bregister of interests|\bpecuniary\b|\bdispensation",
            r"\bnext (?:\w+ ){0,3}meeting|\bdates? of\b.*\bmeeting|\b(?:when|where)\b.*\bmeet(?:s|ings?)?\b",
            r"\bmeeting (?:dates?|times?|place|venue|close|end|start)|\b(?:close|end|start)\w*\b.{0,20}\bmeeting\b",
            r"\bclerk\w*\b.{0,40}\b(?:address|phone|telephone|e-?mail|contact|name)|\bcontact details\b",
            r"\b(?:address|phone|telephone|e-?mail|contact)\b.{0,40}\bclerk",
            r"\bwho (?:is|was) (?:the )?(?:\w+ ){0,3}?(?:clerk|chair|chairman|mayor)",
            r"\bwho (?:chaired|took the chair|presided)|\bevacuat|\bfire (?:alarm|drill|exit|procedure)",
            r"\bassembly point",
            r"\bwebcast|\blive.?stream|\brecord(?:ed|ing)\b.{0,30}\bmeeting|\bmeeting\b.{0,30}\brecord(?:ed|ing)",
            r"\bfilm(?:ed|ing)\b",
            r"\b(?:press|public)\b.{0,16}\bexcluded|\bexclu\w* (?:of )?(?:the )?(?:press|public)\b|\bpress and public",
            r"\b12A\b|\b100A\b|\bexempt (?:item|information|business)|\bcorrect record|\b(?:previous|last) minutes\b",
            r"\bminutes\b.{0,60}\b(?:approv|sign|confirm|adopt|agree|correct|accurate)",
            r"\bminutes of the (?:last|previous)",
            r"\b(?:approv|sign|confirm|adopt|agree)\w*\b.{0,40}\bminutes\b",
        )
    ),
    re.IGNORECASE,
)


def boilerplate(text: str, heading: str | None = None) -> bool:
    """Tell whether a passage is boilerplate: whether it has no substance beside it.

    Args:
        heading: the title of its agenda item, if there is one; it tells what a bare list of names is.
    """
    return share(text, heading) >= MARKED


def share(text: str, heading: str | None = None) -> float:
    """Return the share, from 0 to 1, of a passage's words that are boilerplate; its heading is not counted."""
    flat = _flat(text)
    led = bool(heading and _count(heading) <= _TITLE and _HEADING.search(heading))
    body = _without_heading(flat, heading)
    total = _count(body)
    bare = _FURNITURE.sub(" ", body)
    found = total - _count(bare)
    if found == total:
        return 1.0 if total or led else 0.0
    if led and _NAMED.search(heading or ""):
        bare, total = f"Present: {bare}", total + 1
    rest, listed = _without_attendance(bare)
    found += listed
    for sentence in _SENTENCE.split(rest):
        words = _count(sentence)
        if words and words <= _LONGEST and _is_boilerplate(sentence.strip(), led):
            found += words - sentence.count(_LIST)
    return found / total


def asks_for(query: str) -> bool:
    """Tell whether a question is about matter that ``boilerplate`` marks, so that it must not stand back."""
    return _ASKED.search(query) is not None


def _flat(text: str) -> str:
    flat = " ".join(text.replace("&nbsp;", " ").split())
    return _TIME.sub(lambda match: f"{match[1]}m" if match[1] else ":", _ABBREVIATION.sub(r"\1", flat))


def _without_heading(flat: str, heading: str | None) -> str:
    """Return a passage without its number and the title of its item, which say nothing more than the item does."""
    body = _NUMBER.sub("", flat, count=1)
    title = _NUMBER.sub("", _flat(heading or ""), count=1)
    return body[len(title) :].lstrip(" :.-–") if title and body.lower().startswith(title.lower()) else flat


def _without_attendance(flat: str) -> tuple[str, int]:
    """Return the text without lists of who was there and who was not, and how many words those are."""
    rest, found, position = [], 0, 0
    for match in _ATTENDANCE.finditer(flat):
        rest += [flat[position : match.start()], _LIST]
        found += _count(match.group())
        position = match.end()
    return " ".join([*rest, flat[position:]]), found


def _is_boilerplate(sentence: str, led: bool) -> bool:
    if _BUSINESS.search(sentence):
        return False
    if _LIST in sentence and _count(sentence) <= _BESIDE:
        return True
    if not _HINT.search(sentence):
        return led and _FORMAL.search(sentence) is not None
    plain = _NUMBER.sub("", f"{sentence} ", count=1).strip()
    if led and _FORMAL.search(plain):
        return True
    return any(pattern.search(plain) for pattern in _SENTENCES)


def _count(text: str) -> int:
    return sum(1 for _ in _WORD.finditer(text))
