"""Records of what happened, as they are kept: a type, offsets, how it was found, and the rest as JSON."""

import json
from dataclasses import asdict
from typing import Any

from corpus.model import Action, Attendee, Decision, Interest, Motion, Record, RecordType, Vote

_CLASSES: dict[str, Any] = {
    "attendee": Attendee,
    "motion": Motion,
    "amendment": Motion,
    "decision": Decision,
    "interest": Interest,
    "action": Action,
}


def type_of(record: Record) -> RecordType:
    """Return the type under which a record is kept and found."""
    match record:
        case Motion():
            return record.type
        case Attendee():
            return "attendee"
        case Decision():
            return "decision"
        case Interest():
            return "interest"
        case Action():
            return "action"


def to_fields(record: Record) -> str:
    """Return what is kept of a record besides its type, offsets and how it was found, as JSON."""
    fields = asdict(record)
    for name in ("start", "end", "how"):
        del fields[name]
    return json.dumps(fields, ensure_ascii=False)


def from_row(kind: str, start: int, end: int, how: str, fields: str) -> Record:
    """Return the record that was kept under a type."""
    values = json.loads(fields)
    if values.get("vote"):
        vote: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in values["vote"].items()}
        values["vote"] = Vote(**vote)
    record: Record = _CLASSES[kind](**values, start=start, end=end, how=how)
    return record
