-- Entries stand in segments: what was written in one go, as one row here. `seq` is the number of its first entry; the others
-- count on from it, and the next segment goes on from there. `names` has every name once, `ids` 16 bytes an entry, `records`
-- the entries themselves. Large columns stand last, so that a segment that cannot hold what is looked for is passed over
-- without being read.
CREATE TABLE ledger_segments (
    org          TEXT    NOT NULL DEFAULT 'main',
    seq          INTEGER NOT NULL,
    v            INTEGER NOT NULL,
    entries      INTEGER NOT NULL,
    low_at       INTEGER NOT NULL,
    high_at      INTEGER NOT NULL,
    low_id       BLOB    NOT NULL,
    high_id      BLOB    NOT NULL,
    low_request  BLOB    NOT NULL,
    high_request BLOB    NOT NULL,
    checksum     INTEGER NOT NULL,
    names        BLOB    NOT NULL,
    ids          BLOB    NOT NULL,
    records      BLOB    NOT NULL,
    PRIMARY KEY (org, seq)
) STRICT, WITHOUT ROWID;

-- Which segments may hold an id, a request or a time: an entry is written once, and found without going through all.
CREATE INDEX ledger_segments_spans
    ON ledger_segments (org, high_id, low_id, high_at, low_at, high_request, low_request);
