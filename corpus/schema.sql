-- The catalogue: everything Minutebook knows, from which every index can be rebuilt.
-- Offsets count characters of documents.text, half-open; page numbers start at 1.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- One row a text. `current` is 0 where another version of the record is searched in its place, or once no
-- source holds the text any more; `replaced_by` is that version. `added` is when the text was first stored (ISO
-- 8601, UTC); null where that was before it was kept. It stands last, as in catalogues that were begun without it.
CREATE TABLE documents (
    document_id   TEXT PRIMARY KEY,
    text          TEXT NOT NULL,
    title         TEXT NOT NULL,
    kind          TEXT NOT NULL,
    authority     TEXT,
    committee     TEXT,
    meeting_date  TEXT,
    url           TEXT,
    partial       INTEGER NOT NULL,
    notes         TEXT NOT NULL,
    current       INTEGER NOT NULL DEFAULT 1,
    replaced_by   TEXT,
    added         TEXT
);
CREATE INDEX documents_by_meeting ON documents (authority, committee, meeting_date);
CREATE INDEX documents_by_added ON documents (added, document_id) WHERE current;

-- How each derived value of a document was found, and what else was met.
CREATE TABLE provenance (
    document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    field       TEXT NOT NULL,
    value       TEXT,
    how         TEXT NOT NULL,
    considered  TEXT NOT NULL,
    PRIMARY KEY (document_id, field)
);

CREATE TABLE pages (
    document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    start       INTEGER NOT NULL,
    "end"       INTEGER NOT NULL,
    route       TEXT NOT NULL,
    PRIMARY KEY (document_id, number)
);

CREATE TABLE items (
    document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    number      TEXT,
    agenda      TEXT,
    title       TEXT NOT NULL,
    start       INTEGER NOT NULL,
    "end"       INTEGER NOT NULL,
    anchor      TEXT,
    partial     INTEGER NOT NULL,
    restricted  INTEGER NOT NULL,
    completed_by TEXT,
    PRIMARY KEY (document_id, position)
);

-- What was recorded: attendees, motions and amendments, decisions, interests, actions; `fields` is the JSON of
-- the dataclass of that name in corpus/model.py, without its offsets and how it was found.
CREATE TABLE records (
    document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    item        INTEGER,
    type        TEXT NOT NULL,
    start       INTEGER NOT NULL,
    "end"       INTEGER NOT NULL,
    how         TEXT NOT NULL,
    fields      TEXT NOT NULL,
    PRIMARY KEY (document_id, position)
);
CREATE INDEX records_by_type ON records (type, document_id);

-- `row` names a passage inside the indexes; it is never used twice. `records` lists the types of record that
-- it holds, each between commas: ",motion,decision,". `hidden` is 1 where the item is cut off here and searched
-- in the document that completes it (items.completed_by).
CREATE TABLE passages (
    row         INTEGER PRIMARY KEY AUTOINCREMENT,
    passage_id  TEXT NOT NULL UNIQUE,
    document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    item        INTEGER,
    kind        TEXT NOT NULL,
    start       INTEGER NOT NULL,
    "end"       INTEGER NOT NULL,
    page        INTEGER,
    partial     INTEGER NOT NULL,
    records     TEXT NOT NULL,
    context     TEXT NOT NULL,
    vector_key  TEXT NOT NULL,
    hidden      INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX passages_by_document ON passages (document_id, position);

-- Each file that was ever ingested; document_id is null where it could not be read, and problem says why.
CREATE TABLE sources (
    location    TEXT PRIMARY KEY,
    path        TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    document_id TEXT REFERENCES documents,
    problem     TEXT
);
CREATE INDEX sources_by_document ON sources (document_id);

-- The sketch of each text (see corpus/versions.py), by which versions of one record are found.
CREATE TABLE sketches (
    document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    hash        INTEGER NOT NULL,
    PRIMARY KEY (hash, document_id)
) WITHOUT ROWID;
CREATE INDEX sketches_by_document ON sketches (document_id);

-- Vectors by what was embedded, so that no text is ever embedded twice with one model. `crc` is the CRC-32 of
-- it and of what it is stored under (see corpus/vectors.py); null where it was stored before that was kept.
-- The tables and triggers of the checksums of all else are made by corpus/seals.py.
CREATE TABLE vectors (
    model  TEXT NOT NULL,
    key    TEXT NOT NULL,
    vector BLOB NOT NULL,
    crc    INTEGER,
    PRIMARY KEY (model, key)
) WITHOUT ROWID;
