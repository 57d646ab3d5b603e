"""Collections: passages kept with notes under a link, without an account.

Who has the edit key may change a collection. The forms carry it, and no change goes by the cookie alone: the cookie
only says which collection a browser is working on. So a page of another site has nothing to ask a change with.
"""

import re
from collections.abc import Callable

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from corpus import reading_lists
from corpus.errors import CollectionError, NotFoundError, QueryError, ReadOnlyError
from corpus.reading_lists import LONGEST_NOTE, ReadingList
from webapp.addresses import of_passage
from webapp.holdings import holdings
from webapp.language import gettext, spoken, to_translate
from webapp.open_collection import Opened, opened, passage, private
from webapp.pages.errors import error as explained
from webapp.shown.collected import FORMATS, REFERENCES, export, filename

blueprint = Blueprint("collections", __name__)
blueprint.after_request(private)

COOKIE = "collection"
_KEPT_FOR = 180 * 24 * 3600  # seconds
_MOST_SENT = 200_000  # bytes of a form
_LINK = re.compile(r"(?:.*/collection/)?([A-Za-z0-9_-]{16,64})(?:[/?#].*)?", re.DOTALL)
_NEW = "new"
_NO_LINK = to_translate("Paste the whole link of a collection.")
_UNKNOWN_LINK = to_translate("No collection has this link. It was deleted, or the link is not complete.")
_READS_ONLY = to_translate("This link shows the collection and cannot change it: use its edit link.")
_NOTED_ALREADY = to_translate("This passage is in the collection already, with another note. Change the note there.")
DONE = {
    "created": to_translate("The collection was started. Keep its edit link: there is no other way back to it."),
    "added": to_translate("The passage was added."),
    "there": to_translate("The passage was in the collection already."),
    "noted": to_translate("The note was saved."),
    "removed": to_translate("The passage was removed."),
    "renamed": to_translate("The collection was renamed."),
    "chosen": to_translate("Passages that you add on this browser now go into this collection."),
    "deleted": to_translate("The collection was deleted. Its links lead nowhere now."),
    "forgotten": to_translate("This browser has forgotten the collection. Its links still open it."),
}


@blueprint.before_request
def _bound() -> None:
    request.max_content_length = _MOST_SENT


@blueprint.errorhandler(NotFoundError)
def _missing(error: NotFoundError) -> Response:
    if request.endpoint in ("collections.add", "collections.added"):
        return explained(404, str(error))
    return Response(render_template("collection_missing.html", message=spoken(str(error))), 404)


# -- which collection --------------------------------------------------------------------------------


@blueprint.get("/collections")
def page() -> Response:
    """Say what collections are; start one, or open one by its link."""
    return _page({})


@blueprint.post("/collections")
def create() -> Response:
    """Start a collection, and work on it in this browser."""
    try:
        keys = reading_lists.create(holdings().data, request.form.get("title", ""))
    except CollectionError as exc:
        return _page({"title": spoken(str(exc))})
    return _working_on(keys.edit, _to(keys.edit, "created"))


@blueprint.post("/collections/open")
def open_link() -> Response:
    """Open a collection by the link that was pasted; work on it in this browser where the link can change it."""
    link = request.form.get("link", "").strip()
    found = _LINK.fullmatch(link)
    if found is None:
        return _page({"link": gettext(_NO_LINK)})
    try:
        kept = reading_lists.read(holdings().data, found[1])
    except NotFoundError:
        return _page({"link": gettext(_UNKNOWN_LINK)})
    response = _to(found[1])
    return _working_on(found[1], response) if kept.editable else response


@blueprint.post("/collections/forget")
def forget() -> Response:
    """Take the collection that this browser works on out of the browser; the collection stays."""
    return _forgotten(make_response(redirect(url_for("collections.page", done="forgotten"), 303)))


def _page(errors: dict[str, str]) -> Response:
    key, kept = _current()
    shown = render_template("collections.html", current=kept, key=key, errors=errors, typed=request.form, done=_done())
    return Response(shown, 400 if errors else 200)


def _current() -> tuple[str, ReadingList | None]:
    """Return the key and the collection that this browser works on; None where it has none, or it was deleted."""
    key = request.cookies.get(COOKIE, "")
    try:
        kept = reading_lists.read(holdings().data, key) if key else None
    except NotFoundError:
        kept = None
    return (key, kept) if kept and kept.editable else ("", None)


def _working_on(key: str, response: Response) -> Response:
    """Return a response that makes the browser work on a collection from now on."""
    response.set_cookie(COOKIE, key, max_age=_KEPT_FOR, secure=request.is_secure, httponly=True, samesite="Lax")
    return response


def _forgotten(response: Response) -> Response:
    response.delete_cookie(COOKIE, secure=request.is_secure, httponly=True, samesite="Lax")
    return response


def _to(key: str, done: str | None = None, entry: str | None = None) -> Response:
    """Return the way to a collection after a change, which the page then tells of; ``entry``: to that passage."""
    anchor = f"entry-{entry}" if entry else None
    address = url_for("collections.one", key=key, done=done, entry=entry, _anchor=anchor)
    return make_response(redirect(address, 303))


def _done() -> str | None:
    """Return what the page has to tell of a change that was just made."""
    told = DONE.get(request.args.get("done", ""))
    return gettext(told) if told else None


