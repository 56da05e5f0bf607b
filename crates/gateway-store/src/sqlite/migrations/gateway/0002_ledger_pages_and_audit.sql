-- What the ledger is asked by: parties, request and time of an entry, providers and models of its legs, quotas of its
-- charges; pages go by `seq`, so every index ends in it.
ALTER TABLE ledger_entries ADD COLUMN team TEXT;
ALTER TABLE ledger_entries ADD COLUMN customer TEXT;

UPDATE ledger_entries SET team = json_extract(body, '$.team'), customer = json_extract(body, '$.customer')
WHERE json_extract(body, '$.team') IS NOT NULL OR json_extract(body, '$.customer') IS NOT NULL;

CREATE INDEX ledger_entries_virtual_key ON ledger_entries (org, virtual_key, seq) WHERE virtual_key IS NOT NULL;
CREATE INDEX ledger_entries_team        ON ledger_entries (org, team, seq)        WHERE team IS NOT NULL;
CREATE INDEX ledger_entries_customer    ON ledger_entries (org, customer, seq)    WHERE customer IS NOT NULL;
CREATE INDEX ledger_entries_request     ON ledger_entries (org, request, seq);
CREATE INDEX ledger_entries_at          ON ledger_entries (org, at, seq);

CREATE TABLE ledger_legs (
    org      TEXT    NOT NULL DEFAULT 'main',
    seq      INTEGER NOT NULL,
    place    INTEGER NOT NULL,
    provider TEXT    NOT NULL,
    model    TEXT    NOT NULL,
    PRIMARY KEY (org, seq, place)
) STRICT, WITHOUT ROWID;

INSERT INTO ledger_legs (org, seq, place, provider, model)
SELECT org, seq, leg.key, json_extract(leg.value, '$.provider'), json_extract(leg.value, '$.model')
FROM ledger_entries, json_each(body, '$.legs') AS leg;

CREATE INDEX ledger_legs_provider ON ledger_legs (org, provider, seq);
CREATE INDEX ledger_legs_model    ON ledger_legs (org, model, seq);

ALTER TABLE ledger_charges ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;

UPDATE ledger_charges SET seq = coalesce(
    (SELECT e.seq FROM ledger_entries AS e WHERE e.org = ledger_charges.org AND e.id = ledger_charges.entry), 0
);

CREATE INDEX ledger_charges_quota ON ledger_charges (org, quota, seq);

-- With all that a window is recomputed from, so that this reads nothing but the index.
DROP INDEX ledger_charges_window;
CREATE INDEX ledger_charges_window ON ledger_charges (org, quota, window, unit, amount, overrun);

-- What it takes to recompute a window beside its charges: what they raised `granted` and `overrun` by, what crashes left
-- unaccounted and what of that was written off. And when the window was reset: it is over from then on, whatever its cut.
ALTER TABLE quota_windows ADD COLUMN raised INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quota_windows ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quota_windows ADD COLUMN written_off INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quota_windows ADD COLUMN reset_at INTEGER;

UPDATE quota_windows SET lost = unaccounted, raised = overrun - (
    SELECT coalesce(sum(c.overrun), 0) FROM ledger_charges AS c
    WHERE c.org = quota_windows.org AND c.quota = quota_windows.quota AND c.window = quota_windows.window
);

-- The audit log: a chain of hashes, and where it ends.
CREATE TABLE audit_records (
    org      TEXT    NOT NULL DEFAULT 'main',
    seq      INTEGER NOT NULL,
    v        INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    target   TEXT    NOT NULL,
    revision INTEGER,
    hash     BLOB    NOT NULL,
    before   TEXT,
    after    TEXT,
    PRIMARY KEY (org, seq)
) STRICT;

CREATE INDEX audit_records_actor  ON audit_records (org, actor, seq);
CREATE INDEX audit_records_action ON audit_records (org, action, seq);
CREATE INDEX audit_records_target ON audit_records (org, target, seq);

CREATE TABLE audit_heads (
    org  TEXT    NOT NULL DEFAULT 'main',
    seq  INTEGER NOT NULL,
    hash BLOB    NOT NULL,
    PRIMARY KEY (org, seq)
) STRICT, WITHOUT ROWID;
