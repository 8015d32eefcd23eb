-- What a person says about themselves, and the version of their picture. Its file is named by both.
ALTER TABLE users ADD COLUMN about TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN picture BIGINT;

-- The browser in which a session began, in its own words; when and from where it was last used.
ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN used BIGINT NOT NULL DEFAULT 0;

-- The link by which people join: one row. It stands here as it is, because administrators are shown it again.
CREATE TABLE join_links (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    token TEXT NOT NULL
);

CREATE TABLE resets (
    key TEXT PRIMARY KEY, -- SHA-256 of what the link holds: who reads this table cannot use it
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires BIGINT NOT NULL
);
CREATE INDEX resets_of_user ON resets (user_id);
CREATE INDEX resets_by_expiry ON resets (expires);
