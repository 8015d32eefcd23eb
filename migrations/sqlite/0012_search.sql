-- The words of every message, kept by the triggers below; the texts stay in `messages`. The prefixes are for words that are
-- still being typed.
CREATE VIRTUAL TABLE message_words USING fts5(
    body, content = 'messages', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3 4'
);
INSERT INTO message_words (message_words) VALUES ('rebuild');

CREATE TRIGGER message_words_posted AFTER INSERT ON messages BEGIN
    INSERT INTO message_words (rowid, body) VALUES (new.id, new.body);
END;
CREATE TRIGGER message_words_edited AFTER UPDATE OF body ON messages BEGIN
    INSERT INTO message_words (message_words, rowid, body) VALUES ('delete', old.id, old.body);
    INSERT INTO message_words (rowid, body) VALUES (new.id, new.body);
END;
CREATE TRIGGER message_words_deleted AFTER DELETE ON messages BEGIN
    INSERT INTO message_words (message_words, rowid, body) VALUES ('delete', old.id, old.body);
END;
