-- How many notices each object has had. Its row is locked while a notice is added: hence commit order, hence no gaps.
CREATE TABLE objects (
    object TEXT PRIMARY KEY, -- 'Room.7'
    seq BIGINT NOT NULL
);

-- Outbox, live feed and catch-up in one. Times are microseconds since 1970 UTC, here and everywhere.
CREATE TABLE notices (
    object TEXT NOT NULL,
    seq BIGINT NOT NULL,
    action TEXT NOT NULL,
    entity TEXT NOT NULL,
    entity_id BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (object, seq)
);
