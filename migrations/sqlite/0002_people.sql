-- Flags are 0 or 1.
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE, -- in lower case
    password_hash TEXT NOT NULL,
    admin BIGINT NOT NULL,
    pusher_user BIGINT NOT NULL, -- the role that admits to live updates
    created BIGINT NOT NULL
);

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE, -- SHA-256 of what the cookie holds: who reads this table cannot sign in with it
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
    data TEXT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires);
