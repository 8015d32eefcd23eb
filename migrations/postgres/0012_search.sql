-- Accents are set aside with the help of Unicode, which other encodings do not have.
DO $$ BEGIN
    IF getdatabaseencoding() <> 'UTF8' THEN
        RAISE EXCEPTION 'Earshot needs a database in UTF8 (CREATE DATABASE .. ENCODING ''UTF8'' TEMPLATE template0)';
    END IF;
END $$;

-- The words of a text, without accents; punctuation parts them, also within addresses and names of files.
CREATE FUNCTION words_of(body TEXT) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    to_tsvector('pg_catalog.simple', translate(
        regexp_replace(normalize(body, NFD), '[\u0300-\u036F]', '', 'g'),
        '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32)));

ALTER TABLE messages ADD COLUMN words tsvector GENERATED ALWAYS AS (words_of(body)) STORED;
CREATE INDEX messages_by_words ON messages USING gin (words);
