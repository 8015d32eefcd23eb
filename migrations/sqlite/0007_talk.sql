-- A deleted message keeps its place, without its body.
ALTER TABLE messages ADD COLUMN deleted BIGINT;
-- The message that this one answers, in the same room.
ALTER TABLE messages ADD COLUMN reply_to BIGINT REFERENCES messages (id);
CREATE INDEX replies_to_message ON messages (reply_to) WHERE reply_to IS NOT NULL;

-- What somebody put under a message.
CREATE TABLE reactions (
    message_id BIGINT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    emoji TEXT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    added BIGINT NOT NULL,
    PRIMARY KEY (message_id, user_id, emoji)
);
