-- Whose calls they were. Tags stand in the body, which a filter by tags reads.
ALTER TABLE logs ADD COLUMN team TEXT;
ALTER TABLE logs ADD COLUMN customer TEXT;

CREATE INDEX logs_team     ON logs (org, team, at DESC, id DESC)     WHERE team IS NOT NULL;
CREATE INDEX logs_customer ON logs (org, customer, at DESC, id DESC) WHERE customer IS NOT NULL;
