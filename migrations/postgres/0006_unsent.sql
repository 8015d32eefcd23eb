-- Notices that an outside service has not taken yet, in the order in which they are sent.
CREATE TABLE unsent (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    object TEXT NOT NULL,
    seq BIGINT NOT NULL,
    FOREIGN KEY (object, seq) REFERENCES notices (object, seq) ON DELETE CASCADE
);
CREATE INDEX unsent_of_notice ON unsent (object, seq);
