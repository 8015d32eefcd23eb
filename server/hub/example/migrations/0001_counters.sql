CREATE TABLE counters (
    id BIGINT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (id, value) VALUES (1, 0);
