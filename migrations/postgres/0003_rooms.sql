CREATE TABLE rooms (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL,
    closed BIGINT NOT NULL, -- 0: everyone, 1: members only
    owner_id BIGINT NOT NULL REFERENCES users (id),
    created BIGINT NOT NULL
);

-- Of closed rooms. Open rooms have no list: everyone is in.
CREATE TABLE members (
    room_id BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    since BIGINT NOT NULL,
    PRIMARY KEY (room_id, user_id)
);
CREATE INDEX members_of_user ON members (user_id);
