-- Made by the form that makes the room: a second sending of one form makes no second room.
ALTER TABLE rooms ADD COLUMN client_id TEXT; -- none of those that were made without a form
CREATE UNIQUE INDEX rooms_client_id ON rooms (owner_id, client_id);
