-- Which transaction has made a notice: by that each of several servers finds those that it has not handed over yet.
ALTER TABLE notices ADD COLUMN xid XID8 NOT NULL DEFAULT pg_current_xact_id();

CREATE INDEX notices_by_xid ON notices (xid);
