-- Rows stand in segments: some hundred of them, of one hour, in the order of time, as one row here. What they are chosen and
-- put in order by stands in `names` (every name once) and `columns` (figures, and numbers of names); `records` are the
-- whole rows, one after the other. Large columns stand last, so that a segment that cannot hold what is looked for is passed
-- over without being read.
CREATE TABLE log_segments (
    no       INTEGER PRIMARY KEY,
    org      TEXT    NOT NULL DEFAULT 'main',
    v        INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    low_id   BLOB    NOT NULL,
    high_id  BLOB    NOT NULL,
    rows     INTEGER NOT NULL,
    content  INTEGER NOT NULL,
    small    INTEGER NOT NULL,
    names    BLOB    NOT NULL,
    columns  BLOB    NOT NULL,
    records  BLOB    NOT NULL,
    UNIQUE (org, last_at, low_id, high_id, no)
) STRICT;

CREATE INDEX log_segments_first ON log_segments (org, first_at);
-- Those that wait for more of their hour to be joined with.
CREATE INDEX log_segments_small ON log_segments (org, last_at, rows) WHERE small;

-- Bodies of requests and answers, where they are kept.
CREATE TABLE log_contents (
    org           TEXT NOT NULL DEFAULT 'main',
    id            BLOB NOT NULL,
    request_body  TEXT,
    response_body TEXT,
    PRIMARY KEY (org, id)
) STRICT;
