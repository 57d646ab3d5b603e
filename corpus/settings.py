"""The settings of Minutebook, in one table: every one is an environment variable.

Only the command line and the app factory read settings; library functions take arguments.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its name, the value used without it, and what it is for."""

    name: str
    default: str
    help: str


SETTINGS = (
    Setting(
        "MINUTEBOOK_DATA",
        "",
        "Data directory. Without it, the platform's place for application data is used.",
    ),
    Setting(
        "MINUTEBOOK_MODEL",
        "minutebook-minilm-1",
        "Encoder: minutebook-minilm-1 or all-MiniLM-L6-v2, which are shipped, a model hub name, or a model's folder.",
    ),
    Setting(
        "MINUTEBOOK_RERANKER",
        "",
        "Cross-encoder that reads the best 30 passages again: a model hub name, or a folder holding a model.",
    ),
    Setting(
        "MINUTEBOOK_ENGINE",
        "",
        "Where the vectors are: milvus://host:port, milvus+tls://user:password@host:port, or milvus+lite:///path/file.db"
        " for a trial. Without it, in the data directory.",
    ),
    Setting(
        "MINUTEBOOK_THESAURUS",
        "",
        "CSV file of your own terms, in the form of the thesaurus that comes with it, that adds to it or overrules it.",
    ),
    Setting(
        "MINUTEBOOK_LLM_URL",
        "",
        "Address of an OpenAI-compatible language model, such as http://127.0.0.1:11434/v1. Without it, none is asked.",
    ),
    Setting("MINUTEBOOK_LLM_MODEL", "", "Name of the language model, as its server knows it."),
    Setting("MINUTEBOOK_LLM_KEY", "", "Key of the language model, where it needs one; it is never shown or logged."),
    Setting("MINUTEBOOK_LLM_TIMEOUT", "60", "Seconds that the language model has for a whole answer."),
    Setting(
        "MINUTEBOOK_CONTACT",
        "",
        "Whom people write to about this site, an e-mail or web address: shown on its pages. Without it, they say so.",
    ),
    Setting(
        "MINUTEBOOK_RATE_LIMIT",
        "120 per minute",
        "What one client may ask the site for, such as 20 per second or 120 per minute; off lifts the limit.",
    ),
    Setting(
        "MINUTEBOOK_RATE_LIMIT_DEAR",
        "30 per minute",
        "The same for what costs more: answers, comparisons, precedents and exports.",
    ),
    Setting(
        "MINUTEBOOK_PROXIES",
        "0",
        "How many proxies of yours stand before the site; what they say of the client's address is believed.",
    ),
    Setting(
        "MINUTEBOOK_METRICS",
        "local",
        "Who may read /metrics: local (this machine, not through a proxy), all, or off.",
    ),
    Setting("MINUTEBOOK_LOG_LEVEL", "info", "What 'minutebook serve' logs: debug, info, warning or error."),
)


def setting(name: str) -> str:
    """Return the value of a setting of the table, from the environment or its default."""
    default = next(entry.default for entry in SETTINGS if entry.name == name)
    return os.environ.get(name) or default


def data_directory(chosen: str | Path | None = None) -> Path:
    """Return the data directory: the one chosen, else MINUTEBOOK_DATA, else the platform's place."""
    where = str(chosen) if chosen else setting("MINUTEBOOK_DATA")
    if where:
        return Path(where).expanduser().absolute()
    return Path(platformdirs.user_data_dir("minutebook", appauthor=False))
