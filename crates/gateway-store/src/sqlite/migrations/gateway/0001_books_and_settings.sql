-- Every table has the organisation that its rows belong to, and what is kept as a record has the version of its
-- format. Times are milliseconds since the epoch, money is nano-dollars, ids that we make are the 16 bytes of a UUIDv7.

CREATE TABLE documents (
    org     TEXT    NOT NULL DEFAULT 'main',
    section TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    v       INTEGER NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (org, section, name)
) STRICT;

CREATE TABLE revisions (
    org    TEXT    NOT NULL DEFAULT 'main',
    number INTEGER NOT NULL,
    v      INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    author TEXT    NOT NULL,
    edits  TEXT    NOT NULL,
    PRIMARY KEY (org, number)
) STRICT;

CREATE TABLE objects (
    org     TEXT    NOT NULL DEFAULT 'main',
    kind    TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    v       INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    expires INTEGER,
    body    TEXT    NOT NULL,
    PRIMARY KEY (org, kind, id)
) STRICT;

CREATE INDEX objects_expires ON objects (org, expires) WHERE expires IS NOT NULL;

-- A projection of the charges, beside what is granted.
CREATE TABLE quota_windows (
    org         TEXT    NOT NULL DEFAULT 'main',
    quota       TEXT    NOT NULL,
    window      INTEGER NOT NULL,
    v           INTEGER NOT NULL,
    unit        TEXT    NOT NULL,
    started     INTEGER NOT NULL,
    ends        INTEGER NOT NULL,
    granted     INTEGER NOT NULL,
    settled     INTEGER NOT NULL,
    overrun     INTEGER NOT NULL,
    unaccounted INTEGER NOT NULL,
    PRIMARY KEY (org, quota, window)
) STRICT, WITHOUT ROWID;

-- What a crash would leave unaccounted: found at a start without reading every window there ever was.
CREATE INDEX quota_windows_out ON quota_windows (org, quota, window) WHERE granted > settled + unaccounted;

-- `seq` is the order in which entries were written; ids of one millisecond have none.
CREATE TABLE ledger_entries (
    seq         INTEGER PRIMARY KEY,
    org         TEXT    NOT NULL DEFAULT 'main',
    id          BLOB    NOT NULL,
    v           INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    request     BLOB    NOT NULL,
    virtual_key TEXT,
    total       INTEGER NOT NULL,
    body        TEXT    NOT NULL,
    UNIQUE (org, id)
) STRICT;

-- The charges of an entry once more, so that a window can be recomputed without reading bodies.
CREATE TABLE ledger_charges (
    org     TEXT    NOT NULL DEFAULT 'main',
    entry   BLOB    NOT NULL,
    place   INTEGER NOT NULL,
    quota   TEXT    NOT NULL,
    window  INTEGER NOT NULL,
    unit    TEXT    NOT NULL,
    amount  INTEGER NOT NULL,
    overrun INTEGER NOT NULL,
    PRIMARY KEY (org, entry, place)
) STRICT, WITHOUT ROWID;

CREATE INDEX ledger_charges_window ON ledger_charges (org, quota, window);
