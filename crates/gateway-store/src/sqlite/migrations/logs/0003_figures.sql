-- What filters look for, in columns of its own; rows that are there already are gone through by the code that counts them.
ALTER TABLE logs ADD COLUMN hosting TEXT;
ALTER TABLE logs ADD COLUMN rule TEXT;
ALTER TABLE logs ADD COLUMN error_code TEXT;
ALTER TABLE logs ADD COLUMN unpriced INTEGER NOT NULL DEFAULT 0;

-- All that is sorted by or summed up stands in the index of time, so that reading a stretch of time reads no rows.
DROP INDEX logs_at;
CREATE INDEX logs_at ON logs (org, at DESC, id DESC, status, provider, model, hosting, latency_us, input_tokens,
    output_tokens, tokens, cost);
-- Few rows have these, and those that have are looked for.
CREATE INDEX logs_asked  ON logs (org, asked, at DESC, id DESC)  WHERE asked IS NOT model;
CREATE INDEX logs_status ON logs (org, status, at DESC, id DESC) WHERE status <> 'success';
CREATE INDEX logs_error  ON logs (org, error_code, at DESC, id DESC) WHERE error_code IS NOT NULL;
CREATE INDEX logs_rule   ON logs (org, rule, at DESC, id DESC)   WHERE rule IS NOT NULL;

-- Figures per slot of time, filled from the rows by the code that counts them. Dimensions: 0 everything, 1 provider,
-- 2 model, 3 model of provider, 4 virtual key, 5 team, 6 customer, 7 hosting, 8 rule, 9 error. Grains: 0 minute, 1 hour,
-- 2 day, 3 week. A value that there is none of is empty.
DROP TABLE rollups_minute;
DROP TABLE rollups_hour;
CREATE TABLE rollups (
    org       TEXT    NOT NULL DEFAULT 'main',
    dimension INTEGER NOT NULL,
    grain     INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    value     TEXT    NOT NULL,
    requests  INTEGER NOT NULL,
    tokens    INTEGER NOT NULL,
    cost      INTEGER NOT NULL,
    v         INTEGER NOT NULL,
    figures   BLOB    NOT NULL,
    PRIMARY KEY (org, dimension, grain, at, value)
) STRICT, WITHOUT ROWID;
