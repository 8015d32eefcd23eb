-- Direct conversations: rooms named by the ids of their people ("3,17", ascending), so that the same people always meet in the
-- same one. Closed, with each of these people as a member, for good.
ALTER TABLE rooms ADD COLUMN direct TEXT;
CREATE UNIQUE INDEX rooms_direct ON rooms (direct);
-- The rooms that have a name of their own: there may be many more of the others.
CREATE INDEX rooms_named ON rooms (id) WHERE direct IS NULL;
