-- What was attached to messages. The bytes stand in the files' store, under `key`.
CREATE TABLE files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    uploader_id BIGINT NOT NULL REFERENCES users (id),
    message_id BIGINT REFERENCES messages (id) ON DELETE CASCADE, -- none before it is posted
    place BIGINT NOT NULL DEFAULT 0, -- among the files of its message
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL, -- by its content
    size BIGINT NOT NULL, -- bytes
    width BIGINT, -- of a picture, in pixels, and so its height
    height BIGINT,
    created BIGINT NOT NULL
);
CREATE INDEX files_of_room ON files (room_id, message_id);
CREATE INDEX files_of_message ON files (message_id);
CREATE INDEX files_not_posted ON files (created) WHERE message_id IS NULL;

-- Keys whose bytes are to go, with those that are just being stored.
CREATE TABLE discarded (
    key TEXT PRIMARY KEY,
    since BIGINT NOT NULL -- 0: to go at once
);
CREATE INDEX discarded_by_age ON discarded (since);

-- Whatever takes a row away, be it the end of its room, takes the bytes away.
CREATE TRIGGER files_discard AFTER DELETE ON files
BEGIN
    INSERT INTO discarded (key, since) VALUES (OLD.key, 0) ON CONFLICT (key) DO NOTHING;
END;
