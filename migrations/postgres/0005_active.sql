-- Whoever is no longer active cannot sign in; what they wrote stays.
ALTER TABLE users ADD COLUMN active BIGINT NOT NULL DEFAULT 1;

-- Notices are kept for a set time.
CREATE INDEX notices_by_age ON notices (changed);
