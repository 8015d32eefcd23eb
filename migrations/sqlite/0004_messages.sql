CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    author_id BIGINT NOT NULL REFERENCES users (id),
    client_id TEXT NOT NULL, -- made by the form that posts it: a second sending of one form makes no second message
    body TEXT NOT NULL,
    posted BIGINT NOT NULL,
    edited BIGINT,
    UNIQUE (author_id, client_id)
);
CREATE INDEX messages_of_room ON messages (room_id, id);
