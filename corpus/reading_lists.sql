-- Collections: what people kept and noted. Keys are stored as their SHA-256 only, so that who reads this file
-- cannot open a collection by its link.

CREATE TABLE collections (
    id         INTEGER PRIMARY KEY,
    edit_hash  TEXT NOT NULL UNIQUE,
    share_hash TEXT NOT NULL UNIQUE,
    title      TEXT NOT NULL,
    created    TEXT NOT NULL,
    changed    TEXT NOT NULL
);

-- `quote`, `start`, `end` and `citation` are as they were when the passage was added: they outlive its document.
CREATE TABLE entries (
    collection  INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    passage_id  TEXT NOT NULL,
    document_id TEXT NOT NULL,
    position    INTEGER NOT NULL,
    quote       TEXT NOT NULL,
    start       INTEGER NOT NULL,
    "end"       INTEGER NOT NULL,
    citation    TEXT NOT NULL,
    note        TEXT NOT NULL DEFAULT '',
    added       TEXT NOT NULL,
    PRIMARY KEY (collection, passage_id)
) WITHOUT ROWID;
