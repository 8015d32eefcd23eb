-- What was sent when the message was posted, as a hash: sent again, it is known, whatever has become of the message since.
ALTER TABLE messages ADD COLUMN sent TEXT; -- none of what was posted before
