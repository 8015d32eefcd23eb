-- Messages up to this one were said before the person came: nobody is expected to have read them.
ALTER TABLE users ADD COLUMN starts_after BIGINT NOT NULL DEFAULT 0;
UPDATE users SET starts_after = (SELECT COALESCE(MAX(id), 0) FROM messages);

-- How far one has read a room, and how much one wants to hear of it. Who has no row has read up to `starts_after`, and
-- wants to hear everything.
CREATE TABLE readings (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    room_id BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    upto BIGINT NOT NULL, -- the newest message that was read
    level BIGINT NOT NULL DEFAULT 0, -- 0: everything, 1: mentions, 2: nothing
    PRIMARY KEY (user_id, room_id)
);
CREATE INDEX readings_of_room ON readings (room_id);

-- Counting what is unread needs this index and no row.
DROP INDEX messages_of_room;
CREATE INDEX messages_of_room ON messages (room_id, id, author_id, deleted);

-- Whom a message mentions, in JSON: `[{"id":3,"name":"Bob"}]`, with id 0 for everyone. The names are those of that time, as
-- they stand in the body.
ALTER TABLE messages ADD COLUMN mentions TEXT NOT NULL DEFAULT '[]';

-- What is addressed to one person and was not read yet.
CREATE TABLE inbox (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    message_id BIGINT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    room_id BIGINT NOT NULL, -- the message's
    cause TEXT NOT NULL, -- 'mention', 'everyone' or 'direct'
    PRIMARY KEY (user_id, message_id)
);
CREATE INDEX inbox_of_message ON inbox (message_id);