# -- adding ------------------------------------------------------------------------------------------


@blueprint.get("/collections/add")
def add() -> Response:
    """Show a passage, and ask which collection to add it to and with what note."""
    return _adding({})


@blueprint.post("/collections/add")
def added() -> Response:
    """Add a passage to the collection whose edit key the form carries, or to a new one."""
    quoted, key = passage(request.args.get("passage", "")), request.form.get("collection", _NEW)
    errors: dict[str, str] = {}
    note = _checked("note", reading_lists.checked_note, errors)
    title = _checked("title", reading_lists.checked_title, errors) if key == _NEW else ""
    if errors:
        return _adding(errors)
    data = holdings().data
    try:
        if key == _NEW:
            key = reading_lists.create(data, title).edit
        new = reading_lists.add(data, key, quoted, note)
        if not new and not _keeps(key, quoted.passage_id, note):
            return _adding({"note": gettext(_NOTED_ALREADY)})
    except CollectionError as exc:
        return _adding({"collection": spoken(str(exc))})
    return _working_on(key, _to(key, "added" if new else "there", quoted.passage_id))


def _checked(name: str, check: Callable[[str], str], errors: dict[str, str]) -> str:
    """Return a field of the form as it is kept; note what is wrong with it."""
    try:
        return check(request.form.get(name, ""))
    except CollectionError as exc:
        errors[name] = spoken(str(exc))
        return ""


def _keeps(key: str, passage_id: str, note: str) -> bool:
    """Tell whether the note typed for a passage that is there already is kept: where it has none, it gets it."""
    data = holdings().data
    held = next(entry for entry in reading_lists.read(data, key).entries if entry.passage.passage_id == passage_id)
    if note and not held.note:
        reading_lists.set_note(data, key, passage_id, note)
    return note in ("", held.note) or not held.note


def _adding(errors: dict[str, str]) -> Response:
    quoted = passage(request.args.get("passage", ""))
    key, kept = _current()
    there = kept is not None and any(entry.passage.passage_id == quoted.passage_id for entry in kept.entries)
    shown = render_template(
        "collection_add.html",
        passage=quoted,
        key=key,
        current=kept,
        there=there,
        errors=errors,
        typed=request.form,
        longest_note=LONGEST_NOTE,
    )
    return Response(shown, 400 if errors else 200)


# -- one collection ----------------------------------------------------------------------------------


@blueprint.get("/collection/<key>")
def one(key: str) -> Response:
    """Show a collection: to change under its edit key, to read under its share key."""
    return _shown(key, opened(key))


@blueprint.post("/collection/<key>")
def change(key: str) -> Response:
    """Change the title, an entry's note or place, or remove an entry."""
    data, form = holdings().data, request.form
    wanted, entry = form.get("change", ""), form.get("entry", "")
    try:
        match wanted:
            case "note":
                reading_lists.set_note(data, key, entry, form.get("note", ""))
                return _to(key, "noted", entry)
            case "up" | "down":
                reading_lists.move(data, key, entry, -1 if wanted == "up" else 1)
                return _to(key, None, entry)
            case "remove":
                reading_lists.remove(data, key, entry)
                return _to(key, "removed")
            case "rename":
                reading_lists.rename(data, key, form.get("title", ""))
                return _to(key, "renamed")
            case "use":
                if not reading_lists.read(data, key).editable:
                    raise ReadOnlyError(gettext(_READS_ONLY))
                return _working_on(key, _to(key, "chosen"))
    except CollectionError as exc:
        if isinstance(exc, ReadOnlyError):
            raise
        return _shown(key, opened(key), {"title" if wanted == "rename" else f"note-{entry}": spoken(str(exc))})
    raise QueryError("A collection has no such change: use the buttons of its page.")


@blueprint.get("/collection/<key>/delete")
def confirm(key: str) -> Response:
    """Ask whether a collection is to be deleted."""
    kept = reading_lists.read(holdings().data, key)
    if not kept.editable:
        raise ReadOnlyError(gettext(_READS_ONLY))
    return Response(render_template("collection_delete.html", kept=kept, key=key))


@blueprint.post("/collection/<key>/delete")
def delete(key: str) -> Response:
    """Delete a collection with its notes."""
    reading_lists.delete(holdings().data, key)
    response = make_response(redirect(url_for("collections.page", done="deleted"), 303))
    return _forgotten(response) if request.cookies.get(COOKIE) == key else response


@blueprint.get("/collection/<key>/export")
def export_as(key: str) -> Response:
    """Give a collection as a file."""
    wanted = request.args.get("format", "")
    found = opened(key)
    body, mimetype = export(wanted, found.kept.title, [cited for _, cited in found.entries])
    response = Response(body, mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=filename(found.kept.title, wanted))
    return response


def _shown(key: str, found: Opened, errors: dict[str, str] | None = None) -> Response:
    shown = render_template(
        "collection.html",
        key=key,
        address_of=of_passage,
        kept=found.kept,
        entries=found.entries,
        unverified=len(found.entries) - found.verified,
        in_use=request.cookies.get(COOKIE) == key,
        errors=errors or {},
        typed=request.form,
        done=_done(),
        told=request.args.get("entry", ""),
        formats=FORMATS,
        references=REFERENCES,
        longest_note=LONGEST_NOTE,
    )
    return Response(shown, 400 if errors else 200)
