"""The settings: names that do not exist, values that make no sense, and whether the language model is there."""

import difflib
import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask

from corpus.errors import LanguageModelError, MinutebookError, SettingError
from corpus.settings import SETTINGS, setting
from index import engine
from index.encoder import SHIPPED, Encoder
from index.understanding import expansion
from webapp.answering import language_model
from webapp.doctor.finding import Finding
from webapp.limits import set_limits
from webapp.logs import log_requests
from webapp.metrics import measure

_PREFIX = "MINUTEBOOK_"
SECONDS = 3.0  # that the language model's server has to answer the door


def configured() -> list[Finding]:
    """Look at the settings of this process."""
    malformed = _malformed()
    return [
        *_unknown(),
        *malformed,
        *_files(),
        *_model(),
        *_engine(),
        _language_model(),
        *([] if malformed[0].level == "problem" else [_proxies()]),
    ]


def _unknown() -> list[Finding]:
    names = [entry.name.removeprefix(_PREFIX) for entry in SETTINGS]
    found = []
    set_here = sorted(name.removeprefix(_PREFIX) for name in os.environ if name.startswith(_PREFIX))
    for name in (name for name in set_here if name not in names):
        near = difflib.get_close_matches(name, names, 1)
        advice = f"Did you mean {_PREFIX}{near[0]}?" if near else "The README lists the settings."
        found.append(Finding("warning", "settings", f"There is no setting {_PREFIX}{name}: it is not read.", advice))
    return found


def _malformed() -> list[Finding]:
    found = []
    for checks in (set_limits, measure, log_requests):
        try:
            checks(Flask("doctor"))
        except SettingError as exc:
            found.append(Finding("problem", "settings", str(exc), "The site does not start until it is put right."))
    chosen = [entry.name for entry in SETTINGS if os.environ.get(entry.name)]
    return found or [Finding("ok", "settings", f"Set: {', '.join(chosen) or 'none; all are the defaults'}.")]


def _files() -> list[Finding]:
    """Look at the files that settings name."""
    found = []
    if own := setting("MINUTEBOOK_THESAURUS"):
        try:
            expansion.load(Path(own))
        except MinutebookError as exc:
            found.append(Finding("problem", "thesaurus", str(exc), "Mend the file, or unset MINUTEBOOK_THESAURUS."))
    for name in ("MINUTEBOOK_MODEL", "MINUTEBOOK_RERANKER"):
        value = setting(name)
        if value.startswith(("/", "./", "~")) and not Path(value).expanduser().is_dir():
            seen = f"{name} is {value[:80]!r}, and there is no such folder."
            found.append(Finding("problem", "model", seen, "Name a folder that holds a model, or a model hub name."))
    return found


def _model() -> list[Finding]:
    """Load the model that turns texts into vectors, where it is one that lies here."""
    name = setting("MINUTEBOOK_MODEL")
    if name not in SHIPPED:
        return []
    try:
        Encoder(name).encode_queries(["minutes"])
    except MinutebookError as exc:
        return [Finding("problem", "model", str(exc), "Until then nothing can be searched or ingested.")]
    return [Finding("ok", "model", f"{name} is there and works.")]


def _engine() -> list[Finding]:
    """Ask the engine whether it is there, where one is set."""
    where = setting("MINUTEBOOK_ENGINE")
    if not where:
        return []
    try:
        server = engine.server(where)
        server.collections("")
    except MinutebookError as exc:
        return [Finding("problem", "engine", str(exc), "Until then nothing can be searched or ingested.")]
    return [Finding("ok", "engine", f"{server.shown} answers.")]


def _language_model() -> Finding:
    name = "language model"
    try:
        place = language_model()
    except LanguageModelError as exc:
        return Finding("problem", name, str(exc), "Until then answers are made of the minutes' own words.")
    if place is None:
        return Finding("ok", name, "None is set: answers are made of the minutes' own words.")
    address = urlsplit(place.url)
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        socket.create_connection((address.hostname or "", port), timeout=SECONDS).close()
    except (OSError, UnicodeError) as exc:
        seen = f"{address.hostname}:{port} is not reached ({exc})."
        advice = "Start its server, or see MINUTEBOOK_LLM_URL; until then answers are made of the minutes' own words."
        return Finding("problem", name, seen, advice)
    return Finding("ok", name, f"{address.hostname}:{port} is reached; key and model are tried by the first question.")


def _proxies() -> Finding:
    number = setting("MINUTEBOOK_PROXIES")
    if number == "0":
        seen = "No proxy is trusted: every client is told apart by the address that it connects from."
        advice = "Whether one stands before the site cannot be seen from here. If so, set MINUTEBOOK_PROXIES=1."
        return Finding("ok", "proxies", seen, advice)
    seen = f"What {number[:9]} proxies say of a client's address is believed."
    advice = "Whether so many stand before the site cannot be seen from here: too high a number can be forged."
    return Finding("ok", "proxies", seen, advice)
