-- How many notices each object has had. Its row is locked while a notice is added: hence commit order, hence no gaps.
CREATE TABLE IF NOT EXISTS objects (
    object TEXT PRIMARY KEY, -- 'Room.7'
    seq BIGINT NOT NULL
);

-- Outbox, live feed and catch-up in one. Times are microseconds since 1970 UTC.
CREATE TABLE IF NOT EXISTS notices (
    object TEXT NOT NULL,
    seq BIGINT NOT NULL,
    action TEXT NOT NULL,
    entity TEXT NOT NULL,
    entity_id BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    -- Which transaction has made it: by that each of several servers finds those that it has not handed over yet.
    xid XID8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (object, seq)
);

-- Notices that an outside service has not taken yet, in the order in which they are sent.
CREATE TABLE IF NOT EXISTS unsent (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    object TEXT NOT NULL,
    seq BIGINT NOT NULL,
    FOREIGN KEY (object, seq) REFERENCES notices (object, seq) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS unsent_of_notice ON unsent (object, seq);
CREATE INDEX IF NOT EXISTS notices_by_age ON notices (changed);
CREATE INDEX IF NOT EXISTS notices_by_xid ON notices (xid);
