-- What was withdrawn. A tombstone holds no words, only hashes of them; `target` is the id that was named, `words`
-- empty where that is a whole document. `contents` lists the SHA-256 of the files the document was read from.
CREATE TABLE IF NOT EXISTS withdrawn (
    id           INTEGER PRIMARY KEY,
    target       TEXT NOT NULL,
    document_id  TEXT NOT NULL,
    words        TEXT NOT NULL,
    lead         TEXT NOT NULL,
    count        INTEGER NOT NULL,
    everywhere   INTEGER NOT NULL,
    authority    TEXT,
    meeting_date TEXT,
    contents     TEXT NOT NULL,
    day          TEXT NOT NULL,
    reason       TEXT NOT NULL,
    UNIQUE (target, words)
);

-- Where stored texts are blank for it: offsets as in documents.text.
CREATE TABLE IF NOT EXISTS withdrawn_places (
    document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    start       INTEGER NOT NULL,
    "end"       INTEGER NOT NULL,
    withdrawn   INTEGER NOT NULL REFERENCES withdrawn ON DELETE CASCADE,
    PRIMARY KEY (document_id, start, "end", withdrawn)
) WITHOUT ROWID;
