-- One row per client request: the columns that filters, orders and totals need, then the whole record. What can be
-- large stands last, so that a scan does not read it.
CREATE TABLE logs (
    org           TEXT    NOT NULL DEFAULT 'main',
    id            BLOB    NOT NULL,
    v             INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    status        TEXT    NOT NULL,
    operation     TEXT,
    provider      TEXT,
    key           TEXT,
    model         TEXT,
    asked         TEXT,
    virtual_key   TEXT,
    latency_us    INTEGER NOT NULL,
    input_tokens  INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    tokens        INTEGER NOT NULL,
    cost          INTEGER NOT NULL,
    error         TEXT,
    body          TEXT    NOT NULL,
    request_body  TEXT,
    response_body TEXT,
    PRIMARY KEY (org, id)
) STRICT;

CREATE INDEX logs_at          ON logs (org, at DESC, id DESC);
CREATE INDEX logs_provider    ON logs (org, provider, at DESC, id DESC);
CREATE INDEX logs_model       ON logs (org, model, at DESC, id DESC);
CREATE INDEX logs_virtual_key ON logs (org, virtual_key, at DESC, id DESC);

-- Figures per slot of time. A provider, model or virtual key that there is none of is the empty string here, because
-- NULLs in a key are never equal.
CREATE TABLE rollups_minute (
    org           TEXT    NOT NULL DEFAULT 'main',
    at            INTEGER NOT NULL,
    provider      TEXT    NOT NULL,
    model         TEXT    NOT NULL,
    virtual_key   TEXT    NOT NULL,
    v             INTEGER NOT NULL,
    requests      INTEGER NOT NULL,
    successes     INTEGER NOT NULL,
    latency_us    INTEGER NOT NULL,
    input_tokens  INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cost          INTEGER NOT NULL,
    PRIMARY KEY (org, at, provider, model, virtual_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollups_hour (
    org           TEXT    NOT NULL DEFAULT 'main',
    at            INTEGER NOT NULL,
    provider      TEXT    NOT NULL,
    model         TEXT    NOT NULL,
    virtual_key   TEXT    NOT NULL,
    v             INTEGER NOT NULL,
    requests      INTEGER NOT NULL,
    successes     INTEGER NOT NULL,
    latency_us    INTEGER NOT NULL,
    input_tokens  INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cost          INTEGER NOT NULL,
    PRIMARY KEY (org, at, provider, model, virtual_key)
) STRICT, WITHOUT ROWID;
