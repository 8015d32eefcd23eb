-- Copies of rooms that people have ordered. The archive stands in the files' store, under `key`.
CREATE TABLE exports (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room_id BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    owner_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created BIGINT NOT NULL,
    done BIGINT NOT NULL DEFAULT 0, -- messages that are written
    total BIGINT, -- messages there are to write; none before it is begun
    finished BIGINT,
    failure TEXT, -- why it was given up
    key TEXT,
    size BIGINT -- bytes of the archive
);
CREATE INDEX exports_of_owner ON exports (owner_id, id);
CREATE INDEX exports_of_room ON exports (room_id);
CREATE INDEX exports_by_age ON exports (created);
CREATE INDEX exports_to_do ON exports (id) WHERE finished IS NULL AND failure IS NULL;

CREATE TRIGGER exports_discard AFTER DELETE ON exports FOR EACH ROW WHEN (OLD.key IS NOT NULL) EXECUTE FUNCTION discard();
