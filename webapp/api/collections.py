"""Collections over HTTP: read one, start one, add a passage. The key in the address is what allows it."""

from flask import Blueprint, Response, url_for

from corpus import reading_lists
from webapp.api.json_answer import json_answer
from webapp.api.json_body import json_body, text_from
from webapp.holdings import holdings
from webapp.open_collection import opened, passage, private
from webapp.shown.collected import collection_json

blueprint = Blueprint("api_collections", __name__)
blueprint.after_request(private)


@blueprint.get("/api/v1/collections/<key>")
def one(key: str) -> Response:
    """Answer with a collection, each quote verified against the stored source."""
    found = opened(key)
    return json_answer(collection_json(found.kept, found.entries))


@blueprint.post("/api/v1/collections")
def create() -> Response:
    """Start a collection; answer with its keys and its pages."""
    body = json_body(("title",))
    keys = reading_lists.create(holdings().data, text_from(body, "title"))
    pages = {
        name: url_for("collections.one", key=key, _external=True)
        for name, key in (("edit_url", keys.edit), ("share_url", keys.share))
    }
    return json_answer({"edit_key": keys.edit, "share_key": keys.share, **pages}, 201)


@blueprint.post("/api/v1/collections/<key>/entries")
def add(key: str) -> Response:
    """Add a passage with a note to the collection of an edit key; ``added`` is false where it was there already."""
    body = json_body(("passage_id", "note"))
    note = text_from(body, "note") if "note" in body else ""
    new = reading_lists.add(holdings().data, key, passage(text_from(body, "passage_id")), note)
    return json_answer({"added": new}, 201 if new else 200)
