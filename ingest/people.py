"""People as minutes name them: "Mr R C Love, OBE", "Cllr. D. Jones", "KC", "Councillor Leddin (B)"."""

import re

_TITLE = r"(?:Cllrs?|Councillors?|Clr|Mr|Mrs|Ms|Miss|Mx|Dr|Sir|Dame|Lord|Lady|Rev|Revd|Prof|Ald|Alderman|Baroness)\.?"
_PART = r"(?:[A-Z]\.|[A-Z][\w’'-]*)"
_INITIALS = r"[A-Z]{2,3}[a-z]?"
NAME = (
    rf"(?:(?:The\s+)?(?:Vice-)?Chair(?:man|person)?\b|{_INITIALS}\b(?!\.?[ \t]+[A-Z][a-z])"
    rf"|(?:{_TITLE}\s+){{0,4}}{_PART}(?:(?<=\.){_PART}|[ \t\n]+{_PART}){{0,3}}(?:\s+\([A-Z]{{1,3}}\))?)"
)
_HONOURS = frozenset("OBE MBE CBE BEM JP QC KC DL KBE GBE TD QPM FRS PhD MP MSP MS AM DBE CVO LVO MVO RD VR".split())
HONOUR = rf"(?:{'|'.join(sorted(_HONOURS))})"
_TITLES_ONLY = re.compile(rf"(?:{_TITLE}\s*)+")
_ROLE = re.compile(r"\s*\(([^()]*)\)\s*$")


def honour(word: str) -> bool:
    """Tell whether a word is an honour ("OBE"), which follows a comma without being a person."""
    return word in _HONOURS


def names_in(text: str) -> list[str]:
    """Return the names of a list such as "Mr Hill, OBE, Mr Love and Ms Wright", honours left out.

    A title that stands before several names ("Councillors Benson, Butler and Daly") is given to the first.
    """
    found = []
    for part in re.split(r",|;|\n\s*\n|\band\b|\bac\b", text):
        name = " ".join(part.split()).strip(" .:•")
        if name and not honour(name) and not _TITLES_ONLY.fullmatch(name) and re.search(r"[A-Z]", name):
            found.append(name)
    return found


def last_named(text: str) -> str | None:
    """Return the person with a title who is named last in a text."""
    found = list(re.finditer(rf"(?:{_TITLE}\s+){{1,4}}{_PART}(?:[ \t\n]+{_PART}){{0,3}}", text))
    return " ".join(found[-1].group().split()) if found else None


def split_role(entry: str) -> tuple[str, str | None]:
    """Return the name and the role of "Mr J Cook (Democratic Services Manager)"."""
    match = _ROLE.search(entry)
    return (entry[: match.start()].strip(), match.group(1).strip() or None) if match else (entry.strip(), None)
